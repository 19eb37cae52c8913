/**
 * When this process was last without work, by what its event loop waited. Packets queue up in front of a loop that has no time,
 * without a bound and without a time on them (node-datachannel 0.33); but whatever waits now came after the last rest.
 */
import { performance } from "node:perf_hooks";

/** ms between two looks; more often they would cost more than they tell. */
const interval = 20;
/** Share of that time that a loop waits which has rested. One without time still waits for nothing between two turns. */
const restful = 0.05;

export class Rest {
  readonly #idle: () => number;
  #lookedAt: number | undefined;
  #idleBefore = 0;
  #restedAt = 0;

  /** `idle` gives the ms that the event loop has waited since it began. */
  constructor(idle: () => number = () => performance.eventLoopUtilization().idle) {
    this.#idle = idle;
  }

  /** ms, not later than `now`. To be asked again and again: nobody knows of a rest before it was asked. */
  at(now: number): number {
    const elapsed = now - (this.#lookedAt ?? Number.NEGATIVE_INFINITY);
    if (elapsed < interval) return this.#restedAt;
    const idle = this.#idle();
    if (idle - this.#idleBefore >= elapsed * restful) this.#restedAt = now;
    if (this.#lookedAt === undefined) this.#restedAt = now;
    this.#lookedAt = now;
    this.#idleBefore = idle;
    return this.#restedAt;
  }
}
