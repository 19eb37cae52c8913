/**
 * When each packet of a publisher came, told to it every 50 to 100 ms, so that its own estimator finds what it may send.
 *
 * Numbers come in, feedback packets go out. A packet that comes after its number was told of as missing is told of again.
 */

import { writeTransportFeedback } from "../rtcp/transport-feedback-write.ts";
import { sequenceDistance } from "../rtp/sequence.ts";

/** ms. Slower than this, an estimator reacts late; faster, feedback costs more than it tells. */
const shortestInterval = 50;
const longestInterval = 100;
/** Of what comes in, what may go back as feedback (as libwebrtc has it). */
const feedbackShare = 0.05;
/** Bits of a usual feedback packet, with IP, UDP and SRTCP. */
const feedbackBits = 68 * 8;
/** Packets that arrivals are kept of, a power of two: a second at 20 Mbit/s. */
const kept = 2_048;
/** A late packet is told of again when it is this near to what was told; older ones their sender has given up. */
const lateness = 512;

export class Arrivals {
  readonly #senderSsrc: number;
  /** ms by number modulo `kept`; NaN for what did not come. */
  readonly #times = new Float64Array(kept).fill(Number.NaN);
  /** Numbers with their cycles above bit 16: the next to be told of, and the newest that came. */
  #next: number | undefined;
  #newest = 0;
  #mediaSsrc = 0;
  #feedbackCount = 0;
  #bytes = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  #interval = longestInterval;
  /** Something came that was not told of. */
  #pending = false;

  /** `senderSsrc` is ours, under which we report. */
  constructor(senderSsrc: number) {
    this.#senderSsrc = senderSsrc;
  }

  /** A packet of `ssrc` with transport-wide number `sequence` and `length` bytes came. */
  received(sequence: number, ssrc: number, length: number, now: number): void {
    if (this.#next === undefined) {
      this.#next = sequence + 0x10000;
      this.#newest = this.#next - 1;
      this.#toldAt = now;
    }
    let number = this.#newest + sequenceDistance(this.#newest & 0xffff, sequence);
    if (Math.abs(number - this.#newest) >= kept) {
      // Another numbering has begun: nothing of the old one will be asked for.
      this.#times.fill(Number.NaN);
      number = sequence + 0x10000;
      this.#next = number;
      this.#newest = number - 1;
    }
    for (let missing = this.#newest + 1; missing < number; missing += 1) this.#times[missing % kept] = Number.NaN;
    if (number > this.#newest) this.#newest = number;
    if (number < this.#next) {
      if (this.#next - number > lateness) return;
      this.#next = number;
    }
    if (this.#newest - this.#next >= kept) this.#next = this.#newest - kept + 1;
    this.#times[number % kept] = now;
    this.#mediaSsrc = ssrc;
    this.#bytes += length;
    this.#pending = true;
  }

  /** When `take` has something to give, or undefined. */
  nextDeadline(): number | undefined {
    return this.#pending ? this.#toldAt + this.#interval : undefined;
  }

  /** The feedback that is due at `now`: mostly one packet, more after a burst. */
  take(now: number): Uint8Array[] {
    if (!this.#pending || this.#next === undefined || now < this.#toldAt + this.#interval) return [];
    const packets: Uint8Array[] = [];
    while (this.#next <= this.#newest) {
      const { packet, count } = this.#write(this.#next);
      packets.push(packet);
      this.#next += count;
    }
    const elapsed = now - this.#toldAt;
    const due = (feedbackBits * elapsed) / (this.#bytes * 8 * feedbackShare);
    this.#interval = Math.min(longestInterval, Math.max(shortestInterval, due));
    this.#toldAt = now;
    this.#bytes = 0;
    this.#pending = false;
    return packets;
  }

  #write(from: number) {
    const arrivals = Array.from(
      { length: this.#newest - from + 1 },
      (_, index) => this.#times[(from + index) % kept] ?? Number.NaN,
    );
    const address = { senderSsrc: this.#senderSsrc, mediaSsrc: this.#mediaSsrc, feedbackCount: this.#feedbackCount };
    this.#feedbackCount = (this.#feedbackCount + 1) & 0xff;
    return writeTransportFeedback(address, from, arrivals);
  }
}
