/**
 * The lobby: whoever has to be admitted waits in front of the room, seeing nothing of it but that they wait; moderators
 * see who does.
 */
import { type Person, refusal } from "@satsuma/protocol";
import { fullBucket } from "../bucket.ts";
import type { Member, RoomData, Socket } from "../data.ts";
import type { Claims, Entrance, SocketId } from "../input.ts";
import type { Turn } from "../turn.ts";
import { mayDo } from "./permission.ts";

/** Of those who wait, moderators are told so many by name. */
const shown = 100;

export type Knocking = Extract<Socket, { state: "knocking" }>;

export function knock(turn: Turn, socket: SocketId, claims: Claims, entrance: Entrance): void {
  const { settings, now } = turn;
  const since = stopKnocking(turn, claims.participant, socket);
  if (turn.data.knocking >= settings.knocking) {
    turn.dismiss(socket, refusal("room-full", "Too many people wait to be admitted."));
    return;
  }
  turn.seat(socket, {
    state: "knocking",
    claims,
    entrance,
    since: since ?? now,
    silentAt: now + 3 * settings.pingInterval,
    messages: fullBucket(settings.messageBurst, now),
  });
  turn.tell([socket], { type: "waiting", pingInterval: settings.pingInterval });
}

/** One participant waits, or is in, on one socket: another one is closed. Gives the time from which it waited. */
export function stopKnocking(turn: Turn, participant: string, except: SocketId): number | undefined {
  if (turn.data.knocking === 0) return undefined;
  for (const [id, { claims, since }] of knocking(turn.data)) {
    if (id === except || claims.participant !== participant) continue;
    turn.dismiss(id, refusal("replaced", "This participant has come from elsewhere."));
    return since;
  }
  return undefined;
}

export function tellLobby(turn: Turn, member: Member): void {
  turn.tellMember(member, lobby(turn));
}

/** To every moderator, if it has changed since they were told and that was a moment ago. */
export function tellModerators(turn: Turn): void {
  const { data, now } = turn;
  if (data.lobbyAt > now) return;
  data.lobbyAt = Number.POSITIVE_INFINITY;
  const message = lobby(turn);
  for (const member of turn.data.members.values()) {
    if (mayDo(turn.data, member, "moderate")) turn.tellMember(member, message);
  }
}

export function peopleWaiting(data: RoomData): Person[] {
  return Array.from(knocking(data), ([, socket]) => personOf(socket));
}

function lobby(turn: Turn) {
  const waiting = peopleWaiting(turn.data);
  return { type: "lobby", waiting: waiting.slice(0, shown), count: waiting.length } as const;
}

function personOf({ claims, since }: Knocking): Person {
  return { id: claims.participant, identity: claims.identity, name: claims.name, since };
}

/** Those who wait, in the order of knocking. */
export function* knocking(data: RoomData): Generator<[SocketId, Knocking]> {
  for (const [id, socket] of data.sockets) if (socket.state === "knocking") yield [id, socket];
}
