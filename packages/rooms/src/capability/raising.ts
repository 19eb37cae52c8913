/** Hands, in the order in which they were raised. */
import { type Asker, done, may, type Outcome, refused, type Speaker } from "../asker.ts";
import { keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";

export function raise(turn: Turn, { member }: Pick<Speaker, "member">): Outcome {
  const { hands } = turn.data.state;
  if (hands.some(({ id }) => id === member.id)) return done;
  if (hands.length >= turn.settings.hands) return refused("limit-reached", "Too many hands are raised already.");
  // Strictly later than the last one, so that the order can be told from the times.
  const at = Math.max(turn.now, (hands.at(-1)?.at ?? 0) + 1);
  const { identity, name } = member.face;
  turn.announce({ change: "raised", hand: { id: member.id, identity, name, at } });
  turn.touch(keyOf.member(member.id));
  return done;
}

export function lower(turn: Turn, asker: Asker, id: string | undefined): Outcome {
  const own = asker.kind === "member" ? asker.member.id : undefined;
  const whose = id ?? own;
  if (whose === undefined) return refused("bad-message", "Whose hand is meant?");
  if (whose !== own && !may(asker, "moderate")) {
    return refused("not-allowed", "Only a moderator may lower somebody else's hand.");
  }
  putDown(turn, whose);
  return done;
}

export function putDown(turn: Turn, id: string): void {
  if (!turn.data.state.hands.some((hand) => hand.id === id)) return;
  turn.announce({ change: "lowered", id });
  turn.touch(keyOf.member(id));
}
