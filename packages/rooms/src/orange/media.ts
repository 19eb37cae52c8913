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
export function pullable(data: OrangeData, floor: Floor, person: string, wanted: readonly string[]): string[] {
  const seats = [...data.seats.values()].filter((seat) => seat.person === person);
  if (!seats.some(({ id }) => floor.mayHear(id))) return [];
  const { voice } = data.ai;
  return wanted.filter((track) => {
    const [sessionId = "", trackName = ""] = track.split("/");
    return (voice?.session === sessionId && voice.track === trackName) || floor.isPublished({ sessionId, trackName });
  });
}

/** The sessions that a user speaks of and that are its own. */
export function sessionsInUse({ user, sessions }: Seat): string[] {
  const { tracks, transceiverSessionId } = user;
  const named = [tracks.audio, tracks.video, tracks.screenshare].map((track) => track?.split("/")[0]);
  return sessions.filter((session) => session === transceiverSessionId || named.includes(session));
}
