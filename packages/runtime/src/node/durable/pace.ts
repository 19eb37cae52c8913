/** Milliseconds above which the event loop should not wait for the disk, and below which it may again. */
const tooSlowMs = 1;
const fastAgainMs = 0.5;
/** How much one sync counts; a single slow one among fast ones changes nothing. */
const weight = 0.1;

/**
 * Whether a disk syncs so fast that waiting is cheaper than asking a thread.
 *
 * A round through a thread costs about 50 µs, and much more on a busy machine; a sync of a good SSD takes 100 µs, one of
 * a network disk 10 ms. So the average of the last syncs decides, with a gap between the two limits.
 */
export class Pace {
  #averageMs = 0;
  #isFast = true;

  get isFast(): boolean {
    return this.#isFast;
  }

  took(ms: number): void {
    this.#averageMs += (ms - this.#averageMs) * weight;
    this.#isFast = this.#averageMs < (this.#isFast ? tooSlowMs : fastAgainMs);
  }
}
