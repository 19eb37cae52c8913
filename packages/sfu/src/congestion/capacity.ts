/**
 * What the link was found to carry when it was full: a mean of the throughput at such moments, and how far it scatters.
 *
 * Near it a rate grows by small steps, far from it in proportion (draft-ietf-rmcat-gcc-02 §5.5, with libwebrtc's numbers).
 */

/** Weight of a moment of overuse, and of a probe, which fills the link on purpose. */
const overuseWeight = 0.05;
const probeWeight = 0.5;
/** Bounds of the variance, normalised by the mean in kbit/s. */
const leastVariance = 0.4;
const mostVariance = 2.5;
/** Deviations within which a throughput still speaks of the same link. */
const deviations = 3;

export class LinkCapacity {
  #kbps: number | undefined;
  #variance = leastVariance;

  /** bits/s; undefined while nothing is known, or no longer. */
  get mean(): number | undefined {
    return this.#kbps === undefined ? undefined : this.#kbps * 1_000;
  }

  overused(throughput: number): void {
    if (this.#isOther(throughput, -1)) this.#kbps = undefined;
    this.#add(throughput / 1_000, overuseWeight);
  }

  probed(bitrate: number): void {
    this.#add(bitrate / 1_000, probeWeight);
  }

  /** More arrives than the link was thought to carry: it is another link. */
  seen(throughput: number): void {
    if (this.#isOther(throughput, 1)) this.#kbps = undefined;
  }

  #isOther(throughput: number, side: 1 | -1): boolean {
    if (this.#kbps === undefined) return false;
    const scatter = deviations * Math.sqrt(this.#variance * this.#kbps);
    return side * (throughput / 1_000 - this.#kbps) > scatter;
  }

  #add(sample: number, weight: number): void {
    const before = this.#kbps;
    this.#kbps = before === undefined ? sample : before + weight * (sample - before);
    const error = this.#kbps - sample;
    const variance = (1 - weight) * this.#variance + (weight * error * error) / Math.max(this.#kbps, 1);
    this.#variance = Math.min(mostVariance, Math.max(leastVariance, variance));
  }
}
