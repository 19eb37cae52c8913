/**
 * What leaves at once, and what waits, so that a burst of keyframes or repetitions does not overflow the queue on the way.
 *
 * A bucket of what may leave fills at two and a half times the target (as libwebrtc's pacer does). While it is not empty,
 * packets pass without being touched. Else they are copied and wait in order; sound never waits, and nothing waits longer
 * than a quarter of a second.
 */

import { uint32 } from "../rtp/header.ts";

/** Over the target: a rate that only just fits would let every keyframe wait. */
const factor = 2.5;
/** bits/s at the least, so that little budget does not mean long waits. */
const leastRate = 500_000;
/** ms of sending that may leave in one burst, and bytes at the least. */
const burst = 10;
/** The same where no limit of the way was found: what a machine that was held up for a tenth of a second passes on at once. */
const boldBurst = 40;
const leastBurst = 4_800;
/** ms after which what waits is let go, come what may. */
const longestWait = 250;
/** Bytes that wait at the most. What comes then is dropped, and will be asked for again. */
const mostWaiting = 1_048_576;
/** ms between two releases. */
const step = 5;
/** Bytes that copies are put into, one after the other: a block for each of them costs more than the copy. */
const block = 65_536;

export interface Waiting {
  readonly packet: Uint8Array;
  readonly transportAt: number;
  readonly since: number;
}

export class Pacer {
  #rate = Number.POSITIVE_INFINITY;
  #bucket = leastBurst;
  #filledAt = 0;
  #line: Waiting[] = [];
  #bytes = 0;
  #releaseAt: number | undefined;
  #burst = burst;
  /** Packets for which there was no room. */
  dropped = 0;

  /** Sets the bits/s that may leave on the average; `limited` tells that this is what the way was found to carry. */
  follow(bitrate: number, limited: boolean): void {
    this.#rate = Math.max(leastRate, bitrate * factor);
    this.#burst = limited ? burst : boldBurst;
  }

  /** Bytes that wait. */
  get waiting(): number {
    return this.#bytes;
  }

  /** Whether a packet may leave now; counts it if so. */
  passes(size: number, now: number): boolean {
    if (this.#rate === Number.POSITIVE_INFINITY) return true;
    this.#fill(now);
    if (this.#line.length > 0 || this.#bucket <= 0) return false;
    this.#bucket -= size;
    return true;
  }

  /** Counts what leaves without being asked for: sound, and padding. */
  passed(size: number, now: number): void {
    if (this.#rate === Number.POSITIVE_INFINITY) return;
    this.#fill(now);
    this.#bucket -= size;
  }

  /** Keeps a copy of a packet that may not leave. */
  keep(packet: Uint8Array, transportAt: number, now: number): void {
    if (this.#bytes + packet.length > mostWaiting) {
      this.dropped += 1;
      return;
    }
    this.#line.push({ packet: copyOf(packet), transportAt, since: now });
    this.#bytes += packet.length;
    this.#releaseAt ??= now + step;
  }

  /** The packets that leave now, in order; `everything` lets all of them go. */
  release(now: number, everything = false): readonly Waiting[] {
    if (this.#releaseAt === undefined || (now < this.#releaseAt && !everything)) return [];
    this.#fill(now);
    let count = 0;
    for (const { packet, since } of this.#line) {
      if (this.#bucket <= 0 && now - since < longestWait && !everything) break;
      this.#bucket -= packet.length;
      this.#bytes -= packet.length;
      count += 1;
    }
    const released = this.#line.splice(0, count);
    this.#releaseAt = this.#line.length > 0 ? now + step : undefined;
    return released;
  }

  nextDeadline(): number | undefined {
    return this.#releaseAt;
  }

  /** Packets of these streams are of no use any longer. */
  discard(...ssrcs: readonly number[]): void {
    if (this.#line.length === 0) return;
    this.#line = this.#line.filter(({ packet }) => !ssrcs.includes(uint32(packet, 8)));
    this.#bytes = this.#line.reduce((sum, { packet }) => sum + packet.length, 0);
    if (this.#line.length === 0) this.#releaseAt = undefined;
  }

  /** Nothing that waits is of use any longer. */
  clear(): void {
    this.#line = [];
    this.#bytes = 0;
    this.#releaseAt = undefined;
  }

  #fill(now: number): void {
    // Endless times no time at all is no number, and nothing would be held back ever after.
    if (this.#rate === Number.POSITIVE_INFINITY) {
      this.#bucket = Number.POSITIVE_INFINITY;
      this.#filledAt = now;
      return;
    }
    const most = Math.max(leastBurst, (this.#rate * this.#burst) / 8_000);
    // What sound and padding take beyond it is owed for as long as a burst lasts, and not longer.
    const filled = Math.max(this.#bucket, -most) + (this.#rate * (now - this.#filledAt)) / 8_000;
    this.#bucket = Math.min(most, filled);
    this.#filledAt = now;
  }
}

/** Where the next copy goes; all pacers share it, since few wait at a time. */
let copies = new Uint8Array(0);
let copied = 0;

function copyOf(packet: Uint8Array): Uint8Array {
  if (copied + packet.length > copies.length) {
    copies = new Uint8Array(Math.max(block, packet.length));
    copied = 0;
  }
  const copy = copies.subarray(copied, copied + packet.length);
  copy.set(packet);
  copied += packet.length;
  return copy;
}
