/**
 * What each subscription of one session gets of what the session can receive.
 *
 * Sound first, then layers that subscribers named for themselves, then pictures: every one its cheapest quality, in the
 * order of what is wanted, then rung by rung upwards, those who want the best layer before those who want a lesser one.
 * What does not fit pauses, so that in the end there is sound alone.
 *
 * Downwards it follows at once. Upwards it waits a while after each step down, longer each time that a step up did not
 * last, and wants some room, so that a picture does not flicker between two layers.
 */
import type { Quality } from "../forward/quality.ts";
import type { Ladder } from "./ladder.ts";

export interface Claim extends Ladder {
  readonly kind: "audio" | "video";
}

export interface Allotment {
  /** What each claim gets, in their order; undefined: nothing. */
  readonly given: readonly (Quality | undefined)[];
  /** bits/s of what is given. */
  readonly used: number;
  /** bits/s that everything wanted would need, which is worth looking for when it is more than is known to fit. */
  readonly wanted: number;
  /** When a step up that fits may be made, should nothing else change: ms, or undefined. */
  readonly nextAt: number | undefined;
}

/** Room above its bitrate that a quality needs to be gone up to: encoders are not exact. */
const room = 1.1;
/** Part by which the quality that is sent may exceed what is left before it is given up. */
const tolerance = 1.03;
/** ms after a step down before the next one up, at first and at the most. */
const shortestHold = 2_000;
const longestHold = 30_000;
/** ms before a picture that was given up comes back: nothing is worse than none. */
const pauseHold = 1_000;
/** ms that a step up has to last to count as a success. */
const lasting = 10_000;

interface Standing {
  given: Quality | undefined;
  /** ms before which it does not go up. */
  until: number;
  hold: number;
  roseAt: number;
}

/** Keeps what was given to each subscription, which `Key` tells apart, and what followed. */
export class Allocation<Key extends object> {
  #standings = new Map<Key, Standing>();

  /** Divides `budget` bits/s among the claims. Who is not among them is forgotten. */
  divide(budget: number, claims: ReadonlyMap<Key, Claim>, now: number): Allotment {
    const standings = new Map<Key, Standing>();
    const chosen = new Map<Key, number>();
    let left = budget;
    let wanted = 0;
    let nextAt: number | undefined;
    const contenders: { key: Key; claim: Claim; standing: Standing | undefined; before: number }[] = [];
    for (const [key, claim] of claims) {
      wanted += claim.rungs.at(-1)?.bitrate ?? 0;
      if (claim.kind === "video" && claim.free) {
        const standing = this.#standings.get(key);
        contenders.push({ key, claim, standing, before: place(claim.rungs, standing?.given) });
        continue;
      }
      chosen.set(key, claim.rungs.length - 1);
      left -= claim.rungs.at(-1)?.bitrate ?? 0;
    }
    contenders.sort((a, b) => a.claim.rank - b.claim.rank);
    const most = Math.max(0, ...contenders.map(({ claim }) => claim.rungs.length));
    const step = ({ key, claim, standing, before }: (typeof contenders)[number], rung: number): void => {
      const quality = claim.rungs[rung];
      if (quality === undefined || (chosen.get(key) ?? -1) !== rung - 1) return;
      const cost = quality.bitrate - (claim.rungs[rung - 1]?.bitrate ?? 0);
      const up = standing !== undefined && rung > before;
      const needed = up ? quality.bitrate * room - (quality.bitrate - cost) : cost / tolerance;
      if (needed > left) return;
      if (up && now < standing.until) {
        nextAt = Math.min(nextAt ?? standing.until, standing.until);
        return;
      }
      chosen.set(key, rung);
      left -= cost;
    };
    for (const contender of contenders) step(contender, 0);
    for (const rank of new Set(contenders.map(({ claim }) => claim.rank))) {
      const peers = contenders.filter(({ claim }) => claim.rank === rank);
      for (let rung = 1; rung < most; rung += 1) for (const contender of peers) step(contender, rung);
    }
    const given: (Quality | undefined)[] = [];
    for (const [key, claim] of claims) {
      const quality = claim.rungs[chosen.get(key) ?? -1];
      given.push(quality);
      standings.set(key, followed(this.#standings.get(key), claim.rungs, quality, now));
    }
    this.#standings = standings;
    return { given, used: given.reduce((sum, quality) => sum + (quality?.bitrate ?? 0), 0), wanted, nextAt };
  }
}

function followed(
  before: Standing | undefined,
  rungs: readonly Quality[],
  given: Quality | undefined,
  now: number,
): Standing {
  if (before === undefined) {
    // Nothing comes yet: what is given first is no step.
    return { given, until: 0, hold: shortestHold, roseAt: Number.NEGATIVE_INFINITY };
  }
  const from = place(rungs, before.given);
  const to = place(rungs, given);
  if (to > from) return { ...before, given, roseAt: now };
  if (to < from) {
    const hold = now - before.roseAt < lasting ? Math.min(longestHold, before.hold * 2) : shortestHold;
    const until = now + (to === -1 ? Math.min(hold, pauseHold) : hold);
    return { given, hold, until, roseAt: Number.NEGATIVE_INFINITY };
  }
  return { ...before, given };
}

/** The rung of a quality by what is sent of it, whatever it costs now; −1 for none. */
function place(rungs: readonly Quality[], quality: Quality | undefined): number {
  if (quality === undefined) return -1;
  return rungs.findIndex(
    ({ rid, spatial, temporal }) => rid === quality.rid && spatial === quality.spatial && temporal === quality.temporal,
  );
}
