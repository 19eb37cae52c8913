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
  // Who speaks is gone in a moment, and worth no write.
  if (!isSameButSpeaking(before, user)) turn.floor.touch({ seat: seat.id });
  if (user.joined) {
    const refused = turn.floor.show(guestOf(seat));
    if (refused) {
      seat.user = { ...user, joined: false };
      if (seat.socket !== undefined) turn.refuse(seat.socket, refused);
    } else {
      seat.hasJoined = true;
      tellOf(turn, before.joined ? before : undefined, user);
    }
  } else if (before.joined) {
    turn.floor.hide(seat.id, "left");
  }
  turn.changed();
}

/** The hand and the voice are told when they change: what a moderator has done to a hand stays done. */
function tellOf({ floor }: OrangeTurn, before: OrangeUser | undefined, { id, raisedHand, speaking }: OrangeUser): void {
  if ((before?.raisedHand ?? false) !== raisedHand) floor.hand(id, raisedHand);
  if ((before?.speaking ?? false) !== speaking) floor.speak(id, speaking);
}

function isSameButSpeaking(a: OrangeUser, b: OrangeUser): boolean {
  return JSON.stringify({ ...a, speaking: false }) === JSON.stringify({ ...b, speaking: false });
}
