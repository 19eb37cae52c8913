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
const leastBurst = 4_800;
/** ms after which what waits is let go, come what may. */
const longestWait = 250;
/** Bytes that wait at the most. What comes then is dropped, and will be asked for again. */
const mostWaiting = 1_048_576;
/** ms between two releases. */
const step = 5;

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
  /** Packets for which there was no room. */
  dropped = 0;

  /** bits/s that may leave on the average. */
  set target(bitrate: number) {
    this.#rate = Math.max(leastRate, bitrate * factor);
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
    this.#line.push({ packet: packet.slice(), transportAt, since: now });
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
    this.#releaseAt = count < this.#line.length ? now + step : undefined;
    return this.#line.splice(0, count);
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
    const most = Math.max(leastBurst, (this.#rate * burst) / 8_000);
    // What sound and padding take beyond it is owed for as long as a burst lasts, and not longer.
    const filled = Math.max(this.#bucket, -most) + (this.#rate * (now - this.#filledAt)) / 8_000;
    this.#bucket = Math.min(most, filled);
    this.#filledAt = now;
  }
}
