/** What a user says to others, passed on unread. */
import { refusal } from "@satsuma/protocol";
import type { Seat } from "./data.ts";
import type { OrangeTurn } from "./turn.ts";

/** `from` is the sender's name: Orange tells no more. */
export function passDirect(turn: OrangeTurn, seat: Seat, to: string, message: string): void {
  const receiver = turn.data.seats.get(to);
  if (receiver?.socket !== undefined) turn.tell(receiver, { type: "directMessage", from: seat.user.name, message });
  else if (seat.socket !== undefined) turn.refuse(seat.socket, refusal("not-found", "Nobody of that id is connected."));
}

/** In one order for everyone, together with the notices of those who leave; never back to the sender. */
export function passEncrypted(turn: OrangeTurn, seat: Seat, payload: string): void {
  turn.tellOthers(seat, { type: "e2eeMlsMessage", payload });
}
