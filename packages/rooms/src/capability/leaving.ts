/** Leaving of one's own will, and the one way in which a member stops being one. */
import type { LeaveReason } from "@satsuma/protocol";
import type { Member } from "../data.ts";
import type { Speaker, Turn } from "../turn.ts";

export function leave(turn: Turn, speaker: Speaker, id: number): void {
  remove(turn, speaker.member, "left");
  turn.ack(speaker.socket, id);
  turn.close(speaker.socket, "left");
}

export function remove(turn: Turn, member: Member, why: LeaveReason): void {
  turn.data.members.delete(member.id);
  if (member.sessions.length > 0) turn.send({ effect: "release", sessions: member.sessions });
  turn.change({ change: "left", id: member.id, why });
}
