/**
 * What was sent to one session under transport-wide numbers, until its feedback comes: when, how much, and for which probe.
 *
 * Columns of plain numbers instead of an object a packet, because every packet passes here. It begins small and grows with
 * what is under way, up to a bound; what is older than that counts as never sent.
 */
import { mostStatuses, referenceCycle, referenceUnit, type TransportFeedback } from "../rtcp/transport-feedback.ts";
import { sequenceDistance } from "../rtp/sequence.ts";

/** Packets, a power of two: what is under way of one picture at a round trip of a tenth of a second, with its feedback. */
const firstCapacity = 128;
/** A second at 100 Mbit/s. */
const mostCapacity = 8_192;
/** ms for which a packet without feedback is worth growing for. */
const horizon = 2_000;
const cycle = referenceCycle * referenceUnit;

const free = 0;
const underway = 1;
/** Told of as missing; it may still come. */
const missing = 2;
const arrived = 3;

const stateAt = 16;
const probeAt = 18;
/** Probes are counted up to this, and then from 1 on again. */
export const mostProbes = 0x3fff;

/** What one feedback packet brought that was not known, ordered by arrival. */
export interface Acknowledged {
  count: number;
  /** ms of our clock. */
  readonly sentAt: Float64Array;
  /** ms of the peer's clock, which runs beside ours from another zero. */
  readonly arrivedAt: Float64Array;
  /** Bytes. */
  readonly sizes: Uint16Array;
  /** The probe that a packet was part of; 0 for none. */
  readonly probes: Uint16Array;
  /** Packets newly told of as missing, and such that came after all. */
  lost: number;
  recovered: number;
  /** Bytes of those that are missing. */
  lostBytes: number;
}

/** Shared: it is filled and used up within one call. */
const batch: Acknowledged = {
  count: 0,
  sentAt: new Float64Array(mostStatuses),
  arrivedAt: new Float64Array(mostStatuses),
  sizes: new Uint16Array(mostStatuses),
  probes: new Uint16Array(mostStatuses),
  lost: 0,
  recovered: 0,
  lostBytes: 0,
};

export class SendHistory {
  #capacity = firstCapacity;
  #sentAt = new Float64Array(firstCapacity);
  /** One word for the rest, since every packet writes one: 16 bits of its size, what became of it, its probe. */
  #words = new Uint32Array(firstCapacity);
  /** The next number, with its cycles above bit 16. */
  #next = 0x10000;
  /** The peer's clock, unwrapped: the last reference time, and as it came. */
  #reference: number | undefined;
  #wrapped = 0;
  /** Bytes sent that nothing is known of. */
  #underway = 0;
  /** The number of the packet that was newest when the last feedback came. */
  #heard = 0xffff;

  /** Bytes under way: sent, and neither told of nor given up. */
  get underway(): number {
    return this.#underway;
  }

  /** Packets that left since the last feedback, and when the last one did: 0 before the first. */
  get unheard(): number {
    return this.#next - 1 - this.#heard;
  }

  get sentAt(): number {
    return this.#sentAt[(this.#next - 1) & (this.#capacity - 1)] ?? 0;
  }

  /** The number on 16 bits for a packet of `size` bytes that leaves now. */
  send(size: number, now: number, probe: number): number {
    let at = this.#next & (this.#capacity - 1);
    const before = this.#words[at] ?? 0;
    if (stateOf(before) === underway) {
      if (this.#capacity < mostCapacity && now - (this.#sentAt[at] ?? 0) < horizon) {
        this.#grow();
        at = this.#next & (this.#capacity - 1);
      } else {
        this.#underway -= sizeOf(before);
      }
    }
    this.#sentAt[at] = now;
    this.#words[at] = size | (underway << stateAt) | (probe << probeAt);
    this.#underway += size;
    const number = this.#next & 0xffff;
    this.#next += 1;
    return number;
  }

  /** What has left up to now is not waited for. */
  hear(): void {
    this.#heard = this.#next - 1;
  }

  /** What a feedback packet tells that was not known. The result is valid until the next call for any session. */
  acknowledge(feedback: TransportFeedback): Acknowledged {
    batch.count = 0;
    batch.lost = 0;
    batch.recovered = 0;
    batch.lostBytes = 0;
    const newest = this.#next - 1;
    const base = newest + sequenceDistance(newest & 0xffff, feedback.base);
    const oldest = Math.max(this.#next - this.#capacity, 0x10000);
    const reference = this.#unwrap(feedback.referenceTime);
    const start = Math.max(0, oldest - base);
    let told = 0;
    while (told < feedback.received && (feedback.offsets[told] ?? 0) < start) told += 1;
    // Numbers that we never gave out end it: a peer that invents arrivals shall not steer the estimate.
    const end = Math.min(feedback.count, newest - base + 1);
    for (let offset = start; offset < end; offset += 1) {
      const came = told < feedback.received && feedback.offsets[told] === offset;
      const time = came ? (feedback.times[told] ?? 0) : 0;
      if (came) told += 1;
      const at = (base + offset) & (this.#capacity - 1);
      if (came) this.#arrived(at, reference + time);
      else this.#missing(at);
    }
    return batch;
  }

  /** Nothing that is under way will be told of: the peer's transport is another. */
  forget(): void {
    this.hear();
    this.#words.fill(free);
    this.#underway = 0;
    this.#reference = undefined;
  }

  #arrived(at: number, arrivedAt: number): void {
    const word = this.#words[at] ?? 0;
    const state = stateOf(word);
    if (state !== underway && state !== missing) return;
    if (state === missing) batch.recovered += 1;
    else this.#underway -= sizeOf(word);
    this.#words[at] = withState(word, arrived);
    // Nearly always at the end already; a packet that overtook others finds its place by a few steps.
    let place = batch.count;
    while (place > 0 && (batch.arrivedAt[place - 1] ?? 0) > arrivedAt) {
      batch.arrivedAt[place] = batch.arrivedAt[place - 1] ?? 0;
      batch.sentAt[place] = batch.sentAt[place - 1] ?? 0;
      batch.sizes[place] = batch.sizes[place - 1] ?? 0;
      batch.probes[place] = batch.probes[place - 1] ?? 0;
      place -= 1;
    }
    batch.arrivedAt[place] = arrivedAt;
    batch.sentAt[place] = this.#sentAt[at] ?? 0;
    batch.sizes[place] = sizeOf(word);
    batch.probes[place] = word >>> probeAt;
    batch.count += 1;
  }

  #missing(at: number): void {
    const word = this.#words[at] ?? 0;
    if (stateOf(word) !== underway) return;
    this.#words[at] = withState(word, missing);
    const size = sizeOf(word);
    this.#underway -= size;
    batch.lost += 1;
    batch.lostBytes += size;
  }

  #unwrap(referenceTime: number): number {
    if (this.#reference === undefined) {
      this.#reference = referenceTime;
    } else {
      let step = (referenceTime - this.#wrapped) % cycle;
      if (step > cycle / 2) step -= cycle;
      if (step < -cycle / 2) step += cycle;
      this.#reference += step;
    }
    this.#wrapped = referenceTime;
    return this.#reference;
  }

  #grow(): void {
    const before = { sentAt: this.#sentAt, words: this.#words };
    const old = this.#capacity;
    this.#capacity *= 2;
    this.#sentAt = new Float64Array(this.#capacity);
    this.#words = new Uint32Array(this.#capacity);
    for (let number = Math.max(this.#next - old, 0x10000); number < this.#next; number += 1) {
      const from = number & (old - 1);
      const to = number & (this.#capacity - 1);
      this.#sentAt[to] = before.sentAt[from] ?? 0;
      this.#words[to] = before.words[from] ?? 0;
    }
  }
}

function sizeOf(word: number): number {
  return word & 0xffff;
}

function stateOf(word: number): number {
  return (word >>> stateAt) & arrived;
}

function withState(word: number, state: number): number {
  return (word & ~(arrived << stateAt)) | (state << stateAt);
}
