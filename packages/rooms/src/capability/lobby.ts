/**
 * The lobby: whoever has to be admitted waits in front of the room, seeing nothing of it but that they wait; moderators
 * see who does.
 */
import { type Person, refusal } from "@satsuma/protocol";
import { type Asker, done, type Outcome, refused } from "../asker.ts";
import { fullBucket } from "../bucket.ts";
import type { Member, Socket } from "../data.ts";
import type { Claims, Entrance, SocketId } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { admission } from "./admission.ts";
import { enter } from "./joining.ts";
import { mayDo } from "./permission.ts";

/** Of those who wait, moderators are told so many by name. */
const shown = 100;

type Knocking = Extract<Socket, { state: "knocking" }>;

export function knock(turn: Turn, socket: SocketId, claims: Claims, entrance: Entrance): void {
  const { settings, now } = turn;
  const waiting = [...knocking(turn)];
  const before = waiting.find(([, other]) => other.claims.participant === claims.participant);
  if (before) turn.dismiss(before[0], refusal("replaced", "This participant waits elsewhere."));
  else if (waiting.length >= settings.knocking) {
    turn.dismiss(socket, refusal("room-full", "Too many people wait to be admitted."));
    return;
  }
  turn.seat(socket, {
    state: "knocking",
    claims,
    entrance,
    since: before?.[1].since ?? now,
    silentAt: now + 3 * settings.pingInterval,
    messages: fullBucket(settings.messageBurst, now),
  });
  turn.tell([socket], { type: "waiting", pingInterval: settings.pingInterval });
  showLobby(turn);
}

export function admit(turn: Turn, asker: Asker, ids: readonly string[] | undefined): Outcome {
  const chosen = choose(turn, ids);
  if (!chosen) return nobody;
  for (const [socket, { claims, entrance }] of chosen) {
    const { identity, participant } = claims;
    turn.data.people.set(identity, { ...turn.data.people.get(identity), admitted: true });
    turn.touch(keyOf.person(identity));
    turn.event({ type: "moderated", did: "admit", by: asker.actor, who: { participant, identity } });
    // Whoever was banned, and whatever filled up meanwhile, still counts.
    const verdict = admission(turn, claims, entrance);
    if (verdict.may === "enter") enter(turn, socket, claims, entrance);
    else if (verdict.may === "not") turn.dismiss(socket, verdict.refusal);
  }
  showLobby(turn);
  return done;
}

export function deny(turn: Turn, asker: Asker, ids: readonly string[] | undefined): Outcome {
  const chosen = choose(turn, ids);
  if (!chosen) return nobody;
  for (const [socket, { claims }] of chosen) {
    const { identity, participant } = claims;
    turn.event({ type: "moderated", did: "deny", by: asker.actor, who: { participant, identity } });
    turn.dismiss(socket, refusal("denied", "You were not let in."));
  }
  showLobby(turn);
  return done;
}

/** Somebody who waited is gone. */
export function stopWaiting(turn: Turn, socket: Socket | undefined): void {
  if (socket?.state === "knocking") showLobby(turn);
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

/** A hundred people who knock at once are one message. */
function showLobby({ data, now, settings }: Turn): void {
  data.lobbyAt = Math.min(data.lobbyAt, now + settings.signalWindow);
}

function lobby(turn: Turn) {
  const waiting = [...knocking(turn)].map(([, socket]) => socket);
  return { type: "lobby", waiting: waiting.slice(0, shown).map(personOf), count: waiting.length } as const;
}

function personOf({ claims, since }: Knocking): Person {
  return { id: claims.participant, identity: claims.identity, name: claims.name, since };
}

function* knocking(turn: Turn): Generator<[SocketId, Knocking]> {
  for (const [id, socket] of turn.data.sockets) if (socket.state === "knocking") yield [id, socket];
}

function choose(turn: Turn, ids: readonly string[] | undefined): [SocketId, Knocking][] | undefined {
  const waiting = [...knocking(turn)];
  if (!ids) return waiting;
  const chosen = waiting.filter(([, { claims }]) => ids.includes(claims.participant));
  return chosen.length > 0 ? chosen : undefined;
}

const nobody: Outcome = refused("not-found", "Nobody of that id waits.");
