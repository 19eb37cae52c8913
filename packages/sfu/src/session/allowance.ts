/**
 * How many calls one session may still make: a token bucket. It holds a second's worth, and fills evenly.
 *
 * Time comes in; nothing is remembered of a call but that it was made.
 */
export class Allowance {
  readonly #perSecond: number;
  #left: number;
  #at: number;

  /** Starts full. `perSecond` is the size of the bucket too. */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#at = now;
  }

  /** Takes one call; false when there is none left, which takes nothing. */
  take(now: number): boolean {
    const filled = this.#left + ((now - this.#at) * this.#perSecond) / 1_000;
    this.#left = Math.min(this.#perSecond, filled);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
