/** What happens to a participant whose socket is gone: the place is kept for a while, then given up. */
import type { Member } from "../data.ts";
import type { SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { remove } from "./leaving.ts";
import { stopWaiting } from "./lobby.ts";
import { fallSilent } from "./signalling.ts";

/** A socket is gone, whoever closed it. One that the room has already closed or replaced changes nothing. */
export function lose(turn: Turn, id: SocketId, leaving = false): void {
  const socket = turn.unseat(id);
  stopWaiting(turn, socket);
  if (socket?.state !== "joined") return;
  const member = turn.data.members.get(socket.participant);
  if (member?.place.state !== "connected" || member.place.socket !== id) return;
  const { grace, leavingGrace } = turn.settings;
  const deadline = turn.now + (leaving ? Math.min(grace, leavingGrace) : grace);
  member.place = { state: "recovering", deadline };
  turn.wakeAt(deadline);
  member.watching.clear();
  fallSilent(turn, member.id);
  turn.change({ change: "connection", id: member.id, connection: "recovering" });
}

/**
 * Whoever asks something of the media server is here, with or without a socket: a proxy may let requests through and no
 * sockets, and media goes on all the while.
 */
export function keepPlace(member: Member, grace: number, now: number): void {
  if (member.place.state === "recovering" && member.place.deadline > now) {
    member.place = { state: "recovering", deadline: Math.max(member.place.deadline, now + grace) };
  }
}

export function expirePlaces(turn: Turn): void {
  for (const member of turn.data.members.values()) {
    if (member.place.state === "recovering" && member.place.deadline <= turn.now) remove(turn, member, "timed-out");
  }
}
