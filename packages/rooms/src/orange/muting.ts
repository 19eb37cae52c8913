/** One user mutes another. Nobody can unmute anybody. */
import type { Seat } from "./data.ts";
import type { OrangeTurn } from "./turn.ts";
import { place } from "./updating.ts";

export function muteUser(turn: OrangeTurn, by: Seat, id: string): void {
  const seat = turn.data.seats.get(id);
  if (!seat) {
    turn.floor.mute({ ...by, name: by.user.name }, id);
    return;
  }
  // As in Orange: who is not connected cannot be told, and would unmute itself with its next word.
  if (seat.socket === undefined) return;
  mute(turn, seat);
}

export function mute(turn: OrangeTurn, seat: Seat): void {
  place(turn, seat, { ...seat.user, tracks: { ...seat.user.tracks, audioEnabled: false } });
  turn.tell(seat, { type: "muteMic" });
}
