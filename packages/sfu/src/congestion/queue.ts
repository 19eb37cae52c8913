/**
 * How long packets wait in a queue on their way, in ms: by how much they come later than the quickest of the last half
 * minute; and since when the link has been busy without a break, because that is when arrivals show what it carries.
 *
 * Two clocks that drift apart by 100 ppm make an error of 3 ms of it.
 */

/** ms that one of the two minima covers. */
const span = 15_000;
/** ms later than the quickest: a packet that waited. */
const waited = 8;
/**
 * ms without an arrival that count as busy: two packets of a slow link are so far apart. After more, what comes was held
 * back by a machine that had something else to do, or was never sent.
 */
const longestGap = 20;

export class StandingQueue {
  #began: number | undefined;
  #quickest = Number.POSITIVE_INFINITY;
  #quickestBefore = Number.POSITIVE_INFINITY;
  #busy = 0;
  #newest = Number.NEGATIVE_INFINITY;
  /** ms, of the quickest packet in the last feedback. */
  delay = 0;

  /** ms for which packets have come one after the other that had all waited; 0 when the last did not. */
  get busy(): number {
    return this.#busy;
  }

  /** One packet, which came at `arrivedAt` after `way` ms, as below. */
  arrived(way: number, arrivedAt: number): void {
    const gap = Math.max(0, arrivedAt - this.#newest);
    this.#newest = Math.max(this.#newest, arrivedAt);
    if (way - Math.min(this.#quickest, this.#quickestBefore) < waited) this.#busy = 0;
    else this.#busy += Math.min(gap, longestGap);
  }

  /** `way` is arrival on the peer's clock less sending on ours, of the quickest packet that a feedback told of. */
  add(way: number, now: number): void {
    this.#began ??= now;
    if (now - this.#began >= span) {
      this.#began = now;
      this.#quickestBefore = this.#quickest;
      this.#quickest = way;
    }
    this.#quickest = Math.min(this.#quickest, way);
    this.delay = way - Math.min(this.#quickest, this.#quickestBefore);
  }
}
