/**
 * Which qualities of a track a subscriber may be given for what it can receive, and whether that is ours to choose.
 *
 * The Calls API leaves it to us only with `priorityOrdering: "asciibetical"`, or where no layer was named: with "none" the
 * preferred layer is sent even without the bandwidth for it. With `ridNotAvailable: "none"` nothing takes its place while it is away.
 */
import type { Simulcast } from "@satsuma/protocol";
import type { Quality } from "../forward/quality.ts";

export interface Ladder {
  /** Qualities from the cheapest to the best, each at least as dear as the one before. */
  readonly rungs: readonly Quality[];
  /** Whether the choice is ours: otherwise the subscriber gets what it named, and the rest has what is left. */
  readonly free: boolean;
  /** 0 for a subscriber that wants the best layer, higher for those that want a lesser one. */
  readonly rank: number;
}

/**
 * `available` are those that packets come on, best first, as forwarding measures them; `limited` tells whether what can be
 * sent is limited at all.
 */
export function ladderOf(preference: Simulcast | undefined, available: readonly Quality[], limited = true): Ladder {
  const preferred = preference?.preferredRid ?? "";
  const simulcast = available.some(({ rid }) => rid !== "");
  if (preferred === "" || !simulcast) return { rungs: rising(available, limited), free: true, rank: 0 };
  const rids = [...new Set(available.map(({ rid }) => rid))].sort();
  const rank = rids.filter((rid) => rid < preferred).length;
  const there = rids.includes(preferred);
  if (!there && preference?.ridNotAvailable !== "asciibetical") return { rungs: [], free: false, rank };
  // The next lower layer costs no more than what was asked for; without one, the lowest that is there.
  const from = there ? preferred : (rids.find((rid) => rid > preferred) ?? rids.at(-1) ?? "");
  if (preference?.priorityOrdering === "asciibetical") {
    return {
      rungs: rising(
        available.filter(({ rid }) => rid >= from),
        limited,
      ),
      free: true,
      rank,
    };
  }
  return { rungs: available.filter(({ rid }) => rid === from).slice(0, 1), free: false, rank };
}

/** A better one that seems to cost less stands still for the moment: it counts as no cheaper than the lesser ones. */
function rising(available: readonly Quality[], limited: boolean): Quality[] {
  const rungs: Quality[] = [];
  for (const quality of available.toReversed()) {
    const last = rungs.at(-1);
    // One that was not measured yet is not gone up to; the cheapest is sent without knowing what it costs.
    if (limited && last !== undefined && quality.bitrate === 0) break;
    rungs.push({ ...quality, bitrate: Math.max(last?.bitrate ?? 0, quality.bitrate) });
  }
  return rungs;
}
