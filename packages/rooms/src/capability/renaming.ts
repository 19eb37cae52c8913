/** The name that others see, and what an app says of a participant besides. */
import { limits } from "@satsuma/protocol";
import { done, type Operator, type Outcome, refused, type Speaker } from "../asker.ts";
import type { Member } from "../data.ts";
import type { Order } from "../input.ts";
import type { Turn } from "../turn.ts";
import { countEvents, refuseEvents } from "./logging.ts";
import { selfOf } from "./permission.ts";
import { noSuchMember } from "./target.ts";

interface Named {
  readonly member: Member;
}

export function rename(turn: Turn, { member }: Speaker, name: string): Outcome {
  const { identity } = member.face;
  if (member.face.name === name) return done;
  const refusal = refuseEvents(turn, identity, 1);
  if (refusal) return { outcome: "refused", refusal };
  countEvents(turn, identity, 1);
  call(turn, member, name);
  return done;
}

function call(turn: Turn, member: Member, name: string): void {
  const { id, identity } = member.face;
  if (member.face.name === name) return;
  turn.change({ change: "renamed", id, name });
  if (member.face.role === "listener") {
    if (turn.data.state.hands.some((hand) => hand.id === id)) turn.announce({ change: "renamed", id, name });
    turn.tellMember(member, { type: "you", you: selfOf(turn.data, member) });
  }
  turn.event({ type: "participant-renamed", who: { participant: id, identity, name } });
}

export function describe(turn: Turn, { member }: Named, set: Readonly<Record<string, string | null>>): Outcome {
  const { id, attributes } = member.face;
  const news = Object.entries(set).filter(([key, value]) => (attributes[key] ?? null) !== value);
  if (news.length === 0) return done;
  const kept = new Set(Object.keys(attributes));
  for (const [key, value] of news) {
    if (value === null) kept.delete(key);
    else kept.add(key);
  }
  const most = Math.min(turn.settings.attributes, limits.attributes);
  if (kept.size > most) return refused("limit-reached", `A participant may have ${most} attributes.`);
  turn.change({ change: "attributes", id, set: Object.fromEntries(news) });
  return done;
}

/** The server's word about a participant. */
export function update(turn: Turn, { actor }: Operator, order: Extract<Order, { do: "update" }>): Outcome {
  const member = turn.data.members.get(order.id);
  if (!member) return noSuchMember;
  const wrong = order.attributes && describe(turn, { member }, order.attributes);
  if (wrong?.outcome === "refused") return wrong;
  if (order.name !== undefined) call(turn, member, order.name);
  const who = { participant: member.id, identity: member.face.identity };
  turn.event({ type: "moderated", did: "update", by: actor, who });
  return done;
}
