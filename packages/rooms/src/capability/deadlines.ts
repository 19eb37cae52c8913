/** When the room wants to be woken: the earliest of all the times it waits for. */
import type { RoomData } from "../data.ts";
import { orangeDeadline } from "../orange/deadline.ts";
import type { RoomSettings } from "../settings.ts";

export function nextDeadline(data: RoomData, settings: RoomSettings): number | undefined {
  let next = orangeDeadline(data.orange, settings.orange);
  for (const socket of data.sockets.values()) {
    next = Math.min(next, socket.state === "waiting" ? socket.deadline : socket.silentAt);
  }
  for (const member of data.members.values()) {
    if (member.place.state === "recovering") next = Math.min(next, member.place.deadline);
  }
  return Number.isFinite(next) ? next : undefined;
}
