/** The first word of a socket: it opens, says hello, and is let in, asked to wait, or turned away. */
import { refusal } from "@satsuma/protocol";
import type { Hello, SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { admission } from "./admission.ts";
import { type Entered, enter, welcome } from "./entering.ts";
import { keepOthers } from "./grace.ts";
import { knock } from "./lobby.ts";

export function open(turn: Turn, socket: SocketId): void {
  if (turn.data.returns?.until === undefined) keepOthers(turn);
  const full = turn.data.waiting >= turn.settings.waiting;
  turn.seat(socket, { state: "waiting", deadline: turn.now + turn.settings.helloWithin });
  if (full) turn.dismiss(socket, refusal("too-many-requests", "Too many connections are waiting to join this room."));
}

/** The sockets are waiting; room.ts has looked. */
export function greet(turn: Turn, hellos: readonly Hello[]): void {
  const entered: Entered[] = [];
  for (const hello of hellos) {
    const { socket, claims } = hello;
    if (isOvertaken(turn, socket, claims.participant)) {
      turn.dismiss(socket, overtaken);
      continue;
    }
    const verdict = admission(turn, claims, hello);
    if (verdict.may === "not") turn.dismiss(socket, verdict.refusal);
    else if (verdict.may === "knock") knock(turn, socket, claims, hello);
    else entered.push(enter(turn, socket, claims, hello));
  }
  welcome(turn, entered);
}

/** Whoever gave a socket up, or left, may have come in on a newer one before what was said on the first is heard. */
function isOvertaken(turn: Turn, socket: SocketId, participant: string): boolean {
  const place = turn.data.members.get(participant)?.place;
  return place?.state === "connected" && socket < place.socket;
}

const overtaken = refusal("replaced", "This participant has joined on a newer connection.");

/** Sockets that have not said hello in time, which was over at `by` or before. */
export function expireWaiting(turn: Turn, by: number): void {
  for (const [id, socket] of turn.data.sockets) {
    if (socket.state === "waiting" && socket.deadline <= by) {
      turn.dismiss(id, refusal("hello-late", "No hello came in time."));
    }
  }
}
