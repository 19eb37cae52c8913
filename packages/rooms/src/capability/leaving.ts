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
  turn.change({ change: "left", id: member.id, why });
}
