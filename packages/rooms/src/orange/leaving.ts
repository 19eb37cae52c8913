/** The two ways in which a user is gone: by its own word, and by silence (liveness.ts). */
import type { LeaveReason } from "@satsuma/protocol";
import { forgetSpeaker } from "./ai.ts";
import type { Seat } from "./data.ts";
import { sessionsInUse } from "./media.ts";
import type { OrangeTurn } from "./turn.ts";

export function leave(turn: OrangeTurn, seat: Seat): void {
  if (seat.socket !== undefined) turn.close(seat.socket, 1000, "User left");
  const sessions = sessionsInUse(seat);
  if (sessions.length > 0) turn.send({ effect: "release", sessions });
  remove(turn, seat, "left");
}

/**
 * The notice makes others remove the user from their encrypted group. About somebody who never was in it, or to the user
 * itself, it would end their encryption, so the socket is closed first and only those who had joined are named.
 */
export function remove(turn: OrangeTurn, seat: Seat, why: LeaveReason): void {
  turn.data.seats.delete(seat.id);
  turn.floor.touch({ seat: seat.id });
  if (seat.hasJoined) turn.tellOthers(seat, { type: "userLeftNotification", id: seat.id });
  if (seat.user.joined) turn.floor.hide(seat.id, why);
  turn.floor.mindEmptiness();
  forgetSpeaker(turn, seat.id);
  turn.changed();
}
