/**
 * The whole state to everyone, in Orange's words.
 *
 * Orange sends it at every change. Its client looks only at the last one, so the first change after a quiet while is
 * told at once, and what follows within the window is told together at its end.
 */
import type { OrangeRoomState, OrangeUser } from "@satsuma/protocol";
import type { SocketId } from "../input.ts";
import { aiOf, aiUserOf } from "./ai.ts";
import type { OrangeTurn } from "./turn.ts";
import { userOf } from "./user.ts";

export function tellState(turn: OrangeTurn): void {
  const { told, sockets } = turn.data;
  if ((!told.stale && told.owed.size === 0) || !isDue(turn)) return;
  const to = told.stale ? [...sockets.keys()] : [...told.owed].filter((socket) => sockets.has(socket));
  told.stale = false;
  told.owed.clear();
  if (to.length === 0) return;
  told.at = turn.now;
  send(turn, to);
}

/** To a reader that has caught up, with the next state for everyone or by itself: many may catch up at once. */
export function owe({ data }: OrangeTurn, socket: SocketId): void {
  if (data.sockets.has(socket)) data.told.owed.add(socket);
}

/** Whether everyone may be told now, or only when the window is over. */
export function isDue({ data, settings, now }: OrangeTurn): boolean {
  return now >= data.told.at + settings.window;
}

/** To who has just come: the first thing its client hears. */
export function welcome(turn: OrangeTurn, socket: SocketId): void {
  send(turn, [socket]);
}

function send(turn: OrangeTurn, to: readonly SocketId[]): void {
  turn.send({ effect: "orange", to, message: { type: "roomState", state: stateOf(turn) } });
}

/** Users stand in the order of their ids, whichever door they came by; the AI is last. */
function stateOf({ data, floor }: OrangeTurn): OrangeRoomState {
  const users: OrangeUser[] = [...data.seats.values()].map(({ user }) => user);
  users.push(...floor.others().map(userOf));
  users.sort((a, b) => (a.id < b.id ? -1 : 1));
  const ai = aiUserOf(data.ai);
  if (ai) users.push(ai);
  const meetingId = floor.meeting();
  return { ...(meetingId !== undefined && { meetingId }), users, ai: aiOf(data.ai) };
}
