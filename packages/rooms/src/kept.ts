/** What is kept for those who come back: as much as is set, and no longer than anybody still has a place to come back to. */
import type { RoomSettings } from "./settings.ts";

interface Dated {
  /** Milliseconds, when it happened. */
  readonly at: number;
}

type Bounds = Pick<RoomSettings, "deltasKept" | "pingInterval" | "grace">;

/** The oldest stands first. */
export function keep<T extends Dated>(list: T[], newest: T, settings: Bounds): void {
  list.push(newest);
  forgetOld(list, settings, newest.at);
}

export function forgetOld(list: Dated[], { deltasKept, pingInterval, grace }: Bounds, now: number): void {
  // A connection may have been dead for three pings before it counts as lost; from then on the place is kept.
  const tooOld = now - 3 * pingInterval - grace;
  let gone = Math.max(0, list.length - deltasKept);
  while ((list[gone]?.at ?? Number.POSITIVE_INFINITY) < tooOld) gone += 1;
  list.splice(0, gone);
}
