/**
 * The rate by delay: up while the way stays as long as it is, down to what gets through when it grows.
 *
 * draft-ietf-rmcat-gcc-02 §5.5, with two deviations that a forwarder of whole layers needs. A queue that stands is sent
 * empty: the target stays so far below what gets through that the queue is gone in about a second. And what gets through
 * is taken only over the time in which the link was busy: a forwarder often sends much less than the link carries, and a
 * keyframe that fills it for a moment must not make that little the rate.
 */
import { LinkCapacity } from "./capacity.ts";
import type { Found } from "./probe.ts";
import type { Throughput } from "./throughput.ts";
import type { Usage } from "./trend.ts";

export interface DelayObservation {
  readonly usage: Usage;
  readonly throughput: Throughput;
  /** ms that packets wait in the queue, and for which every one has had to; and how many more the newest waited than the oldest. */
  readonly queue: number;
  readonly busy: number;
  readonly growth: number;
  /** ms that what is sent now would wait, by what is under way. */
  readonly ahead: number;
  /** ms. */
  readonly roundTrip: number;
  /** Whether a rate above what is sent can be found out by probes; otherwise it has to grow by itself. */
  readonly probes: boolean;
}

/** Of what gets through when the link is full (§5.5, beta); and where it has only just filled, with hardly a queue. */
const backOff = 0.9;
const slightBackOff = 0.93;
/** A second's growth far from the capacity (§5.5, eta). */
const growth = 1.08;
/** bits/s that a rate grows in a second at least. */
const leastGrowth = 4_000;
/** Above what gets through, so that a rate that nothing proves does not grow without end (§5.5). */
const unproven = 1.5;
const unprovenOffset = 10_000;
/** Of the rate: a probe that finds less than this lowers it. */
const believed = 0.85;
/** Of the rate: a fall below this is believed only of a queue. */
const doubtful = 0.6;
/** ms of queue that is none. */
const noQueue = 50;
/** ms of queue that are chance. */
const unqueued = 8;
/** ms of queue that is too much even when it grows no longer, because it overflows. */
const standingQueue = 120;
/** ms by which a queue grows within one feedback when far too much is sent: a slope would show it only some pictures later. */
const fastGrowth = 40;
/** ms in which a queue is to be gone. */
const drainTime = 1_000;
/** ms over which throughput is taken; while the link is busy it shows in any window, if that is not too short. */
const steadyWindow = 500;
/** The same, long enough that what was held back and came at once does not seem to be what the link carries. */
const provenWindow = 1_000;
const longestBusy = 200;
export const shortestBusy = 30;

export class DelayRate {
  /** bits/s that the link is thought to carry. */
  rate: number;
  /** bits/s to send now: less than the rate while a queue is to be emptied. */
  target: number;
  /** Whether the link was seen full, so that the rate is what was found and not what is guessed. */
  full = false;
  #draining = false;
  #updatedAt: number | undefined;
  #reducedAt = Number.NEGATIVE_INFINITY;
  readonly #capacity = new LinkCapacity();

  constructor(initial: number) {
    this.rate = initial;
    this.target = initial;
  }

  get draining(): boolean {
    return this.#draining;
  }

  update(observation: DelayObservation, now: number): void {
    const { usage, throughput, queue, busy, growth, ahead } = observation;
    const arriving = throughput.rate(busy < shortestBusy ? steadyWindow : Math.min(busy, longestBusy));
    const elapsed = Math.min(1_000, now - (this.#updatedAt ?? now));
    this.#updatedAt = now;
    if (arriving !== undefined) this.#capacity.seen(arriving);
    const floods = queue > noQueue && growth > fastGrowth;
    if (usage === "over" || queue > standingQueue || floods) this.#reduce(observation, arriving, now);
    else if (usage === "normal" && !this.#draining) this.#increase(observation, arriving, elapsed);
    if (arriving !== undefined && busy < shortestBusy && queue < unqueued) this.#prove(arriving, throughput);
    if (this.#draining && queue < noQueue && usage !== "over") this.#draining = false;
    // A link that has been busy for so long shows what it carries, also when it was thought to be less.
    if (this.#draining && arriving !== undefined && busy >= longestBusy) {
      this.rate = Math.max(this.rate, Math.min(arriving, this.#capacity.mean ?? arriving) * backOff);
    }
    this.target = this.rate;
    if (this.#draining && arriving !== undefined) {
      this.target = Math.min(this.rate, arriving * Math.max(0, 1 - (Math.max(queue, ahead) - noQueue) / drainTime));
    }
  }

  /** What a probe found; `arriving` is what got through without it. */
  probed({ bitrate, filled }: Found, arriving: number): void {
    // A link that it has not filled carries that and more; a little less than the rate may be chance, as short as it is.
    if (bitrate < this.rate && (!filled || bitrate > this.rate * believed)) return;
    this.#capacity.probed(bitrate);
    if (this.#draining) return;
    this.rate = Math.max(bitrate, arriving);
    this.target = this.rate;
  }

  /** Nothing is sent, so that no queue stands. */
  rest(): void {
    this.#draining = false;
    this.target = this.rate;
  }

  /** Begins anew, at this rate at the least. */
  resume(rate: number): void {
    this.#draining = false;
    this.rate = Math.max(this.rate, rate);
    this.target = this.rate;
  }

  /** Something else than delay says that it is less. */
  limit(rate: number): void {
    this.rate = Math.min(this.rate, rate);
    this.target = Math.min(this.target, rate);
  }

  #reduce({ queue, busy, roundTrip }: DelayObservation, arriving: number | undefined, now: number): void {
    const pause = Math.min(200, Math.max(10, roundTrip));
    const waited = busy >= shortestBusy;
    const far = waited && arriving !== undefined && arriving < this.rate / 2;
    // A way that grows while packets still come as quickly as ever is noise, or is about to show more clearly.
    if (!waited || arriving === undefined || (now - this.#reducedAt < pause && !far)) return;
    // Little is sent, and the way has become a little longer: another way, maybe. A link that is full soon shows a queue.
    if (queue < noQueue && arriving < this.rate * doubtful) return;
    this.#reducedAt = now;
    this.full = true;
    this.#draining = queue > noQueue;
    this.#capacity.overused(arriving);
    const reduced = Math.min(arriving, this.#capacity.mean ?? arriving) * (this.#draining ? backOff : slightBackOff);
    this.rate = Math.min(this.rate, reduced);
  }

  /** What comes and has not waited proves itself, however low the guess was, and however unsteadily it comes. */
  #prove(arriving: number, throughput: Throughput): void {
    this.rate = Math.max(this.rate, Math.min(arriving, throughput.rate(provenWindow) ?? 0));
  }

  #increase({ roundTrip, probes }: DelayObservation, arriving: number | undefined, elapsed: number): void {
    const step =
      this.#capacity.mean === undefined
        ? this.rate * (growth ** (elapsed / 1_000) - 1)
        : (Math.max(leastGrowth, packetBits(this.rate) / ((roundTrip + 100) / 1_000)) * elapsed) / 1_000;
    const bound = probes && arriving !== undefined ? arriving * unproven + unprovenOffset : Number.POSITIVE_INFINITY;
    if (this.rate < bound) this.rate = Math.min(bound, this.rate + step);
  }
}

/** Bits of a mean packet, at 30 pictures a second and 1,200 bytes (§5.5). */
function packetBits(rate: number): number {
  const picture = rate / 30;
  return picture / Math.max(1, Math.ceil(picture / (1_200 * 8)));
}
