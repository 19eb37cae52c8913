/** Removing and banning. Both take effect at once on every device of the person, and on the tokens they hold. */
import { type ErrorCode, refusal } from "@satsuma/protocol";
import { type Asker, brought, done, type Outcome, refused } from "../asker.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";
import { remove } from "./leaving.ts";
import { noSuchMember, refuseOver } from "./target.ts";

export function removePerson(turn: Turn, asker: Asker, id: string): Outcome {
  const member = turn.data.members.get(id);
  if (!member) return noSuchMember;
  const why = refuseOver(turn, asker, member);
  if (why) return why;
  const { identity } = member.face;
  if (identity === asker.actor.identity) return yourself;
  revokeTokens(turn, `i:${identity}`, turn.now);
  const person = turn.data.people.get(identity);
  if (person) {
    // Let in anew they are a newcomer, whatever they were before.
    if (person.banned) turn.data.people.set(identity, { banned: person.banned });
    else turn.data.people.delete(identity);
    turn.touch(keyOf.person(identity));
  }
  expel(turn, identity, "removed", "You were removed from the room.");
  turn.event({ type: "moderated", did: "remove", by: asker.actor, who: { participant: id, identity } });
  return done;
}

export function ban(turn: Turn, asker: Asker, identity: string): Outcome {
  const { data, now, settings } = turn;
  if (identity === asker.actor.identity) return yourself;
  for (const member of data.members.values()) {
    const why = member.face.identity === identity ? refuseOver(turn, asker, member) : undefined;
    if (why) return why;
  }
  const banned = [...data.people.values()].filter((person) => person.banned).length;
  if (banned >= settings.remembered) return refused("limit-reached", "This room remembers no more banned people.");
  data.people.set(identity, { banned: { at: now, by: asker.actor.name } });
  turn.touch(keyOf.person(identity));
  turn.event({ type: "moderated", did: "ban", by: asker.actor, who: { identity } });
  expel(turn, identity, "banned", "You may not come into this room.");
  return done;
}

export function unban(turn: Turn, asker: Asker, identity: string): Outcome {
  const { people } = turn.data;
  if (!people.get(identity)?.banned) return refused("not-found", "Nobody of that identity is banned.");
  people.delete(identity);
  turn.touch(keyOf.person(identity));
  turn.event({ type: "moderated", did: "unban", by: asker.actor, who: { identity } });
  return done;
}

/** In the order of their identities, which is the one order that does not change between two pages. */
export function listBans({ data }: Turn, after: string | undefined, limit: number): Outcome {
  const bans = [...data.people].flatMap(([identity, { banned }]) => {
    return banned && (after === undefined || identity > after) ? [{ identity, ...banned }] : [];
  });
  bans.sort((a, b) => (a.identity < b.identity ? -1 : 1));
  return brought({ of: "list-bans", bans: bans.slice(0, limit), more: bans.length > limit });
}

/** Tokens from before `before` let nobody in any more; whoever is here by one is put out. */
export function revoke(
  turn: Turn,
  asker: Asker,
  whom: { readonly identity: string } | { readonly participant: string },
  before: number,
): Outcome {
  if ("identity" in whom) {
    revokeTokens(turn, `i:${whom.identity}`, before);
    turn.event({ type: "moderated", did: "revoke", by: asker.actor, who: { identity: whom.identity } });
    expel(turn, whom.identity, "revoked", "Your token was revoked.");
    return done;
  }
  revokeTokens(turn, `p:${whom.participant}`, before);
  const identity = turn.data.members.get(whom.participant)?.face.identity;
  expelWhere(turn, (participant) => participant === whom.participant, "revoked", "Your token was revoked.");
  if (identity !== undefined) {
    turn.event({ type: "moderated", did: "revoke", by: asker.actor, who: { ...whom, identity } });
  }
  return done;
}

const yourself: Outcome = refused("not-allowed", "Nobody puts themselves out; leave instead.");

function revokeTokens(turn: Turn, whom: string, before: number): void {
  const { revoked } = turn.data;
  // Moved to the end, so that the one longest ago is forgotten first.
  revoked.delete(whom);
  revoked.set(whom, before);
  turn.touch(keyOf.revoked(whom));
  const [oldest] = revoked.keys();
  if (revoked.size <= turn.settings.remembered || oldest === undefined) return;
  revoked.delete(oldest);
  turn.touch(keyOf.revoked(oldest));
}

function expel(turn: Turn, identity: string, code: ErrorCode, message: string): void {
  expelWhere(turn, (_, whose) => whose === identity, code, message);
}

function expelWhere(
  turn: Turn,
  isMeant: (participant: string, identity: string) => boolean,
  code: ErrorCode,
  message: string,
): void {
  const { data } = turn;
  const why = refusal(code, message);
  for (const member of [...data.members.values()]) {
    if (!isMeant(member.id, member.face.identity)) continue;
    remove(turn, member, "removed");
    if (member.place.state === "connected") turn.dismiss(member.place.socket, why);
  }
  for (const [id, socket] of data.sockets) {
    if (socket.state === "knocking" && isMeant(socket.claims.participant, socket.claims.identity)) {
      turn.dismiss(id, why);
    }
  }
}
