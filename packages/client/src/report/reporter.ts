/**
 * What is reported of one's own media for the record of the call, and when. Pure: samples, states and the time go in.
 *
 * One sample in ten seconds, the worst of them, so that a short trouble is seen; states when they change, not more often
 * than once a second. What was not said in time is not said later: a fresh word is enough.
 */
import type { ConnectionStates, QualitySample, Report } from "@satsuma/protocol";

/** Milliseconds between two samples, and between two reports of states: what a room keeps for long. */
export const sampleInterval = 10_000;
export const statesInterval = 1_000;

const severity = { good: 0, fair: 1, poor: 2, lost: 3 } as const;

export class Reporter {
  #worst: QualitySample | undefined;
  #sampledAt: number | undefined;
  #states: ConnectionStates = {};
  #told: ConnectionStates = {};
  #toldAt = Number.NEGATIVE_INFINITY;

  /** The newest sample; `undefined` while there is nothing to measure. */
  sampled(sample: QualitySample, now: number): void {
    this.#sampledAt ??= now;
    if (this.#worst && severity[sample.quality] < severity[this.#worst.quality]) return;
    this.#worst = sample;
  }

  states(states: ConnectionStates): void {
    this.#states = states;
  }

  /** What to say now, if anything; it counts as said. */
  next(now: number): Report | undefined {
    const sample = this.#dueSample(now);
    const states = now >= this.#toldAt + statesInterval ? this.#changed() : undefined;
    if (states) {
      this.#told = this.#states;
      this.#toldAt = now;
    }
    return sample || states ? { ...(sample && { sample }), ...(states && { states }) } : undefined;
  }

  nextDeadline(): number | undefined {
    const sample = this.#worst && this.#sampledAt !== undefined ? this.#sampledAt + sampleInterval : undefined;
    const states = this.#changed() ? this.#toldAt + statesInterval : undefined;
    return sample === undefined || states === undefined ? (sample ?? states) : Math.min(sample, states);
  }

  #dueSample(now: number): QualitySample | undefined {
    const worst = this.#worst;
    if (!worst || this.#sampledAt === undefined || now < this.#sampledAt + sampleInterval) return undefined;
    this.#worst = undefined;
    this.#sampledAt = undefined;
    return worst;
  }

  #changed(): ConnectionStates | undefined {
    const changed: Partial<Record<keyof ConnectionStates, string | number>> = {};
    for (const key of ["connection", "ice", "gathering", "signalling", "attempt"] as const) {
      const state = this.#states[key];
      if (state !== undefined && state !== this.#told[key]) changed[key] = state;
    }
    if (Object.keys(changed).length === 0) return undefined;
    if (changed.connection !== undefined && this.#states.why !== undefined) changed.why = this.#states.why;
    return changed as ConnectionStates;
  }
}
