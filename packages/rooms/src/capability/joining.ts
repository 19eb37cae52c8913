/** The first word of a socket: it opens, says hello, and is let in, asked to wait, or turned away. */
import { refusal } from "@satsuma/protocol";
import type { Claims, Entrance, SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { admission } from "./admission.ts";
import { enter, welcome } from "./entering.ts";
import { keepOthers } from "./grace.ts";
import { knock } from "./lobby.ts";

export function open(turn: Turn, socket: SocketId): void {
  if (turn.data.returns?.until === undefined) keepOthers(turn);
  const full = turn.data.waiting >= turn.settings.waiting;
  turn.seat(socket, { state: "waiting", deadline: turn.now + turn.settings.helloWithin });
  if (full) turn.dismiss(socket, refusal("too-many-requests", "Too many connections are waiting to join this room."));
}

/** The socket is waiting; room.ts has looked. */
export function hello(turn: Turn, socket: SocketId, claims: Claims, entrance: Entrance): void {
  if (isOvertaken(turn, socket, claims.participant)) {
    turn.dismiss(socket, overtaken);
    return;
  }
  const verdict = admission(turn, claims, entrance);
  if (verdict.may === "not") turn.dismiss(socket, verdict.refusal);
  else if (verdict.may === "knock") knock(turn, socket, claims, entrance);
  else welcome(turn, enter(turn, socket, claims, entrance));
}

/** Whoever gave a socket up, or left, may have come in on a newer one before what was said on the first is heard. */
function isOvertaken(turn: Turn, socket: SocketId, participant: string): boolean {
  const place = turn.data.members.get(participant)?.place;
  return place?.state === "connected" && socket < place.socket;
}

const overtaken = refusal("replaced", "This participant has joined on a newer connection.");

/** Sockets that have not said hello in time. */
export function expireWaiting(turn: Turn): void {
  for (const [id, socket] of turn.data.sockets) {
    if (socket.state === "waiting" && socket.deadline <= turn.now) {
      turn.dismiss(id, refusal("hello-late", "No hello came in time."));
    }
  }
}
