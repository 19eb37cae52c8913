/** When this dialect wants to be woken: to look at the heartbeats, or because the window of what is to be told is over. */
import { judgedAt } from "../lateness.ts";
import type { OrangeData } from "./data.ts";
import type { OrangeSettings } from "./settings.ts";

/** Infinity for never. */
export function orangeDeadline({ alarmAt, listening, told }: OrangeData, { window }: OrangeSettings): number {
  return Math.min(
    judgedAt(listening, alarmAt ?? Number.POSITIVE_INFINITY),
    told.stale || told.owed.size > 0 ? told.at + window : Number.POSITIVE_INFINITY,
  );
}
