/** Whether somebody with a good token may come in: at once, after a moderator's word, or not. */
import { type Grant, type Refusal, type Role, refusal, roleGrants } from "@satsuma/protocol";
import { take } from "../bucket.ts";
import type { RoomData } from "../data.ts";
import type { Claims, Entrance } from "../input.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { andItsEnd, refuseEvents } from "./logging.ts";

export type Admission = { readonly may: "enter" | "knock" } | { readonly may: "not"; readonly refusal: Refusal };

export function admission(turn: Turn, claims: Claims, entrance: Entrance): Admission {
  const { data } = turn;
  const out = banished(data, claims);
  if (out) return { may: "not", refusal: out };
  const { endsAt } = data.state.rules;
  if (endsAt !== null && endsAt <= turn.now) return { may: "not", refusal: refusal("ended", "The meeting is over.") };
  // Somebody whose place is kept has been let in before.
  if (data.members.has(claims.participant)) return { may: "enter" };
  const { role, grants } = standing(data, claims);
  const moderates = (grants ?? roleGrants[role]).includes("moderate");
  const known = moderates || data.people.get(claims.identity)?.admitted === true;
  const why =
    refuseEvents(turn, claims.identity, andItsEnd) ??
    (known ? undefined : refuseNewcomer(turn, entrance)) ??
    refuseFull(turn, role);
  if (why) return { may: "not", refusal: why };
  if (data.passcode !== undefined && !data.state.rules.lobby) letIn(turn, claims.identity);
  return { may: data.state.rules.lobby && !known ? "knock" : "enter" };
}

/** The role and grants that somebody has on coming in: a moderator's word in this meeting outweighs the token. */
export function standing(
  data: RoomData,
  claims: Claims,
): { readonly role: Role; readonly grants: readonly Grant[] | undefined } {
  const person = data.people.get(claims.identity);
  if (person?.role) return { role: person.role, grants: person.grants };
  return { role: claims.role ?? "speaker", grants: person?.grants ?? claims.grants };
}

/** From here on they are no newcomer any more, until the meeting is over. */
export function letIn(turn: Turn, identity: string): void {
  const { people } = turn.data;
  const person = people.get(identity);
  if (person?.admitted) return;
  people.set(identity, { ...person, admitted: true });
  turn.touch(keyOf.person(identity));
  if (people.size > turn.settings.acquainted) forgetOne(turn);
}

/** The one whom nothing but having been let in is known of, longest ago: they would have to ask again. */
function forgetOne(turn: Turn): void {
  const { people } = turn.data;
  for (const [identity, { banned, role, grants }] of people) {
    if (banned || role || grants) continue;
    people.delete(identity);
    turn.touch(keyOf.person(identity));
    return;
  }
}

/** Bans and revoked tokens. */
function banished(data: RoomData, claims: Claims): Refusal | undefined {
  if (data.people.get(claims.identity)?.banned) return refusal("banned", "You may not come into this room.");
  const { issuedAt = Number.POSITIVE_INFINITY, identity, participant } = claims;
  for (const whom of [`i:${identity}`, `p:${participant}`]) {
    const before = data.revoked.get(whom);
    if (before !== undefined && issuedAt <= before) return refusal("revoked", "This token no longer lets anybody in.");
  }
  return undefined;
}

function refuseFull(turn: Turn, role: Role): Refusal | undefined {
  const { data, settings } = turn;
  const { most } = data.state.rules;
  const onStage = data.state.participants.length;
  const full =
    (most !== null && data.members.size >= most) ||
    // Whoever goes back to a full audience finds room there, so the stage that they left may have to stay emptier.
    data.members.size >= settings.participants + settings.listeners ||
    (role === "listener" ? data.members.size - onStage >= settings.listeners : onStage >= settings.participants);
  return full ? refusal("room-full", "This room has all the people it takes.") : undefined;
}

function refuseNewcomer(turn: Turn, { passcode }: Entrance): Refusal | undefined {
  const { data } = turn;
  if (data.state.rules.locked) return refusal("locked", "This room takes no newcomers now.");
  if (data.passcode === undefined) return undefined;
  if (passcode?.hash !== data.passcode) return refusal("passcode-needed", "This room has a passcode.");
  const rate = turn.settings.passcodeTries / 60;
  const tries = take(data.tries, rate, turn.settings.passcodeTries, turn.now);
  if (tries.tokens < 0) {
    const message = "Too many wrong passcodes were given for this room.";
    return refusal("too-many-requests", message, { retryAfter: Math.ceil(1000 / rate) });
  }
  if (passcode.right) return undefined;
  data.tries = tries;
  return refusal("wrong-passcode", "That is not the passcode of this room.");
}
