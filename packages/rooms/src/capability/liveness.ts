/** Who may speak, how often, and when silence means that a socket is lost. */
import { refusal } from "@satsuma/protocol";
import type { Speaker } from "../asker.ts";
import { take } from "../bucket.ts";
import type { Member, Socket } from "../data.ts";
import type { RoomCommand, SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { lose } from "./grace.ts";
import { grantsOf } from "./permission.ts";

/** In messages: a snapshot of a full room has 300 kB. */
export const resyncCost = 10;
/** A page has up to a hundred messages. */
const pageCost = 5;
const pages: readonly RoomCommand["do"][] = ["read", "audit", "watch", "list-votes", "list-audience", "list-bans"];

/** For how many messages a command counts: one more for every KiB, since most of it is told to everyone. */
export function costOf(command: RoomCommand, size = 0): number {
  return (pages.includes(command.do) ? pageCost - 1 : 0) + sizeCost(size);
}

export function sizeCost(size = 0): number {
  return 1 + Math.floor(size / 1024);
}

type Live = Exclude<Socket, { state: "waiting" }>;

/**
 * Everything a socket says passes here first: it proves life, and is counted. Gives undefined when the message goes no
 * further: the socket is unknown, has not said hello, or speaks too often. `cost` is how many messages it counts for.
 */
export function hearOut(turn: Turn, id: SocketId, command?: number, cost = 1): Live | undefined {
  const socket = turn.data.sockets.get(id);
  if (!socket) return undefined;
  if (socket.state === "waiting") {
    turn.dismiss(id, refusal("hello-first", "The first message of a connection is a hello."), command);
    return undefined;
  }
  const { messageRate, messageBurst, pingInterval } = turn.settings;
  socket.silentAt = turn.now + 3 * pingInterval;
  socket.messages = take(socket.messages, messageRate, messageBurst, turn.now, cost);
  if (socket.messages.tokens >= 0) return socket;
  const retryAfter = Math.ceil((-socket.messages.tokens * 1000) / messageRate);
  const message = `A connection may send ${messageRate} messages a second.`;
  turn.refuse(id, refusal("too-many-requests", message, { retryAfter }), command);
  if (socket.messages.tokens <= -messageBurst) drop(turn, id, "too-many-requests");
  return undefined;
}

/** The member behind a socket, as the one who asks. Somebody who only waits has nothing to ask. */
export function speakerOf(turn: Turn, id: SocketId, socket: Live, command: number): Speaker | undefined {
  if (socket.state === "knocking") {
    turn.refuse(id, refusal("not-a-member", "You have not been let in yet."), command);
    return undefined;
  }
  const member = memberOf(turn, socket);
  const { identity, name } = member.face;
  const actor = { participant: member.id, identity, name };
  return { kind: "member", member, socket: id, id: command, grants: grantsOf(member, turn.data.state.rules), actor };
}

/** Sockets that have been silent for too long, as of `by`. */
export function expireSilent(turn: Turn, by: number): void {
  for (const [id, socket] of turn.data.sockets) {
    if (socket.state === "waiting" || socket.silentAt > by) continue;
    turn.refuse(id, refusal("timed-out", "Nothing was heard from this connection for three ping intervals."));
    drop(turn, id, "timed-out");
  }
}

function memberOf(turn: Turn, socket: Extract<Socket, { state: "joined" }>): Member {
  const member = turn.data.members.get(socket.participant);
  if (!member) throw new Error("a joined socket has no member");
  return member;
}

function drop(turn: Turn, id: SocketId, reason: "too-many-requests" | "timed-out"): void {
  lose(turn, id);
  turn.close(id, reason);
}
