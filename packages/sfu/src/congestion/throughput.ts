/**
 * What arrived at the peer, in bits/s over the last so many ms before its newest packet.
 *
 * Kept as running totals by arrival, so that any window is one search. What comes within two milliseconds is one arrival,
 * so that what is kept lasts for a second at any rate.
 */

/** Arrivals, a power of two, and ms that one lasts. */
const kept = 512;
const together = 2;

export class Throughput {
  readonly #arrivedAt = new Float64Array(kept);
  readonly #totals = new Float64Array(kept);
  #count = 0;
  #total = 0;
  #newest = Number.NEGATIVE_INFINITY;
  /** When the last arrival began. */
  #began = Number.NEGATIVE_INFINITY;

  add(arrivedAt: number, size: number): void {
    if (arrivedAt > this.#newest) this.#newest = arrivedAt;
    this.#total += size;
    if (this.#newest - this.#began >= together) {
      this.#began = this.#newest;
      this.#arrivedAt[this.#count % kept] = this.#newest;
      this.#count += 1;
    }
    this.#totals[(this.#count - 1) % kept] = this.#total;
  }

  /** bits/s over `window` ms; undefined before there is half of it. */
  rate(window: number): number | undefined {
    if (this.#count < 2) return undefined;
    const from = this.#newest - window;
    let low = Math.max(0, this.#count - kept);
    const oldest = this.#arrivedAt[low % kept] ?? 0;
    if (this.#newest - oldest < window / 2) return undefined;
    let high = this.#count - 1;
    // The last packet that came at or before the window began: its total is what the window adds to.
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#arrivedAt[middle % kept] ?? 0) <= from) low = middle;
      else high = middle - 1;
    }
    const start = Math.max(this.#arrivedAt[low % kept] ?? 0, from);
    return ((this.#total - (this.#totals[low % kept] ?? 0)) * 8_000) / Math.max(1, this.#newest - start);
  }
}
