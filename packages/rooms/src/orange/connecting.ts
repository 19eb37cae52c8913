/** How a socket becomes a user's: a new one's, or that of one who comes back. And how it is lost, which changes nothing yet. */
import { orangeAiUser, type Refusal, refusal } from "@satsuma/protocol";
import { fullBucket } from "../bucket.ts";
import type { SocketId } from "../input.ts";
import { isLate } from "../lateness.ts";
import type { Seat } from "./data.ts";
import type { OrangeInput } from "./input.ts";
import { cleanUp } from "./liveness.ts";
import { isDue, welcome } from "./telling.ts";
import type { OrangeTurn } from "./turn.ts";
import { guestOf, newUser } from "./user.ts";

type Opened = Extract<OrangeInput, { input: "orange-opened" }>;

/** Sessions of one user that count as its own; the newest is in use, others are of rebuilds. */
const mostSessions = 16;

export function connect(turn: OrangeTurn, opened: Opened): void {
  const { data, settings, now } = turn;
  const wrong = refuseConnect(turn, opened);
  if (wrong) {
    turn.refuse(opened.socket, wrong);
    turn.close(opened.socket, 1011, wrong.code);
    return;
  }
  const alarmAt = data.alarmAt ?? now + settings.alarmInterval;
  data.alarmAt = alarmAt;
  const seat = data.seats.get(opened.id) ?? newSeat(turn, opened);
  seat.heardAt = now;
  // Before the newcomer can hear of it: the first thing it hears is the state.
  if (!isLate(data.listening, alarmAt, now)) cleanUp(turn, now);
  const { socket: replaced } = seat;
  seat.socket = opened.socket;
  data.sockets.set(opened.socket, {
    seat: seat.id,
    messages: fullBucket(settings.messageBurst, now),
    passed: fullBucket(settings.passedBurst, now),
  });
  // After the new one is in: the old one's end, now or late, is no longer the user's.
  if (replaced !== undefined) turn.close(replaced, 1011, "replaced");
  for (const session of opened.sessions) own(seat, session);
  if (seat.user.joined) turn.floor.show(guestOf(seat));
  turn.floor.begin();
  turn.floor.touch({ seat: seat.id });
  if (!isDue(turn)) welcome(turn, opened.socket);
  turn.changed();
}

/** A socket's end. The user stays until its heartbeats are missed. */
export function disconnect(turn: OrangeTurn, socket: SocketId): void {
  const listener = turn.data.sockets.get(socket);
  turn.data.sockets.delete(socket);
  const seat = listener && turn.data.seats.get(listener.seat);
  if (seat?.socket !== socket) return;
  seat.socket = undefined;
  if (seat.user.joined) turn.floor.show(guestOf(seat));
}

export function bind(turn: OrangeTurn, person: string, session: string): void {
  for (const seat of turn.data.seats.values()) {
    if (seat.person !== person) continue;
    own(seat, session);
    turn.floor.touch({ seat: seat.id });
    if (seat.user.joined) turn.floor.show(guestOf(seat));
  }
}

function refuseConnect(
  { data, floor, settings }: OrangeTurn,
  { id, person, name, since }: Opened,
): Refusal | undefined {
  const seat = data.seats.get(id);
  if (data.evicted.has(id)) return refusal("not-allowed", "You were put out of this room.");
  // Everyone in the room knows everyone's id, so an id alone proves nothing.
  if (id === orangeAiUser || floor.isTaken(id) || (seat && seat.person !== person)) {
    return refusal("not-allowed", "This id belongs to somebody else.");
  }
  if (!seat && data.seats.size >= settings.users)
    return refusal("room-full", `This room has its ${settings.users} users.`);
  return seat ? undefined : floor.refusalFor({ id, person, name, since });
}

function newSeat({ data, now }: OrangeTurn, { id, name, person, since }: Opened): Seat {
  const seat: Seat = {
    id,
    person,
    since,
    user: newUser(id, name),
    heardAt: now,
    socket: undefined,
    hasJoined: false,
    sessions: [],
  };
  data.seats.set(id, seat);
  return seat;
}

function own(seat: Seat, session: string): void {
  if (!seat.sessions.includes(session)) seat.sessions = [...seat.sessions, session].slice(-mostSessions);
}
