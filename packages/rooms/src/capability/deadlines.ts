/** When the room wants to be woken: the earliest of all the times it waits for. */
import type { RoomData } from "../data.ts";

export function nextDeadline(data: RoomData): number | undefined {
  let next = Number.POSITIVE_INFINITY;
  for (const socket of data.sockets.values()) {
    next = Math.min(next, socket.state === "waiting" ? socket.deadline : socket.silentAt);
  }
  for (const member of data.members.values()) {
    if (member.place.state === "recovering") next = Math.min(next, member.place.deadline);
  }
  return Number.isFinite(next) ? next : undefined;
}
