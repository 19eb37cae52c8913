/** Who is still here: whoever said a heartbeat in the last 15 seconds, whatever became of its socket. */

import { judgedUntil } from "../lateness.ts";
import { endAi } from "./ai.ts";
import { remove } from "./leaving.ts";
import type { OrangeTurn } from "./turn.ts";

/** Looks at the heartbeats and tells everyone the state, again and again while somebody is here. */
export function ring(turn: OrangeTurn): void {
  const { data, settings, now } = turn;
  if (data.alarmAt === undefined || now < data.alarmAt) return;
  const by = judgedUntil(data.listening, data.alarmAt, now, settings.heartbeatWithin / 3);
  if (by === undefined) return;
  cleanUp(turn, by);
  turn.changed();
  if (data.seats.size > 0) data.alarmAt = now + settings.alarmInterval;
  else end(turn);
}

/** The state is told by whoever asked for this. */
export function cleanUp(turn: OrangeTurn, by: number): void {
  for (const seat of [...turn.data.seats.values()]) {
    if (by - seat.heardAt <= turn.settings.heartbeatWithin) continue;
    if (seat.socket !== undefined) turn.close(seat.socket, 1011, "timed-out");
    remove(turn, seat, "timed-out");
  }
}

/** At the end of the process. Everyone comes back by itself, to wherever the room is then. */
export function shutOrange(turn: OrangeTurn): void {
  for (const socket of [...turn.data.sockets.keys()]) turn.close(socket, 1011, "shutting-down");
  turn.data.told.stale = false;
}

/** The meeting ends by itself, a while after the last one is gone. */
function end(turn: OrangeTurn): void {
  turn.data.alarmAt = undefined;
  endAi(turn);
  turn.data.evicted.clear();
}
