/**
 * An average that forgets: what is one half-life old counts half. Intervals may differ, as timers of pages do.
 *
 * The same weights as the smoothing of Orange's connection indicators, so that their figures can be compared.
 */
export class Ewma {
  readonly #halfLife: number;
  #value: number;
  #at: number;

  /** `halfLife` and `now` in milliseconds; `start` stands for all the time before. */
  constructor(halfLife: number, now: number, start = 0) {
    this.#halfLife = halfLife;
    this.#at = now;
    this.#value = start;
  }

  get value(): number {
    return this.#value;
  }

  /** Takes a value that holds since the one before. */
  handle(value: number, now: number): number {
    const kept = 0.5 ** (Math.max(0, now - this.#at) / this.#halfLife);
    this.#at = now;
    this.#value = kept * this.#value + (1 - kept) * value;
    return this.#value;
  }
}
