/**
 * How much later a stream's packets come than the quickest of the last half minute did, by their own clock: what they waited
 * for, be it on their way or in this server.
 */
import { StandingQueue } from "../congestion/queue.ts";

/** ms by which one packet's time may be ahead of the one before, or behind it; beyond, the clock was set. */
const longestJump = 10_000;

export class Lateness {
  readonly #clockRate: number;
  #queue = new StandingQueue();
  #timestamp: number | undefined;
  /** ms on the stream's clock. */
  #at = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** ms, of a packet that comes now. */
  of(timestamp: number, now: number): number {
    const step = (((timestamp - (this.#timestamp ?? timestamp)) | 0) * 1_000) / this.#clockRate;
    this.#timestamp = timestamp;
    if (Math.abs(step) > longestJump) this.#queue = new StandingQueue();
    this.#at += step;
    this.#queue.add(now - this.#at, now);
    return this.#queue.delay;
  }
}
