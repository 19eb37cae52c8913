/**
 * The numbers under which one subscriber was sent its last packets, and what each was at its source.
 *
 * It makes the outgoing numbers, one after the other, and keeps the newest: enough to find the packet that a NACK means,
 * and the place of one that comes late. A packet that was lost before it reached us has a number reserved; one that is
 * left out on purpose has none.
 */
import { sequenceDistance } from "../rtp/sequence.ts";

/** What is the same for all packets from one keyframe that a subscriber began with to the next such beginning. */
export interface Flow {
  readonly timestampShift: number;
}

/** What became of a number. */
const reserved = 1;
const sent = 2;
const markedSent = 3;

/** One number is one word, since every packet writes one: 16 bits of its number at the source, what became of it, repeats. */
const stateAt = 16;
const repeatsAt = 18;
const stateMask = 0x3;

/**
 * Times that one packet is sent again. Of five packets one is lost on a very bad way, and of 15,000 all six repetitions; the
 * pause between them follows a round trip that the peer can lie about, so that nothing else bounds what it can ask for.
 */
const mostRepeats = 6;

export class Numbers<F extends Flow> {
  readonly #mask: number;
  readonly #words: Uint32Array;
  /** Added to picture ids; none before anything is. */
  #pictureShifts: Uint16Array | undefined;
  /** ms, when it was sent again last, where it was; none before anything was. */
  #againAt: Float64Array | undefined;
  readonly #flows: (F | undefined)[];
  #next: number;

  /** `size` is a power of two. */
  constructor(first: number, size: number) {
    this.#next = first;
    this.#mask = size - 1;
    this.#words = new Uint32Array(size);
    this.#flows = new Array<F | undefined>(size).fill(undefined);
  }

  /** The number of the next packet. */
  get next(): number {
    return this.#next;
  }

  /** Gives the next number to a packet that is sent now. */
  take(flow: F, source: number, pictureShift: number, marker: boolean): number {
    const sequence = this.#next;
    this.#next = (sequence + 1) & 0xffff;
    this.#write(sequence & this.#mask, flow, source, pictureShift, marker ? markedSent : sent);
    return sequence;
  }

  /** Keeps places for `count` packets that should have come before the next; their first number at the source is `source`. */
  reserve(flow: F, source: number, count: number, pictureShift: number): void {
    // Of a gap longer than what is kept nothing before its end will be found again.
    const skipped = Math.max(0, count - this.#mask - 1);
    for (let index = skipped; index < count; index += 1) {
      const slot = (this.#next + index) & this.#mask;
      this.#write(slot, flow, (source + index) & 0xffff, pictureShift, reserved);
    }
    this.#next = (this.#next + count) & 0xffff;
  }

  /** Takes back places at the end that nobody has heard of, because nothing was sent after them. */
  trim(): void {
    for (let kept = this.#mask; kept > 0; kept -= 1) {
      const last = (this.#next - 1) & 0xffff;
      const slot = last & this.#mask;
      if (this.#state(slot) !== reserved) return;
      this.#words[slot] = 0;
      this.#next = last;
    }
  }

  /** The number that was reserved for a packet of `flow` which comes now, or -1. It is at most `behind` numbers back. */
  claim(flow: F, source: number, behind: number, marker: boolean): number {
    const most = Math.min(behind, this.#mask + 1);
    for (let back = 1; back <= most; back += 1) {
      const sequence = (this.#next - back) & 0xffff;
      const slot = sequence & this.#mask;
      if (this.source(slot) !== source || this.#flows[slot] !== flow) continue;
      if (this.#state(slot) !== reserved) return -1;
      this.#words[slot] = source | ((marker ? markedSent : sent) << stateAt);
      return sequence;
    }
    return -1;
  }

  /** Where a number that was sent is kept, or -1. */
  find(sequence: number): number {
    const behind = sequenceDistance(sequence, this.#next);
    const slot = sequence & this.#mask;
    if (behind < 1 || behind > this.#mask + 1 || this.#state(slot) < sent) return -1;
    return slot;
  }

  flow(slot: number): F | undefined {
    return this.#flows[slot];
  }

  source(slot: number): number {
    return (this.#words[slot] ?? 0) & 0xffff;
  }

  pictureShift(slot: number): number {
    return this.#pictureShifts?.[slot] ?? 0;
  }

  marker(slot: number): boolean {
    return this.#state(slot) === markedSent;
  }

  /** Whether it may be sent again: it never was, or `pause` ms ago and earlier, and not too often. If so, that counts as done now. */
  again(slot: number, pause: number, now: number): boolean {
    const word = this.#words[slot] ?? 0;
    const repeats = word >> repeatsAt;
    this.#againAt ??= new Float64Array(this.#mask + 1);
    if (repeats >= mostRepeats || (repeats > 0 && now - (this.#againAt[slot] ?? 0) < pause)) return false;
    this.#againAt[slot] = now;
    this.#words[slot] = word + (1 << repeatsAt);
    return true;
  }

  #write(slot: number, flow: F, source: number, pictureShift: number, state: number): void {
    this.#words[slot] = source | (state << stateAt);
    if (pictureShift !== 0) this.#pictureShifts ??= new Uint16Array(this.#mask + 1);
    if (this.#pictureShifts !== undefined) this.#pictureShifts[slot] = pictureShift;
    // It is nearly always there already, and looking is cheaper than telling the garbage collector.
    if (this.#flows[slot] !== flow) this.#flows[slot] = flow;
  }

  #state(slot: number): number {
    return ((this.#words[slot] ?? 0) >> stateAt) & stateMask;
  }
}
