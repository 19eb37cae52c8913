/** Who may speak, how often, and when silence means that a socket is lost. */
import { refusal } from "@satsuma/protocol";
import { take } from "../bucket.ts";
import type { SocketId } from "../input.ts";
import type { Speaker, Turn } from "../turn.ts";
import { lose } from "./grace.ts";

/**
 * Everything a socket says passes here first: it proves life, and is counted. Gives undefined when the message goes no
 * further: the socket is unknown, has not said hello, or speaks too often.
 */
export function admit(turn: Turn, id: SocketId, command?: number): Speaker | undefined {
  const socket = turn.data.sockets.get(id);
  if (!socket) return undefined;
  if (socket.state === "waiting") {
    turn.dismiss(id, refusal("hello-first", "The first message of a connection is a hello."), command);
    return undefined;
  }
  const { messageRate, messageBurst, pingInterval } = turn.settings;
  socket.silentAt = turn.now + 3 * pingInterval;
  socket.messages = take(socket.messages, messageRate, messageBurst, turn.now);
  if (socket.messages.tokens < 0) {
    const tooMany = refusal("too-many-requests", `A connection may send ${messageRate} messages a second.`);
    turn.refuse(id, tooMany, command);
    if (socket.messages.tokens <= -messageBurst) drop(turn, id, "too-many-requests");
    return undefined;
  }
  const member = turn.data.members.get(socket.participant);
  if (!member) throw new Error("a joined socket has no member");
  return { socket: id, joined: socket, member };
}

/** Sockets that have been silent for too long. */
export function expireSilent(turn: Turn): void {
  for (const [id, socket] of turn.data.sockets) {
    if (socket.state !== "joined" || socket.silentAt > turn.now) continue;
    const silent = refusal("timed-out", "Nothing was heard from this connection for three ping intervals.");
    turn.refuse(id, silent);
    drop(turn, id, "timed-out");
  }
}

function drop(turn: Turn, id: SocketId, reason: "too-many-requests" | "timed-out"): void {
  lose(turn, id);
  turn.close(id, reason);
}
