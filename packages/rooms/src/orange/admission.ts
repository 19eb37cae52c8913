/** Whether a message is heard: its socket is still its user's, and does not say too much. */
import { refusal } from "@satsuma/protocol";
import { take } from "../bucket.ts";
import type { SocketId } from "../input.ts";
import { disconnect } from "./connecting.ts";
import type { Listener, Seat } from "./data.ts";
import type { OrangeTurn } from "./turn.ts";

/** Undefined when the message goes no further. */
export function admit(
  turn: OrangeTurn,
  socket: SocketId,
): { readonly seat: Seat; readonly listener: Listener } | undefined {
  const listener = turn.data.sockets.get(socket);
  if (!listener) return undefined;
  const { messageRate, messageBurst } = turn.settings;
  listener.messages = take(listener.messages, messageRate, messageBurst, turn.now);
  if (listener.messages.tokens < 0) {
    if (listener.messages.tokens <= -messageBurst) drop(turn, socket);
    else turn.refuse(socket, refusal("too-many-requests", `A connection may send ${messageRate} messages a second.`));
    return undefined;
  }
  const seat = turn.data.seats.get(listener.seat);
  if (!seat) throw new Error("an open socket has no user");
  return { seat, listener };
}

/** Whether so many bytes may be passed on to the others. */
export function mayPass(turn: OrangeTurn, socket: SocketId, listener: Listener, bytes: number): boolean {
  const { passedRate, passedBurst } = turn.settings;
  const passed = take(listener.passed, passedRate, passedBurst, turn.now, bytes);
  if (passed.tokens < 0) {
    turn.refuse(socket, refusal("too-many-requests", `A connection may have ${passedRate} bytes a second passed on.`));
    return false;
  }
  listener.passed = passed;
  return true;
}

/** The user is not gone: it comes back in a second or more, with a full bucket. */
function drop(turn: OrangeTurn, socket: SocketId): void {
  turn.send({ effect: "orange-close", to: socket, code: 1011, reason: "too-many-requests" });
  disconnect(turn, socket);
}
