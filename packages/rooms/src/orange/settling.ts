/**
 * What the room does to a guest of its own accord, such as by a moderator's word, becomes true for the user too: one who
 * was put out is gone, one whose microphone was muted is told.
 */
import type { Seat } from "./data.ts";
import { remove } from "./leaving.ts";
import { mute } from "./muting.ts";
import type { OrangeTurn } from "./turn.ts";

/** Those put out who are remembered. */
const mostEvicted = 1_000;

/** To be called when the room has changed. */
export function settle(turn: OrangeTurn): void {
  for (const seat of [...turn.data.seats.values()]) {
    if (!seat.user.joined) continue;
    const shown = turn.floor.shown(seat.id);
    if (!shown) evict(turn, seat);
    else if (seat.user.tracks.audioEnabled === true && shown.tracks.some(isMutedMicrophone)) mute(turn, seat);
  }
}

/** Somebody with a token for this id is here; a `_pk` is only what a client says. */
export function giveWay(turn: OrangeTurn, id: string): void {
  const seat = turn.data.seats.get(id);
  if (seat) evict(turn, seat);
}

function evict(turn: OrangeTurn, seat: Seat): void {
  const { evicted } = turn.data;
  evicted.add(seat.id);
  const [oldest] = evicted;
  if (evicted.size > mostEvicted && oldest !== undefined) evicted.delete(oldest);
  if (seat.socket !== undefined) turn.close(seat.socket, 1011, "removed");
  remove(turn, seat, "removed");
}

function isMutedMicrophone({ source, muted }: { readonly source: string; readonly muted: boolean }): boolean {
  return source === "microphone" && muted;
}
