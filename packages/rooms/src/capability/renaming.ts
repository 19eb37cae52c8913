/** The name that others see, and what an app says of a participant besides. */
import { limits } from "@satsuma/protocol";
import { done, type Outcome, refused, type Speaker } from "../asker.ts";
import type { Turn } from "../turn.ts";
import { selfOf } from "./permission.ts";

export function rename(turn: Turn, { member }: Speaker, name: string): Outcome {
  const { id, identity } = member.face;
  if (member.face.name === name) return done;
  turn.change({ change: "renamed", id, name });
  if (member.face.role === "listener") {
    if (turn.data.state.hands.some((hand) => hand.id === id)) turn.announce({ change: "renamed", id, name });
    turn.tellMember(member, { type: "you", you: selfOf(turn.data, member) });
  }
  turn.event({ type: "participant-renamed", who: { participant: id, identity, name } });
  return done;
}

export function describe(turn: Turn, { member }: Speaker, set: Readonly<Record<string, string | null>>): Outcome {
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
