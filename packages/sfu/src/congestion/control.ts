/**
 * Congestion control of one session that receives: numbers what leaves, hears what the peer says of it, and decides what
 * its subscriptions are sent.
 *
 * It acts only on its receivers and through what it returns; the router wakes it at `nextDeadline`, and five times a second
 * while anything flows. A session whose peer gives no feedback costs a comparison a packet and gets everything.
 */
import type { Simulcast } from "@satsuma/protocol";
import type { Aim, Quality } from "../forward/quality.ts";
import { mostStatuses, newTransportFeedback, readTransportFeedback } from "../rtcp/transport-feedback.ts";
import { uint16, uint32 } from "../rtp/header.ts";
import { Allocation, type Claim } from "./allocation.ts";
import { Estimator, type EstimatorOptions } from "./estimator.ts";
import { ladderOf } from "./ladder.ts";

/** One subscription, as far as this decides about it. */
export interface Receiver {
  readonly kind: "audio" | "video";
  readonly preference: Simulcast | undefined;
  /** Whether its packets have transport-wide numbers. */
  readonly numbered: boolean;
  /** What its track can be sent as now, best first. */
  qualities(now: number): readonly Quality[];
  /** Sets what is sent; undefined: nothing. `atOnce` does not wait for it with what is sent now. */
  aim(aim: Aim | undefined, atOnce: boolean): void;
  /** bits/s that it is sent beyond what was aimed at, for as long as that has no keyframe. */
  lingering(now: number): number;
  /** Sends about so many bytes that carry nothing; gives how many it sent, 0 when it cannot. */
  pad(bytes: number, now: number): number;
}

/** What is known of the way to one session. */
export interface Estimate {
  /** bits/s that it can be sent; endless where the peer gives no feedback. */
  readonly bitrate: number;
  /** bits/s of what it is sent by allocation, and that all it subscribed to would need. */
  readonly allocated: number;
  readonly wanted: number;
  /** ms. */
  readonly roundTrip: number;
  /** ms that packets wait on their way. */
  readonly queue: number;
  /** Share of packets lost lately, 0 … 1. */
  readonly loss: number;
}

/** Of the target: what flows beyond it fills the queue faster than a keyframe of a lesser layer comes. */
const flood = 1.5;
/** ms between two steps of a probe. */
const probeStep = 2;
/** ms after which everything is divided anew, even when nothing seems to have changed. */
const review = 1_000;
/** ms after which that is done for feedback alone, of which a peer may send as much as it likes. */
const shortestReview = 10;
/** ms after a track or a wish has changed, in which that is done at every look: bitrates are only just being measured. */
const unsettled = 3_000;
/** Shared: it is filled and used up within one call. */
const feedback = newTransportFeedback();

export class CongestionControl {
  readonly estimator: Estimator;
  readonly #receivers: ReadonlySet<Receiver>;
  readonly #allocation = new Allocation<Receiver>();
  #aims: ReadonlyMap<Receiver, Quality | undefined> = new Map();
  #allocated = 0;
  #wanted = 0;
  #dividedAt = Number.NEGATIVE_INFINITY;
  /** bits/s that were divided then. */
  #divided = 0;
  #changedAt = Number.NEGATIVE_INFINITY;
  #probeAt: number | undefined;
  /** Whether the last padding could be sent. */
  #pads = true;

  constructor(options: EstimatorOptions, receivers: ReadonlySet<Receiver>) {
    this.estimator = new Estimator(options);
    this.#receivers = receivers;
  }

  get estimate(): Estimate {
    const { target: bitrate, roundTrip, queue, loss } = this.estimator;
    return { bitrate, allocated: this.#allocated, wanted: this.#wanted, roundTrip, queue, loss };
  }

  /** bits/s by which it is paced: what was decided to be sent, where that is more than is known to fit. */
  get pace(): number {
    const { target, limited } = this.estimator;
    return limited ? target : Math.max(target, this.#allocated);
  }

  /** Takes an RTCP packet of the peer, of which it reads feedback and estimates. */
  hears(packet: Uint8Array, now: number): void {
    // A few bytes claim thousands of packets, and there is room for many such claims in a datagram.
    let room = mostStatuses;
    for (let at = 0; at + 4 <= packet.length; ) {
      const end = at + (uint16(packet, at + 2) + 1) * 4;
      if (end > packet.length) return;
      const bitrate = receiverEstimateIn(packet, at, end);
      if (bitrate !== undefined) this.estimator.received(bitrate, now);
      else if (readTransportFeedback(packet, at, end, feedback)) {
        room -= feedback.count;
        if (room < 0) return;
        this.#fedBack(now);
      }
      at = end;
    }
  }

  /** Divides anew what there is; `changed` is one of whose track or wishes something is other than before. */
  divide(now: number, changed?: Receiver): void {
    this.#dividedAt = now;
    if (changed !== undefined) this.#changedAt = now;
    const claims = new Map<Receiver, Claim>();
    for (const receiver of this.#receivers) {
      if (receiver.numbered) this.estimator.expect();
    }
    const { target } = this.estimator;
    this.#divided = target;
    for (const receiver of this.#receivers) {
      const { kind, preference } = receiver;
      const limited = target !== Number.POSITIVE_INFINITY;
      claims.set(receiver, { kind, ...ladderOf(preference, receiver.qualities(now), limited) });
    }
    const { rate, limited: full, draining } = this.estimator;
    const steady = draining ? Math.max(rate, target) : target;
    const { given, used, wanted } = this.#allocation.divide(steady, claims, now, full, target);
    if (wanted <= target) this.estimator.suffices();
    let flowing = this.#allocated;
    for (const receiver of this.#receivers) flowing += receiver.lingering(now);
    const atOnce = full && flowing > target * flood;
    this.#allocated = used;
    this.#wanted = wanted;
    let index = 0;
    const aims = new Map<Receiver, Quality | undefined>();
    for (const receiver of this.#receivers) {
      const quality = given[index++];
      const known = receiver !== changed && this.#aims.has(receiver) && isSame(quality, this.#aims.get(receiver));
      if (!known || (atOnce && receiver.lingering(now) > 0)) receiver.aim(quality, atOnce);
      aims.set(receiver, quality);
    }
    this.#aims = aims;
  }

  /** Time passes. */
  elapse(now: number): void {
    const { estimator } = this;
    estimator.elapse(now);
    const short = this.#allocated < this.#wanted || estimator.target < this.#allocated;
    if (short || now - this.#changedAt < unsettled || now - this.#dividedAt >= review) this.divide(now);
    this.#considerProbe(now);
  }

  /** Sends what a probe is behind with. */
  probe(now: number): void {
    if (this.#probeAt === undefined || now < this.#probeAt) return;
    const { probes } = this.estimator;
    let owed = probes.owed(now);
    while (owed > 0) {
      const sent = this.#pad(owed, now);
      if (sent === 0) {
        this.#pads = false;
        probes.cut(now);
        break;
      }
      owed = Math.min(owed - sent, probes.owed(now));
    }
    this.#probeAt = probes.current === undefined ? undefined : now + probeStep;
  }

  /** When `probe` has something to do, or undefined. */
  nextDeadline(): number | undefined {
    return this.#probeAt;
  }

  /** The peer's transport is another. */
  restart(): void {
    this.estimator.restart();
    this.#probeAt = undefined;
  }

  #fedBack(now: number): void {
    const { estimator } = this;
    estimator.feedback(feedback, this.#pads, now);
    // Down at once; up, and for what is too much anyway as sound may be, there is time until the next look.
    const less = estimator.target < Math.min(this.#allocated, this.#divided);
    if (less && now - this.#dividedAt >= shortestReview) this.divide(now);
    this.#considerProbe(now);
  }

  #considerProbe(now: number): void {
    const { estimator } = this;
    if (this.#probeAt !== undefined || !estimator.calm || this.#allocated >= this.#wanted) return;
    if (estimator.probes.consider(this.#wanted, estimator.rate, now) === undefined) return;
    this.#probeAt = now;
    this.#pads = true;
  }

  #pad(bytes: number, now: number): number {
    for (const receiver of this.#receivers) {
      const sent = receiver.pad(bytes, now);
      if (sent > 0) return sent;
    }
    return 0;
  }
}

function isSame(a: Aim | undefined, b: Aim | undefined): boolean {
  return a?.rid === b?.rid && a?.spatial === b?.spatial && a?.temporal === b?.temporal;
}

/** bits/s of a REMB (draft-alvestrand-rmcat-remb-03 §2.2), or undefined for anything else. */
function receiverEstimateIn(packet: Uint8Array, at: number, end: number): number | undefined {
  if (packet[at + 1] !== 206 || ((packet[at] ?? 0) & 0x1f) !== 15 || end - at < 20) return undefined;
  if (uint32(packet, at + 12) !== 0x52454d42) return undefined;
  const exponent = (packet[at + 17] ?? 0) >> 2;
  return (uint32(packet, at + 16) & 0x3ffff) * 2 ** exponent;
}
