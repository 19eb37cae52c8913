/**
 * Whether the way gets longer: the slope of the delay over the last groups of packets, against a threshold that follows it.
 *
 * As libwebrtc's trendline estimator and overuse detector are published, after draft-ietf-rmcat-gcc-02 §5.3 and §5.4 with a
 * line through the smoothed delay in place of the Kalman filter.
 */

export type Usage = "normal" | "over" | "under";

/** Groups that the line is drawn through. */
const window = 20;
const smoothing = 0.9;
const gain = 4;
/** Groups after which the slope counts in full. */
const fullWeight = 60;
/** ms: the threshold at first, and the least and the most that it may become. */
const firstThreshold = 12.5;
const leastThreshold = 6;
const mostThreshold = 600;
/** How fast the threshold follows upwards and downwards, a ms. */
const upward = 0.008_7;
const downward = 0.039;
/** ms above the threshold that it does not follow: that is a queue, and no noise. */
const outlier = 15;
/** ms of one threshold adaptation at the most. */
const longestStep = 100;
/** ms that the slope stays above before it means anything. */
const patience = 10;

export class Trend {
  readonly #times = new Float64Array(window);
  readonly #delays = new Float64Array(window);
  #count = 0;
  #firstAt: number | undefined;
  #accumulated = 0;
  #smoothed = 0;
  #slope = 0;
  #threshold = firstThreshold;
  #adaptedAt: number | undefined;
  /** ms for which the slope has been above; undefined when it is not. */
  #above: number | undefined;
  #rises = 0;
  usage: Usage = "normal";

  add(sendDelta: number, arrivalDelta: number, arrivedAt: number): void {
    this.#firstAt ??= arrivedAt;
    this.#accumulated += arrivalDelta - sendDelta;
    this.#smoothed = smoothing * this.#smoothed + (1 - smoothing) * this.#accumulated;
    this.#times[this.#count % window] = arrivedAt - this.#firstAt;
    this.#delays[this.#count % window] = this.#smoothed;
    this.#count += 1;
    const before = this.#slope;
    if (this.#count >= window) this.#slope = this.#line() ?? this.#slope;
    this.#detect(sendDelta, before, arrivedAt);
  }

  #detect(sendDelta: number, before: number, now: number): void {
    if (this.#count < 2) return;
    const weighed = Math.min(this.#count, fullWeight) * this.#slope * gain;
    if (weighed > this.#threshold) {
      this.#above = this.#above === undefined ? sendDelta / 2 : this.#above + sendDelta;
      this.#rises += 1;
      if (this.#above > patience && this.#rises > 1 && this.#slope >= before) {
        this.#above = 0;
        this.#rises = 0;
        this.usage = "over";
      }
    } else {
      this.#above = undefined;
      this.#rises = 0;
      this.usage = weighed < -this.#threshold ? "under" : "normal";
    }
    this.#adapt(Math.abs(weighed), now);
  }

  #adapt(weighed: number, now: number): void {
    const step = Math.min(now - (this.#adaptedAt ?? now), longestStep);
    this.#adaptedAt = now;
    if (weighed > this.#threshold + outlier) return;
    const rate = weighed < this.#threshold ? downward : upward;
    const next = this.#threshold + rate * (weighed - this.#threshold) * step;
    this.#threshold = Math.min(mostThreshold, Math.max(leastThreshold, next));
  }

  /** Slope of the least-squares line, ms of delay a ms; undefined when all came at once. */
  #line(): number | undefined {
    let timeSum = 0;
    let delaySum = 0;
    for (let index = 0; index < window; index += 1) {
      timeSum += this.#times[index] ?? 0;
      delaySum += this.#delays[index] ?? 0;
    }
    const time = timeSum / window;
    const delay = delaySum / window;
    let numerator = 0;
    let denominator = 0;
    for (let index = 0; index < window; index += 1) {
      const distance = (this.#times[index] ?? 0) - time;
      numerator += distance * ((this.#delays[index] ?? 0) - delay);
      denominator += distance * distance;
    }
    return denominator === 0 ? undefined : numerator / denominator;
  }
}
