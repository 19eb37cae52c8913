/** What happens to a participant whose socket is gone: the place is kept for a while, then given up. */
import type { Member, RoomData } from "../data.ts";
import type { SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { watchNoMore } from "./entries.ts";
import { remove } from "./leaving.ts";
import { fallSilent } from "./signalling.ts";

/** A socket is gone, whoever closed it. One that the room has already closed or replaced changes nothing. */
export function lose(turn: Turn, id: SocketId, leaving = false): void {
  const socket = turn.unseat(id);
  if (socket?.state !== "joined") return;
  const member = turn.data.members.get(socket.participant);
  if (member?.place.state !== "connected" || member.place.socket !== id) return;
  const { grace, leavingGrace } = turn.settings;
  const deadline = turn.now + (leaving ? Math.min(grace, leavingGrace) : grace);
  member.place = { state: "recovering", deadline };
  turn.wakeAt(deadline);
  watchNoMore(turn, member);
  fallSilent(turn, member.id);
  turn.change({ change: "connection", id: member.id, connection: "recovering" });
}

/**
 * Whoever asks something of the media server is here, with or without a socket: a proxy may let requests through and no
 * sockets, and media goes on all the while.
 */
export function keepPlace(data: RoomData, member: Member, grace: number, now: number): void {
  const { place } = member;
  if (place.state !== "recovering" || keptUntil(data, place) <= now) return;
  member.place = { ...place, deadline: Math.max(place.deadline, now + grace) };
}

/**
 * Somebody comes back to a room that was read back, or is the first to reach it: the others are on their way too, and
 * a server that has all of them at its door may be slow to open it.
 */
export function keepOthers({ data, settings, now }: Turn): void {
  const { returns } = data;
  if (returns !== undefined) data.returns = { ...returns, until: Math.min(now + settings.grace, returns.latest) };
}

export function keptUntil({ returns }: RoomData, { deadline, read }: Recovering): number {
  return read ? Math.max(deadline, returns?.until ?? deadline) : deadline;
}

type Recovering = Extract<Member["place"], { state: "recovering" }>;

export function expirePlaces(turn: Turn, by: number): void {
  const { data } = turn;
  for (const member of data.members.values()) {
    const { place } = member;
    if (place.state === "recovering" && keptUntil(data, place) <= by) remove(turn, member, "timed-out");
  }
}
