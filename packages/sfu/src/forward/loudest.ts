/**
 * Which few of many microphones are let through: the loudest, with patience for those that are. Pure.
 *
 * One that was chosen stays for a while, and gives its place only to one that is clearly louder; so two who talk at a time do not
 * take it from each other with every syllable.
 */

/** ms that a chosen one keeps its place at least. */
const hold = 1_000;
/** dB by which another has to be louder. */
const margin = 6;

export class Loudest<T> {
  /** The chosen, with the time at which each was. */
  readonly #chosen = new Map<T, number>();
  readonly #most: number;

  /** `most` are let through at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Chooses among all there are by their loudness in dB. */
  choose(candidates: ReadonlyMap<T, number>, now: number): ReadonlySet<T> {
    for (const one of this.#chosen.keys()) if (!candidates.has(one)) this.#chosen.delete(one);
    const waiting = [...candidates].filter(([one]) => !this.#chosen.has(one)).sort(([, a], [, b]) => b - a);
    for (const [one, loudness] of waiting) {
      if (this.#chosen.size < this.#most) {
        this.#chosen.set(one, now);
        continue;
      }
      const weakest = this.#weakest(candidates, now);
      if (weakest === undefined || loudness < (candidates.get(weakest) ?? 0) + margin) break;
      this.#chosen.delete(weakest);
      this.#chosen.set(one, now);
    }
    return new Set(this.#chosen.keys());
  }

  /** The quietest of those that had their place long enough. */
  #weakest(candidates: ReadonlyMap<T, number>, now: number): T | undefined {
    let weakest: T | undefined;
    for (const [one, since] of this.#chosen) {
      if (now - since < hold) continue;
      if (weakest === undefined || (candidates.get(one) ?? 0) < (candidates.get(weakest) ?? 0)) weakest = one;
    }
    return weakest;
  }
}
