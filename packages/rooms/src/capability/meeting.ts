/** A meeting while it runs: it begins with the first member, and its people are counted. finishing.ts ends it. */
import type { RoomData } from "../data.ts";
import { digits, keyOf } from "../records.ts";
import type { Turn } from "../turn.ts";

/** A newcomer is about to come in. */
export function begin(turn: Turn): void {
  const { data, now } = turn;
  data.emptyAt = undefined;
  if (data.state.meeting) return;
  data.last.meeting += 1;
  data.last.before = data.last.chat;
  data.running = { peak: 0, joins: 0 };
  // Unique over all the lives of a room, since no two lineages are alike.
  const id = `${data.lineage}-${digits(data.last.meeting).slice(-6)}`;
  turn.announce({ change: "meeting", meeting: { id, startedAt: now } });
  turn.touch(keyOf.meta);
  turn.event({ type: "room-started" });
}

/** Somebody came in. */
export function count(turn: Turn): void {
  const { data } = turn;
  const { peak, joins } = data.running;
  data.running = { peak: Math.max(peak, data.members.size), joins: joins + 1 };
  turn.touch(keyOf.meta);
}

/** Somebody is gone. */
export function mindEmptiness(turn: Turn): void {
  const { data, now, settings } = turn;
  if (data.members.size === 0 && data.orange.seats.size === 0 && data.state.meeting)
    data.emptyAt = now + settings.emptyFor;
}

/** By the schedule. */
export function endsAt({ state }: RoomData): number {
  return (state.meeting ? state.rules.endsAt : null) ?? Number.POSITIVE_INFINITY;
}
