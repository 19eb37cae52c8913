/**
 * What each subscription of one session gets of what the session can receive.
 *
 * Sound first, then layers that subscribers named for themselves, then pictures: every one its cheapest quality, in the
 * order of what is wanted, then rung by rung upwards, those who want the best layer before those who want a lesser one.
 * What does not fit pauses, so that in the end there is sound alone.
 *
 * No picture that flows is given up for an estimate that nothing has yet shown to be a limit, and one more is sent than that
 * allows: media is what shows best whether it fits.
 *
 * Downwards it follows at once, but for a slight shortage that may pass. Upwards it waits a while after each step down, for
 * all of them together, longer each time that a step up did not last, and wants some room: so that no picture flickers
 * between two layers, nor one picture after the other.
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
}

/** Room above its bitrate that a quality needs to be gone up to: encoders are not exact. */
const room = 1.1;
/** Part by which the quality that is sent may exceed what is left before it is given up. */
const tolerance = 1.03;
/** The same for the cheapest quality, behind which there is no picture at all. */
const lastTolerance = 1.2;
/** A shortage of no more than this is borne for a while, in ms: an estimate wavers, and a step down is seen. */
const slight = 1.15;
const bearing = 1_000;
/** ms after a step down before the next one up, at first and at the most. */
const shortestHold = 2_000;
const longestHold = 8_000;
/** ms before a picture that was given up comes back: nothing is worse than none. */
const pauseHold = 1_000;
/** ms that a step up has to last to count as a success. */
const lasting = 10_000;
/** A budget so many times that of the step down is another network: there is nothing to be wary of. */
const otherNetwork = 2;

interface Contender<Key> {
  readonly key: Key;
  readonly claim: Claim;
  /** The rung that it has, −1 for none; undefined for one that comes new. */
  readonly before: number | undefined;
  /** The rung that it gets. */
  rung: number;
}

/** Keeps what was given to each subscription, which `Key` tells apart, and what followed. */
export class Allocation<Key extends object> {
  #given = new Map<Key, Quality | undefined>();
  #shortSince: number | undefined;
  /** ms of the last steps down and up; and how long a step up has to wait after one down, which was taken at `#budget`. */
  #fellAt = Number.NEGATIVE_INFINITY;
  #roseAt = Number.NEGATIVE_INFINITY;
  #hold = shortestHold;
  #budget = 0;

  /**
   * Divides `budget` bits/s among the claims. Who is not among them is forgotten. `limited` tells that there is no more;
   * otherwise more may well fit, and only sending shows it. While a queue is to be emptied there is less `forNow`: what that
   * costs comes back at once when it is empty, and counts as no step down.
   */
  divide(
    budget: number,
    claims: ReadonlyMap<Key, Claim>,
    now: number,
    limited = true,
    forNow: number = budget,
  ): Allotment {
    const contenders: Contender<Key>[] = [];
    let fixed = 0;
    let wanted = 0;
    for (const [key, claim] of claims) {
      const most = claim.rungs.at(-1)?.bitrate ?? 0;
      wanted += most;
      if (claim.kind === "audio" || !claim.free) fixed += most;
      else contenders.push({ key, claim, before: this.#before(key, claim), rung: -1 });
    }
    contenders.sort((a, b) => a.claim.rank - b.claim.rank);
    const left = Math.max(budget, this.#borne(budget, fixed, contenders, now)) - fixed;
    this.#share(left, budget, limited, contenders, now);
    this.#follow(contenders, budget, now);
    const chosen = chosenOf(claims, contenders);
    this.#given = new Map([...claims.keys()].map((key, index) => [key, chosen[index]]));
    if (forNow < budget) squeeze(contenders, forNow - fixed);
    const given = forNow < budget ? chosenOf(claims, contenders) : chosen;
    return { given, used: given.reduce((sum, quality) => sum + (quality?.bitrate ?? 0), 0), wanted };
  }

  #share(budget: number, whole: number, limited: boolean, contenders: readonly Contender<Key>[], now: number): void {
    const changed = whole >= this.#budget * otherNetwork;
    const mayRise = changed || now >= this.#fellAt + this.#hold;
    const mayReturn = changed || now >= this.#fellAt + Math.min(this.#hold, pauseHold);
    let left = budget;
    const step = (contender: Contender<Key>, rung: number, kept: boolean): void => {
      const { claim, before = rung } = contender;
      const quality = claim.rungs[rung];
      if (quality === undefined || contender.rung !== rung - 1 || rung <= before !== kept) return;
      const cost = quality.bitrate - (claim.rungs[rung - 1]?.bitrate ?? 0);
      const excess = rung === 0 ? lastTolerance : tolerance;
      const spare = rung === 0 ? 0 : quality.bitrate * (room - 1);
      const back = rung === 0 && contender.before === -1;
      const needed = back
        ? cost / lastTolerance
        : !kept
          ? cost + spare
          : contender.before === undefined
            ? cost
            : cost / excess;
      const tried = !limited && rung === 0 && ((contender.before ?? -1) >= 0 || left > 0);
      if ((needed > left && !tried) || !(kept || (before === -1 && rung === 0 ? mayReturn : mayRise))) return;
      contender.rung = rung;
      left -= cost;
    };
    for (const kept of [true, false]) for (const contender of contenders) step(contender, 0, kept);
    for (const rank of new Set(contenders.map(({ claim }) => claim.rank))) {
      const peers = contenders.filter(({ claim }) => claim.rank === rank);
      const most = Math.max(...peers.map(({ claim }) => claim.rungs.length));
      // Who has something keeps it before another of the same rank goes up.
      for (const kept of [true, false]) {
        for (let rung = 1; rung < most; rung += 1) for (const contender of peers) step(contender, rung, kept);
      }
    }
  }

  /** bits/s of what is sent now, while that is slightly more than there is and has not been so for long; else 0. */
  #borne(budget: number, fixed: number, contenders: readonly Contender<Key>[], now: number): number {
    const cost = contenders.reduce((sum, { claim, before = -1 }) => sum + (claim.rungs[before]?.bitrate ?? 0), fixed);
    if (cost <= budget) this.#shortSince = undefined;
    else this.#shortSince ??= now;
    const borne = cost <= budget * slight && now - (this.#shortSince ?? now) < bearing;
    return borne ? cost : 0;
  }

  #follow(contenders: readonly Contender<Key>[], budget: number, now: number): void {
    const fell = contenders.some(({ before = -1, rung }) => rung < before);
    const rose = contenders.some(({ before, rung }) => before !== undefined && rung > before);
    if (fell) {
      this.#hold = now - this.#roseAt < lasting ? Math.min(longestHold, this.#hold * 2) : shortestHold;
      this.#fellAt = now;
      this.#roseAt = Number.NEGATIVE_INFINITY;
      this.#budget = budget;
    } else if (rose) this.#roseAt = now;
  }

  /** The rung of what is sent of it, whatever that costs now. */
  #before(key: Key, { rungs }: Claim): number | undefined {
    if (!this.#given.has(key)) return undefined;
    const given = this.#given.get(key);
    return rungs.findIndex(
      ({ rid, spatial, temporal }) => rid === given?.rid && spatial === given?.spatial && temporal === given?.temporal,
    );
  }
}

function chosenOf<Key>(claims: ReadonlyMap<Key, Claim>, contenders: readonly Contender<Key>[]) {
  const rungs = new Map(contenders.map(({ key, rung }) => [key, rung]));
  return [...claims].map(([key, claim]) => claim.rungs[rungs.get(key) ?? claim.rungs.length - 1]);
}

/** Takes the dearest steps away, the last contender's first, until `left` bits/s are enough. */
function squeeze<Key>(contenders: readonly Contender<Key>[], left: number): void {
  const cost = ({ claim, rung }: Contender<Key>) => claim.rungs[rung]?.bitrate ?? 0;
  let used = contenders.reduce((sum, contender) => sum + cost(contender), 0);
  const highest = Math.max(-1, ...contenders.map(({ rung }) => rung));
  for (let rung = highest; rung >= 0; rung -= 1) {
    for (const contender of contenders.toReversed()) {
      if (used <= left * tolerance || contender.rung !== rung) continue;
      used -= cost(contender);
      contender.rung -= 1;
      used += cost(contender);
    }
  }
}
