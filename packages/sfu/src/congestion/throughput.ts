/**
 * What arrived at the peer, in bits/s over the last so many ms before its newest packet.
 *
 * Kept as running totals by arrival, so that any window is one search.
 */

/** Packets, a power of two: more than half a second at 10 Mbit/s. */
const kept = 1_024;

export class Throughput {
  readonly #arrivedAt = new Float64Array(kept);
  readonly #totals = new Float64Array(kept);
  #count = 0;
  #total = 0;
  #newest = Number.NEGATIVE_INFINITY;

  add(arrivedAt: number, size: number): void {
    this.#newest = Math.max(this.#newest, arrivedAt);
    this.#total += size;
    this.#arrivedAt[this.#count % kept] = this.#newest;
    this.#totals[this.#count % kept] = this.#total;
    this.#count += 1;
  }

  /** ms, when the newest packet came. */
  get newest(): number {
    return this.#newest;
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
