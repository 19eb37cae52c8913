/** When the room wants to be woken: the earliest of all the times it waits for. */
import type { RoomData } from "../data.ts";
import { judgedAt } from "../lateness.ts";
import { orangeDeadline } from "../orange/deadline.ts";
import type { RoomSettings } from "../settings.ts";
import { chatDeadline } from "./forgetting.ts";
import { keptUntil } from "./grace.ts";
import { endsAt } from "./meeting.ts";

export function nextDeadline(data: RoomData, settings: RoomSettings): number | undefined {
  return finite(Math.min(vigil(data, settings), endsAt(data), chatDeadline(data, settings)));
}

/** The same without a meeting's schedule and the age of its chat, which a room that slept knows from its storage. */
export function nextVigil(data: RoomData, settings: RoomSettings): number | undefined {
  return finite(vigil(data, settings));
}

function vigil(data: RoomData, settings: RoomSettings): number {
  const { orange, lookAt, listening, pending, lobbyAt, emptyAt } = data;
  const empty = emptyAt ?? Number.POSITIVE_INFINITY;
  return Math.min(orangeDeadline(orange, settings.orange), judgedAt(listening, lookAt), pending.at, lobbyAt, empty);
}

function finite(time: number): number | undefined {
  return Number.isFinite(time) ? time : undefined;
}

/** Looks through all sockets and places; only a wake-up does, so that no other input pays for their number. */
export function settleDeadlines(data: RoomData): void {
  let next = Number.POSITIVE_INFINITY;
  for (const socket of data.sockets.values()) {
    next = Math.min(next, socket.state === "waiting" ? socket.deadline : socket.silentAt);
  }
  for (const { place } of data.members.values()) {
    if (place.state === "recovering") next = Math.min(next, keptUntil(data, place));
  }
  data.lookAt = next;
}
