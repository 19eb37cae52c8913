/** What a user says of itself. It is kept as it came, except for who says it. */
import { type OrangeUser, refusal } from "@satsuma/protocol";
import type { Seat } from "./data.ts";
import type { OrangeTurn } from "./turn.ts";
import { guestOf } from "./user.ts";

export function updateUser(turn: OrangeTurn, seat: Seat, user: OrangeUser): void {
  if (user.id !== seat.id) {
    if (seat.socket !== undefined) turn.refuse(seat.socket, refusal("not-allowed", "A user speaks for itself only."));
    return;
  }
  // Orange's client repeats the name that it was given, so nobody notices that it cannot be changed in this way.
  place(turn, seat, { ...user, name: seat.user.name });
}

/** Replaces what is known of a user, and shows it to those who came by another door. */
export function place(turn: OrangeTurn, seat: Seat, user: OrangeUser): void {
  const before = seat.user;
  seat.user = user;
  if (user.joined) {
    const refused = turn.floor.show(guestOf(seat));
    if (refused) {
      seat.user = { ...user, joined: false };
      if (seat.socket !== undefined) turn.refuse(seat.socket, refused);
    } else {
      seat.hasJoined = true;
    }
  } else if (before.joined) {
    turn.floor.hide(seat.id, "left");
  }
  turn.changed();
}
