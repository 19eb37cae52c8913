/** A machine that has something else to do, too: now and then what comes to it has to wait. */
import type { Chance } from "@satsuma/testkit";

/** ms between two pauses, on the average. */
const between = 100;

export class Machine {
  readonly #chance: Chance;
  readonly #longest: number;
  #resumesAt = 0;

  /** Pauses take up to `longest` ms; 0 for a machine without any. */
  constructor(longest: number, chance: Chance) {
    this.#longest = longest;
    this.#chance = chance;
  }

  /** When it does what comes at `now`. */
  at(now: number): number {
    return Math.max(now, this.#resumesAt);
  }

  /** To be called every ms. */
  step(now: number): void {
    if (this.#longest > 0 && now >= this.#resumesAt && this.#chance.oneIn(between)) {
      this.#resumesAt = now + this.#chance.below(this.#longest);
    }
  }
}
