/**
 * Which tracks a person may pull here. Orange's client asks the media server without a word of its room, so this is asked
 * of every room that the person is in.
 *
 * What a user says of its tracks is shown to all as it came, but pulled only from sessions that are its own: otherwise a
 * track of another room could be had by naming it as one's own here.
 */
import type { OrangeData, Seat } from "./data.ts";
import type { Floor } from "./floor.ts";

/** Those of the wanted `session/name` that may be pulled by this person; none for who has no seat here. */
export function pullable(
  data: OrangeData,
  others: ReturnType<Floor["others"]>,
  person: string,
  wanted: readonly string[],
): string[] {
  const seats = [...data.seats.values()];
  if (!seats.some((seat) => seat.person === person)) return [];
  const there = new Set(seats.flatMap(ownTracks));
  for (const { tracks } of others) for (const { session, name } of tracks) there.add(`${session}/${name}`);
  const { voice } = data.ai;
  if (voice) there.add(`${voice.session}/${voice.track}`);
  return wanted.filter((track) => there.has(track));
}

function ownTracks({ user: { tracks }, sessions }: Seat): string[] {
  const named = [tracks.audio, tracks.video, tracks.screenshare].filter((track) => track !== undefined);
  return named.filter((track) => sessions.includes(sessionIn(track)));
}

/** The sessions that a user speaks of and that are its own: what ends with it. */
export function sessionsInUse({ user, sessions }: Seat): string[] {
  const { tracks, transceiverSessionId } = user;
  const named = [tracks.audio, tracks.video, tracks.screenshare].flatMap((track) => (track ? [sessionIn(track)] : []));
  return sessions.filter((session) => session === transceiverSessionId || named.includes(session));
}

function sessionIn(track: string): string {
  return track.split("/")[0] ?? "";
}
