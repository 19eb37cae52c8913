/** What a participant says it sends. The room keeps the word and checks that they may, and that the session is their own. */
import { limits, type Track, trackGrants } from "@satsuma/protocol";
import { done, type Outcome, refused, type Speaker } from "../asker.ts";
import type { Turn } from "../turn.ts";
import { andItsEnd, countEvents, refuseEvents } from "./logging.ts";

const kindOf = { microphone: "audio", "screen-audio": "audio", camera: "video", screen: "video" } as const;

export function publish(turn: Turn, speaker: Speaker, tracks: readonly Track[]): Outcome {
  const { member } = speaker;
  const published = member.face.tracks;
  const wrong = refusePublish(speaker, tracks);
  if (wrong) return wrong;
  const events = andItsEnd * tracks.filter(({ name }) => !published.some((other) => other.name === name)).length;
  const refusal = refuseEvents(turn, member.face.identity, events);
  if (refusal) return { outcome: "refused", refusal };
  countEvents(turn, member.face.identity, events);
  for (const track of tracks) {
    const before = published.find((other) => other.name === track.name);
    if (before && sameTrack(before, track)) continue;
    turn.change({ change: "published", id: member.id, track });
    if (!before) note(turn, speaker, "track-published", track);
  }
  return done;
}

export function unpublish(turn: Turn, speaker: Speaker, names: readonly string[]): Outcome {
  const { member } = speaker;
  const tracks = [...new Set(names)].map((name) => member.face.tracks.find((track) => track.name === name));
  if (tracks.includes(undefined)) return notPublished;
  for (const track of tracks) {
    if (!track) continue;
    turn.change({ change: "unpublished", id: member.id, name: track.name });
    note(turn, speaker, "track-unpublished", track);
  }
  return done;
}

export function mute(turn: Turn, { member }: Speaker, name: string, muted: boolean): Outcome {
  const track = member.face.tracks.find((other) => other.name === name);
  if (!track) return notPublished;
  if (track.muted !== muted) turn.change({ change: "muted", id: member.id, name, muted });
  return done;
}

const notPublished: Outcome = refused("not-found", "You have published no track of that name.");

function refusePublish({ member, grants }: Speaker, tracks: readonly Track[]): Outcome | undefined {
  const names = new Set(tracks.map((track) => track.name));
  if (names.size < tracks.length) return refused("bad-message", "Two tracks of one command have the same name.");
  if (tracks.some((track) => kindOf[track.source] !== track.kind)) {
    return refused("bad-message", "A track's kind does not fit its source.");
  }
  const forbidden = tracks.find((track) => !grants.has(trackGrants[track.source]));
  if (forbidden) return refused("not-allowed", `You may not publish a ${forbidden.source} here.`);
  if (tracks.some((track) => !member.sessions.includes(track.session))) {
    return refused("not-your-session", "A track can only be published from a media session of your own.");
  }
  const kept = member.face.tracks.filter((track) => !names.has(track.name)).length;
  if (kept + tracks.length > limits.tracksPerParticipant) {
    return refused("limit-reached", `A participant may publish ${limits.tracksPerParticipant} tracks at once.`);
  }
  return undefined;
}

function note(turn: Turn, { member }: Speaker, type: "track-published" | "track-unpublished", track: Track): void {
  const { identity, name } = member.face;
  turn.event({ type, who: { participant: member.id, identity, name }, track: track.name, source: track.source });
}

function sameTrack(a: Track, b: Track): boolean {
  return a.kind === b.kind && a.source === b.source && a.session === b.session && a.muted === b.muted;
}
