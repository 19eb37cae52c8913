/**
 * bits/s of a stream over the last three seconds: long enough that a keyframe hardly shows.
 *
 * Kept in steps of 100 ms, so that counting a packet is one addition.
 */
const step = 100;
const steps = 30;
/** ms that are seen before a rate is told. */
const shortest = 300;

export class Rate {
  readonly #bytes = new Float64Array(steps);
  /** The step that is counted now, as a number since the clock's zero, and the first that was. */
  #current = 0;
  #first: number | undefined;
  #sum = 0;

  add(bytes: number, now: number): void {
    this.#pass(now);
    this.#first ??= this.#current;
    const at = this.#current % steps;
    this.#bytes[at] = (this.#bytes[at] ?? 0) + bytes;
    this.#sum += bytes;
  }

  /** 0 before there was a third of a second to see, which is all too little. */
  bitrate(now: number): number {
    this.#pass(now);
    if (this.#first === undefined) return 0;
    // At the beginning there is less to look back on; the step that is not over counts as far as it has come.
    const whole = Math.min(this.#current - this.#first, steps - 1) * step;
    if (whole < shortest) return 0;
    return (this.#sum * 8_000) / (whole + (now % step));
  }

  #pass(now: number): void {
    const current = Math.floor(now / step);
    if (this.#first === undefined || current - this.#current >= steps) {
      this.#bytes.fill(0);
      this.#sum = 0;
      this.#first = undefined;
      this.#current = current;
      return;
    }
    while (this.#current < current) {
      this.#current += 1;
      const at = this.#current % steps;
      this.#sum -= this.#bytes[at] ?? 0;
      this.#bytes[at] = 0;
    }
    if (this.#sum === 0) this.#first = undefined;
  }
}
