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

export class StandingQueue {
  #began: number | undefined;
  #quickest = Number.POSITIVE_INFINITY;
  #quickestBefore = Number.POSITIVE_INFINITY;
  #busySince: number | undefined;
  /** ms, of the quickest packet in the last feedback. */
  delay = 0;

  /** ms on the peer's clock since which every packet has waited; undefined when the last did not. */
  get busySince(): number | undefined {
    return this.#busySince;
  }

  /** One packet, which came at `arrivedAt` after `way` ms, as below. */
  arrived(way: number, arrivedAt: number): void {
    if (way - Math.min(this.#quickest, this.#quickestBefore) < waited) this.#busySince = undefined;
    else this.#busySince ??= arrivedAt;
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
