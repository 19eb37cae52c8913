/** When the room wants to be woken: the earliest of all the times it waits for. */
import type { RoomData } from "../data.ts";
import { orangeDeadline } from "../orange/deadline.ts";
import type { RoomSettings } from "../settings.ts";
import { meetingDeadline } from "./meeting.ts";

export function nextDeadline(data: RoomData, settings: RoomSettings): number | undefined {
  const orange = orangeDeadline(data.orange, settings.orange);
  const next = Math.min(orange, data.lookAt, data.pending.at, data.lobbyAt, meetingDeadline(data));
  return Number.isFinite(next) ? next : undefined;
}

/** Looks through all sockets and places; only a wake-up does, so that no other input pays for their number. */
export function settleDeadlines(data: RoomData): void {
  let next = Number.POSITIVE_INFINITY;
  for (const socket of data.sockets.values()) {
    next = Math.min(next, socket.state === "waiting" ? socket.deadline : socket.silentAt);
  }
  for (const { place } of data.members.values()) {
    if (place.state === "recovering") next = Math.min(next, place.deadline);
  }
  data.lookAt = next;
}
