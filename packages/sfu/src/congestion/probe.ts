/**
 * Probes: for a moment more is sent than anybody needs, to see whether it gets through before anything depends on it.
 *
 * When to probe is decided by what is wanted and how the last probes went (libwebrtc's probe controller: at the start, again
 * and again while less is sent than wanted, and after a drop). What a probe found is the lower of the rates at which it
 * left and came.
 */
import { type Acknowledged, mostProbes } from "./history.ts";

/** ms for which a probe fills the link, and the fewest packets that tell anything. */
const length = 20;
const fewestPackets = 6;
/** Factor over the estimate: bolder while nothing is known. */
const firstStep = 3;
const step = 2;
/** Above what is wanted, so that the estimate lies above it afterwards, too. */
const headroom = 1.2;
/** Of the probe's rate: what counts as having got through, so that the next one may follow at once. */
const success = 0.85;
/** Share of its packets and bytes that must come. */
const complete = 0.8;
/** A link that delivers faster than was sent has held packets back, and tells nothing. */
const gathered = 2;
/** What gets through less than it was sent has filled the link; a little below that is safe. */
const filled = 0.9;
const filledTarget = 0.95;
/** Bytes of IPv4, UDP and SRTP beside each packet: padding is small, and would seem to fill the link with less. */
const overhead = 38;
/** What is left of the link's rate for packets of media, which are large. */
const mediaShare = 0.97;
/** Of the time in which a probe came: a longer pause in it is a machine that was held up, and no full link. */
const longestGap = 0.5;
/** ms after which what did not come will not. */
const patience = 1_000;
/** ms between probes: after one that did not get through it doubles, up to the most. */
const shortestPause = 1_000;
const longestPause = 3_000;
/** ms after the link was full. */
const afterOveruse = 2_000;
/** ms of sending that one late step makes up for: a busy machine sends a probe slower, and not all of it at once. */
const longestStep = 8;

/** What a probe found. */
export interface Found {
  /** bits/s that got through. */
  readonly bitrate: number;
  /** Whether the link carries no more: it delivered slower than was sent. */
  readonly filled: boolean;
}

export interface Probe {
  /** From 1 on; 0 is no probe. */
  readonly id: number;
  /** bits/s. */
  readonly bitrate: number;
  /** Bytes on the wire that it is made of, media that leaves meanwhile included. */
  readonly bytes: number;
}

export class Probes {
  #probe: Probe | undefined;
  /** Whether its first padding is there: what leaves before that is no part of it, for it may be long on its way. */
  #opened = false;
  /** Bytes that were due when it was last looked, and ms of that. */
  #due = 0;
  #dueAt = 0;
  #sentBytes = 0;
  #sentPackets = 0;
  /** The probe whose feedback is awaited. */
  #awaited: (Probe & { readonly until: number }) | undefined;
  #lastId = 0;
  #everFound = false;
  #pause = shortestPause;
  #nextAt = Number.NEGATIVE_INFINITY;
  #packets = 0;
  #bytes = 0;
  #firstSentAt = 0;
  #lastSentAt = 0;
  #lastSize = 0;
  #firstArrivedAt = 0;
  #lastArrivedAt = 0;
  #firstSize = 0;
  #longestGap = 0;

  /** The probe that is being sent. */
  get current(): Probe | undefined {
    return this.#probe;
  }

  /** What packets that leave now are part of; 0 for no probe. */
  get id(): number {
    return this.#opened ? (this.#probe?.id ?? 0) : 0;
  }

  /** Begins a probe if one is due: `wanted` bits/s where `rate` is what is known to fit. */
  consider(wanted: number, rate: number, now: number): Probe | undefined {
    if (this.#awaited !== undefined && now >= this.#awaited.until) this.#failed(now);
    if (this.#probe !== undefined || this.#awaited !== undefined || now < this.#nextAt) return undefined;
    const goal = wanted * headroom;
    if (goal <= rate * 1.05) return undefined;
    const bitrate = Math.min(goal, rate * (this.#everFound ? step : firstStep));
    this.#lastId = (this.#lastId % mostProbes) + 1;
    this.#probe = { id: this.#lastId, bitrate, bytes: (bitrate * length) / (8_000 * mediaShare) };
    this.#due = this.#probe.bytes / fewestPackets;
    this.#dueAt = now;
    this.#opened = false;
    this.#sentBytes = 0;
    this.#sentPackets = 0;
    this.#packets = 0;
    this.#bytes = 0;
    return this.#probe;
  }

  /** Bytes of padding that the current probe is behind with; 0 when it is on time, or there is none. */
  owed(now: number): number {
    if (this.#probe === undefined) return 0;
    this.#opened = true;
    this.#due += (this.#probe.bitrate * Math.min(longestStep, now - this.#dueAt)) / (8_000 * mediaShare);
    this.#dueAt = now;
    return Math.max(0, this.#due - this.#sentBytes);
  }

  /** A packet left as part of the current probe. */
  sent(size: number, now: number): void {
    const probe = this.#probe;
    if (probe === undefined || !this.#opened) return;
    this.#sentBytes += size + overhead;
    this.#sentPackets += 1;
    if (this.#sentBytes >= probe.bytes && this.#sentPackets >= fewestPackets) this.#end(probe, now);
  }

  /** Nothing can be sent for the current probe: it is judged by what was. */
  cut(now: number): void {
    if (this.#probe === undefined) return;
    if (this.#sentPackets >= fewestPackets) {
      this.#end(this.#probe, now);
      return;
    }
    this.#probe = undefined;
    this.#failed(now);
  }

  /** The link is full, so that nothing above this rate is looked for yet. */
  overused(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now + afterOveruse);
  }

  /** Nothing more is sent of the current probe, and nothing will be told of it. */
  forget(): void {
    this.#probe = undefined;
    this.#awaited = undefined;
  }

  /** Looks for packets of the awaited probe; gives what it found when it is complete. */
  acknowledge(batch: Acknowledged, now: number): Found | undefined {
    const probe = this.#awaited ?? this.#probe;
    if (probe === undefined) return undefined;
    for (let index = 0; index < batch.count; index += 1) {
      if (batch.probes[index] !== probe.id) continue;
      this.#add(batch.sentAt[index] ?? 0, batch.arrivedAt[index] ?? 0, (batch.sizes[index] ?? 0) + overhead);
    }
    if (this.#awaited === undefined) return undefined;
    if (this.#packets < this.#sentPackets * complete || this.#bytes < this.#sentBytes * complete) return undefined;
    return this.#judge(this.#awaited, now);
  }

  /** When `consider` or `owed` may have something new to say while nothing else happens. */
  nextDeadline(): number | undefined {
    return this.#awaited?.until;
  }

  #add(sentAt: number, arrivedAt: number, size: number): void {
    if (this.#packets === 0 || sentAt < this.#firstSentAt) this.#firstSentAt = sentAt;
    if (this.#packets === 0 || sentAt >= this.#lastSentAt) {
      this.#lastSentAt = sentAt;
      this.#lastSize = size;
    }
    if (this.#packets === 0 || arrivedAt < this.#firstArrivedAt) {
      this.#firstArrivedAt = arrivedAt;
      this.#firstSize = size;
    }
    if (this.#packets === 0) {
      this.#lastArrivedAt = arrivedAt;
      this.#longestGap = 0;
    } else if (arrivedAt > this.#lastArrivedAt) {
      this.#longestGap = Math.max(this.#longestGap, arrivedAt - this.#lastArrivedAt);
      this.#lastArrivedAt = arrivedAt;
    }
    this.#packets += 1;
    this.#bytes += size;
  }

  #judge(probe: Probe, now: number): Found | undefined {
    const sendSpan = this.#lastSentAt - this.#firstSentAt;
    const arrivalSpan = this.#lastArrivedAt - this.#firstArrivedAt;
    if (sendSpan <= 0 || arrivalSpan <= 0) return this.#toldNothing(now);
    const sendRate = ((this.#bytes - this.#lastSize) * 8_000 * mediaShare) / sendSpan;
    const arrivalRate = ((this.#bytes - this.#firstSize) * 8_000 * mediaShare) / arrivalSpan;
    if (sendSpan > arrivalSpan * gathered) return this.#toldNothing(now);
    // Packets of media are larger than padding, so that rates alone tell more of where in the probe one came than of the link.
    const isFilled = sendSpan < arrivalSpan * filled && arrivalRate < sendRate * filled;
    if (isFilled && this.#longestGap > arrivalSpan * longestGap) return this.#toldNothing(now);
    const found = isFilled ? arrivalRate * filledTarget : sendRate;
    this.#awaited = undefined;
    this.#everFound = true;
    if (found >= success * probe.bitrate) {
      this.#pause = shortestPause;
      this.#nextAt = Math.max(this.#nextAt, now);
    } else {
      this.#postpone(now);
    }
    return { bitrate: Math.min(found, probe.bitrate), filled: isFilled };
  }

  /** Neither that it got through nor that it did not: the next one soon follows. */
  #toldNothing(now: number): undefined {
    this.#awaited = undefined;
    this.#nextAt = Math.max(this.#nextAt, now + shortestPause);
  }

  #failed(now: number): undefined {
    this.#awaited = undefined;
    this.#postpone(now);
  }

  #postpone(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now + this.#pause);
    this.#pause = Math.min(longestPause, this.#pause * 2);
  }

  #end(probe: Probe, now: number): void {
    this.#probe = undefined;
    this.#awaited = { ...probe, until: now + patience };
  }
}
