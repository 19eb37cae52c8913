/**
 * Which qualities of a track a subscriber may be given for what it can receive, and whether that is ours to choose.
 *
 * The Calls API leaves it to us only with `priorityOrdering: "asciibetical"`, or where no layer was named: with "none" the
 * preferred layer is sent even without the bandwidth for it. With `ridNotAvailable: "none"` nothing takes its place while it is away.
 */
import type { Simulcast } from "@satsuma/protocol";
import type { Quality } from "../forward/quality.ts";

export interface Ladder {
  /** Qualities from the cheapest to the best, each dearer than the one before. */
  readonly rungs: readonly Quality[];
  /** Whether the choice is ours: otherwise the subscriber gets what it named, and the rest has what is left. */
  readonly free: boolean;
  /** 0 for a subscriber that wants the best layer, higher for those that want a lesser one. */
  readonly rank: number;
}

/** `available` are those that packets come on, best first, as forwarding measures them. */
export function ladderOf(preference: Simulcast | undefined, available: readonly Quality[]): Ladder {
  const preferred = preference?.preferredRid ?? "";
  const simulcast = available.some(({ rid }) => rid !== "");
  if (preferred === "" || !simulcast) return { rungs: rising(available), free: true, rank: 0 };
  const rids = [...new Set(available.map(({ rid }) => rid))].sort();
  const rank = rids.filter((rid) => rid < preferred).length;
  const there = rids.includes(preferred);
  if (!there && preference?.ridNotAvailable !== "asciibetical") return { rungs: [], free: false, rank };
  // The next lower layer costs no more than what was asked for; without one, the lowest that is there.
  const from = there ? preferred : (rids.find((rid) => rid > preferred) ?? rids.at(-1) ?? "");
  if (preference?.priorityOrdering === "asciibetical") {
    return { rungs: rising(available.filter(({ rid }) => rid >= from)), free: true, rank };
  }
  return { rungs: available.filter(({ rid }) => rid === from).slice(0, 1), free: false, rank };
}

function rising(available: readonly Quality[]): Quality[] {
  const rungs: Quality[] = [];
  for (const quality of available.toReversed()) {
    const last = rungs.at(-1);
    if (last === undefined || quality.bitrate > last.bitrate) rungs.push(quality);
  }
  return rungs;
}
