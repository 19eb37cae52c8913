/**
 * What one session can be sent, in bits/s: from what was sent to it, and what its feedback says of that.
 *
 * Pure: packets that leave, feedback and time come in; a target and wishes for probes come out. Delay leads, loss and a
 * receiver's own estimate limit, probes lift. Feedback that stops halves it every second; a peer that never sends any,
 * though it said that it would, is treated as one that did not say so.
 */
import type { TransportFeedback } from "../rtcp/transport-feedback.ts";
import { DelayRate, shortestBusy } from "./delay-rate.ts";
import { PacketGroups } from "./groups.ts";
import { type Acknowledged, SendHistory } from "./history.ts";
import { LossRate } from "./loss-rate.ts";
import { Probes } from "./probe.ts";
import { StandingQueue } from "./queue.ts";
import { Throughput } from "./throughput.ts";
import { Trend } from "./trend.ts";

export interface EstimatorOptions {
  /** bits/s before anything is known. */
  readonly initial: number;
  /** bits/s below which the estimate never goes: sound passes whatever happens. */
  readonly floor: number;
  /** bits/s above which nobody asks. */
  readonly ceiling: number;
}

/** ms without feedback on what is sent, after which it counts as stopped, and between the halvings then. */
const silence = 1_000;
/** Packets that must be without feedback for that. */
const unheard = 10;
/** ms after which a peer that never sent feedback is known not to. */
const neverSilence = 3_000;
/** ms for which a receiver's estimate holds (draft-alvestrand-rmcat-remb-03 gives no time; senders repeat it every second). */
const receiverEstimateLife = 5_000;
/** ms of queue above which nothing is probed. */
const queued = 40;
/** Over the limit by loss, what the rate by delay may be. */
const lossRoom = 1.5;
/** ms over which what arrives is told to the loss side. */
const lossWindow = 500;
/** ms of what was sent that one feedback tells of. */
const reported = 100;
/** ms at first, until feedback tells. */
const firstRoundTrip = 100;

export class Estimator {
  readonly #options: EstimatorOptions;
  readonly #history = new SendHistory();
  #groups = new PacketGroups();
  #trend = new Trend();
  #queue = new StandingQueue();
  #throughput = new Throughput();
  readonly #delay: DelayRate;
  readonly #loss = new LossRate();
  readonly probes = new Probes();
  #roundTrip = firstRoundTrip;
  /** ms that the newest packet of the last feedback took longer than the oldest. */
  #growth = 0;
  /** ms from a packet to the feedback on it, at the least. */
  #leastRoundTrip = firstRoundTrip;
  #heardAt: number | undefined;
  #firstSentAt: number | undefined;
  #halvedAt = 0;
  /** bits/s before feedback stopped; undefined while it has not. */
  #before: number | undefined;
  #silent = false;
  /** Whether the peer said that it gives feedback, and whether it is known not to. */
  #expects = false;
  #deaf = false;
  #receiver: { readonly bitrate: number; readonly until: number } | undefined;

  constructor(options: EstimatorOptions) {
    this.#options = options;
    this.#delay = new DelayRate(options.initial);
  }

  /** bits/s to send now; endless for a peer that gives no feedback. */
  get target(): number {
    if (!this.#expects || this.#deaf) {
      return Math.max(this.#options.floor, this.#receiver?.bitrate ?? Number.POSITIVE_INFINITY);
    }
    return this.#bounded(this.#delay.target);
  }

  /** bits/s that the way is thought to carry, when no queue has to be emptied. */
  get rate(): number {
    return this.#bounded(this.#delay.rate);
  }

  /**
   * Whether the target is a limit that was found: by a full link, by losses, by the receiver, by silence. Otherwise it is
   * only what has been proven so far.
   */
  get limited(): boolean {
    return this.#delay.full || this.#silent || this.#receiver !== undefined || Number.isFinite(this.#loss.limit);
  }

  /** All that is wanted fits into the target: what limited it once is no more. */
  suffices(): void {
    this.#delay.full = false;
  }

  /** ms. */
  get roundTrip(): number {
    return this.#roundTrip;
  }

  /** ms that packets wait on their way. */
  get queue(): number {
    return this.#queue.delay;
  }

  /** Whether a queue stands that is to be emptied. */
  get draining(): boolean {
    return this.#delay.draining;
  }

  /** Share of packets lost lately. */
  get loss(): number {
    return this.#loss.loss;
  }

  /** Bytes of which nothing is known yet. */
  get underway(): number {
    return this.#history.underway;
  }

  /** The peer has agreed to give feedback: from now on there is an estimate. */
  expect(): void {
    this.#expects = true;
  }

  /** The transport-wide number, on 16 bits, of a packet that leaves now. */
  send(size: number, now: number): number {
    const { probes } = this;
    const number = this.#history.send(size, now, probes.id);
    if (probes.id > 0) probes.sent(size, now);
    return number;
  }

  /** `padding` tells whether probes can be sent. */
  feedback(feedback: TransportFeedback, padding: boolean, now: number): void {
    const batch = this.#history.acknowledge(feedback);
    this.#heardAt = now;
    this.#history.hear();
    this.#deaf = false;
    this.#silent = false;
    if (batch.count > 0) this.#arrived(batch, now);
    if (batch.count > 0 && this.#before !== undefined) {
      this.#resume(this.#before);
      return;
    }
    const arriving = this.#throughput.rate(lossWindow);
    let bytes = batch.lostBytes;
    for (let index = 0; index < batch.count; index += 1) bytes += batch.sizes[index] ?? 0;
    const lost = batch.lost - batch.recovered;
    this.#loss.add(bytes, batch.count, lost, this.#delay.rate, arriving, now);
    if (batch.count === 0) return;
    this.#delay.update(
      {
        usage: this.#trend.usage,
        throughput: this.#throughput,
        queue: this.#queue.delay,
        busy: this.#queue.busy,
        growth: this.#growth,
        ahead:
          arriving === undefined ? 0 : (this.#history.underway * 8_000) / arriving - this.#leastRoundTrip - reported,
        roundTrip: this.#roundTrip,
        probes: padding,
      },
      now,
    );
    const found = this.probes.acknowledge(batch, now);
    if (found !== undefined) {
      // What got through refutes that what was lost before was too much.
      if (found.bitrate > this.#delay.rate) this.#loss.forget();
      this.#delay.probed(found, arriving ?? 0);
    }
    if (this.#overused) this.probes.overused(now);
    // What is lost is not forgotten at once when nothing is lost any more, because less is sent.
    this.#delay.limit(Math.min(this.#options.ceiling, this.#loss.limit * lossRoom));
  }

  /** A receiver's own estimate (REMB), in bits/s. */
  received(bitrate: number, now: number): void {
    this.#receiver = { bitrate, until: now + receiverEstimateLife };
  }

  /** Whether a probe above the target may be sent now. */
  get calm(): boolean {
    return (
      this.#expects &&
      !this.#deaf &&
      !this.draining &&
      !this.#overused &&
      this.queue < queued &&
      this.#loss.limit >= this.#delay.rate
    );
  }

  /** Time passes; to be called a few times a second while anything is sent. */
  elapse(now: number): void {
    if (this.#receiver !== undefined && now >= this.#receiver.until) this.#receiver = undefined;
    if (this.#heardAt === undefined) {
      if (this.#history.unheard > 0) this.#firstSentAt ??= now;
      this.#deaf ||= this.#firstSentAt !== undefined && now - this.#firstSentAt >= neverSilence;
      return;
    }
    // With nothing under way there is no queue, and what was lost before says nothing any more.
    if (now - this.#history.sentAt >= silence) this.#rest();
    if (this.#history.unheard < unheard || now - Math.max(this.#heardAt, this.#halvedAt) < silence) return;
    this.#halvedAt = now;
    this.#before ??= this.#delay.rate;
    this.#silent = true;
    this.#delay.limit(Math.max(this.#options.floor, this.#delay.rate / 2));
  }

  /**
   * The peer's transport is another: what is under way will not be told of, the way may be another, too, and the clock of what
   * arrives may have another zero, so that nothing compares with what arrived before.
   */
  restart(): void {
    this.#history.forget();
    this.#groups = new PacketGroups();
    this.#trend = new Trend();
    this.#queue = new StandingQueue();
    this.#throughput = new Throughput();
    this.probes.forget();
  }

  /**
   * The way was cut and is there again, or is another: it is begun with as at first. What was lost meanwhile was lost to the
   * cut, and says nothing of how much the way carries.
   */
  #resume(before: number): void {
    this.#before = undefined;
    this.#rest();
    this.#delay.resume(Math.min(before, this.#options.initial));
  }

  #rest(): void {
    this.#history.hear();
    this.#queue.delay = 0;
    this.#trend.usage = "normal";
    this.#delay.rest();
    this.#loss.forget();
  }

  #arrived(batch: Acknowledged, now: number): void {
    let quickest = Number.POSITIVE_INFINITY;
    let newest = 0;
    this.#growth = wayOf(batch, batch.count - 1) - wayOf(batch, 0);
    for (let index = 0; index < batch.count; index += 1) {
      const sentAt = batch.sentAt[index] ?? 0;
      const arrivedAt = batch.arrivedAt[index] ?? 0;
      quickest = Math.min(quickest, arrivedAt - sentAt);
      newest = Math.max(newest, sentAt);
      this.#queue.arrived(arrivedAt - sentAt, arrivedAt);
      this.#throughput.add(arrivedAt, batch.sizes[index] ?? 0);
      if (this.#groups.add(sentAt, arrivedAt)) {
        this.#trend.add(this.#groups.sendDelta, this.#groups.arrivalDelta, arrivedAt);
      }
    }
    this.#queue.add(quickest, now);
    this.#roundTrip += (now - newest - this.#roundTrip) / 8;
    this.#leastRoundTrip = Math.min(this.#leastRoundTrip, now - newest);
  }

  /** The way grows, and every packet has waited: one without the other is a machine that is busy. */
  get #overused(): boolean {
    return this.#trend.usage === "over" && this.#queue.busy >= shortestBusy;
  }

  #bounded(rate: number): number {
    const { floor, ceiling } = this.#options;
    const limit = Math.min(ceiling, this.#loss.limit, this.#receiver?.bitrate ?? ceiling);
    return Math.max(floor, Math.min(rate, limit));
  }
}

/** ms from sending on our clock to arrival on the peer's. */
function wayOf({ sentAt, arrivedAt }: Acknowledged, index: number): number {
  return (arrivedAt[index] ?? 0) - (sentAt[index] ?? 0);
}
