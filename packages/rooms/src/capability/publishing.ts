/** What a participant says it sends. The room keeps the word and checks that the session is the participant's own. */
import { limits, type Refusal, refusal, type Track } from "@satsuma/protocol";
import type { Speaker, Turn } from "../turn.ts";

const kindOf = { microphone: "audio", "screen-audio": "audio", camera: "video", screen: "video" } as const;

export function publish(turn: Turn, speaker: Speaker, id: number, tracks: readonly Track[]): void {
  const published = turn.participant(speaker.member.id).tracks;
  const wrong = refusePublish(tracks, published, speaker.member.sessions);
  if (wrong) {
    turn.refuse(speaker.socket, wrong, id);
    return;
  }
  for (const track of tracks) {
    const before = published.find((other) => other.name === track.name);
    if (!before || !sameTrack(before, track)) turn.change({ change: "published", id: speaker.member.id, track });
  }
  turn.ack(speaker.socket, id);
}

export function unpublish(turn: Turn, speaker: Speaker, id: number, names: readonly string[]): void {
  const published = turn.participant(speaker.member.id).tracks;
  const unique = new Set(names);
  for (const name of unique) {
    if (published.some((track) => track.name === name)) continue;
    turn.refuse(speaker.socket, refusal("not-found", "You have published no track of that name."), id);
    return;
  }
  for (const name of unique) turn.change({ change: "unpublished", id: speaker.member.id, name });
  turn.ack(speaker.socket, id);
}

function refusePublish(
  tracks: readonly Track[],
  published: readonly Track[],
  sessions: readonly string[],
): Refusal | undefined {
  const names = new Set(tracks.map((track) => track.name));
  if (names.size < tracks.length) return refusal("bad-message", "Two tracks of one command have the same name.");
  if (tracks.some((track) => kindOf[track.source] !== track.kind)) {
    return refusal("bad-message", "A track's kind does not fit its source.");
  }
  if (tracks.some((track) => !sessions.includes(track.session))) {
    return refusal("not-allowed", "A track can only be published from a media session of your own.");
  }
  const kept = published.filter((track) => !names.has(track.name)).length;
  if (kept + tracks.length > limits.tracksPerParticipant) {
    return refusal("limit-reached", `A participant may publish ${limits.tracksPerParticipant} tracks at once.`);
  }
  return undefined;
}

function sameTrack(a: Track, b: Track): boolean {
  return a.kind === b.kind && a.source === b.source && a.session === b.session && a.muted === b.muted;
}
