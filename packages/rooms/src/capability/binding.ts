/** Which media sessions a participant made: the ground on which publishing and every media request is allowed. */
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";

/** Of a participant who is gone, or has its full number, nothing is kept: the session is released. */
export function bind(turn: Turn, participant: string, session: string): void {
  const member = turn.data.members.get(participant);
  if (member) member.making = Math.max(0, member.making - 1);
  if (turn.data.owners.has(session)) return;
  if (!member || member.sessions.length >= turn.settings.sessions) {
    turn.send({ effect: "release", sessions: [session] });
    return;
  }
  member.sessions = [...member.sessions, session];
  turn.data.owners.set(session, member);
  turn.touch(keyOf.member(participant));
}

/** The place that was kept for a session is free again. */
export function unmake(turn: Turn, participant: string): void {
  const member = turn.data.members.get(participant);
  if (member) member.making = Math.max(0, member.making - 1);
}

/** Tracks published from the session stay: their publisher is about to rebuild and publish them anew. */
export function unbind(turn: Turn, session: string): void {
  const member = turn.data.owners.get(session);
  if (!member) return;
  turn.data.owners.delete(session);
  member.sessions = member.sessions.filter((own) => own !== session);
  turn.touch(keyOf.member(member.id));
}
