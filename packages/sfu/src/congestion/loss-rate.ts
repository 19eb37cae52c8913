/**
 * The rate by loss: which capacity, together with losses that have nothing to do with it, explains best what was lost.
 *
 * A radio link loses packets at every rate, a full queue those above its capacity. Each quarter of a second is an
 * observation; candidates for the capacity are judged by how likely they make the last five seconds. The idea is that of
 * libwebrtc's loss-based estimator (v2), with a grid in place of its gradient step.
 */

/** ms of one observation. */
const span = 250;
/** Observations that count, and how much less each older one does. */
const kept = 20;
const fading = 0.9;
/** Below this share nobody's picture suffers, and there is nothing to explain. */
const negligible = 0.01;
/** Shares of loss that a link may have at any rate. */
const inherents = [0.0001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3];
/** Less is believed of a fast link: this share, and at a bandwidth of b what `inherentBalance` / b adds. */
const inherentOffset = 0.05;
const inherentBalance = 75_000;
/** Of loss above the offset, a bandwidth of `inherentBalance` / loss is the most, whatever explains it. */
const steps = [1.05, 1, 0.95];
const backOff = 0.85;
/** Log-likelihood that a candidate gains by being larger, for each factor of e: between equals the larger one wins. */
const ambition = 0.02;
/** What "loss has nothing to do with the rate" has in advance: few packets can look like a limit by chance. */
const presumption = 4;

interface Observation {
  /** bits/s that were sent. */
  readonly rate: number;
  readonly received: number;
  readonly lost: number;
}

export class LossRate {
  /** bits/s; endless where loss does not limit. */
  limit = Number.POSITIVE_INFINITY;
  readonly #observations: Observation[] = [];
  #began: number | undefined;
  #bytes = 0;
  #received = 0;
  #lost = 0;

  /** The share that was lost lately, 0 … 1. */
  get loss(): number {
    let weight = 1;
    let received = 0;
    let lost = 0;
    for (const observation of this.#observations) {
      received += observation.received * weight;
      lost += observation.lost * weight;
      weight *= fading;
    }
    return lost === 0 ? 0 : lost / (received + lost);
  }

  /** Packets that feedback told of. `ceiling` is the rate by delay, `arriving` what gets through, in bits/s. */
  add(bytes: number, received: number, lost: number, ceiling: number, arriving: number | undefined, now: number): void {
    this.#began ??= now;
    this.#bytes += bytes;
    this.#received += received;
    this.#lost += lost;
    if (now - this.#began < span) return;
    const observation = {
      rate: (this.#bytes * 8_000) / (now - this.#began),
      received: this.#received,
      lost: Math.max(0, this.#lost),
    };
    this.#observations.unshift(observation);
    if (this.#observations.length > kept) this.#observations.pop();
    this.#began = now;
    this.#bytes = 0;
    this.#received = 0;
    this.#lost = 0;
    const limit = this.#explain(ceiling, arriving);
    // What got through whole is no reason for less, whatever was lost seconds ago.
    this.limit = observation.lost === 0 ? Math.max(this.limit, limit) : limit;
  }

  /** What was lost is too long ago to say anything. */
  forget(): void {
    this.#observations.length = 0;
    this.limit = Number.POSITIVE_INFINITY;
  }

  #explain(ceiling: number, arriving: number | undefined): number {
    const { loss } = this;
    if (loss < negligible) return Number.POSITIVE_INFINITY;
    const current = Math.min(this.limit, ceiling);
    const candidates = [ceiling, ...steps.map((step) => step * current)];
    if (arriving !== undefined) candidates.push(arriving, arriving * backOff);
    let best = current;
    let likelihood = Number.NEGATIVE_INFINITY;
    for (const candidate of candidates) {
      if (candidate > ceiling || candidate <= 0) continue;
      const presumed = candidate === ceiling ? presumption : 0;
      const likely = this.#likelihood(candidate) + ambition * Math.log(candidate) + presumed;
      if (likely <= likelihood) continue;
      likelihood = likely;
      best = candidate;
    }
    const bound = loss > inherentOffset ? inherentBalance / (loss - inherentOffset) : Number.POSITIVE_INFINITY;
    if (bound < best) return bound;
    return best === ceiling ? Number.POSITIVE_INFINITY : best;
  }

  /** Of what was seen, were this the capacity, with the losses of the link that fit it best. */
  #likelihood(bandwidth: number): number {
    const most = inherentOffset + inherentBalance / bandwidth;
    let best = Number.NEGATIVE_INFINITY;
    for (const inherent of inherents) {
      if (inherent > most) break;
      let sum = 0;
      let weight = 1;
      for (const { rate, received, lost } of this.#observations) {
        const excess = rate > bandwidth ? (rate - bandwidth) / rate : 0;
        const loss = Math.min(0.999, inherent + (1 - inherent) * excess);
        sum += weight * (lost * Math.log(loss) + received * Math.log(1 - loss));
        weight *= fading;
      }
      if (sum > best) best = sum;
    }
    return best;
  }
}
