/**
 * What arrived of one incoming stream, and the report block that tells its sender (RFC 3550 §6.4.1, appendix A.3, A.8).
 */
import type { ReceptionBlock } from "../rtcp/write.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { sequenceDistance } from "../rtp/sequence.ts";
import type { SenderTimes } from "./clock-map.ts";
import { middleOf } from "./sent-reports.ts";

export class Reception {
  packets = 0;
  bytes = 0;
  /** When the newest packet came. */
  lastPacketAt = 0;
  readonly #clockRate: number;
  #baseSequence = 0;
  /** Highest sequence number with its cycles above bit 16. */
  #extendedHighest = 0;
  #jitter = 0;
  #lastTransit: number | undefined;
  /** In units of 1/256. */
  #fractionLost = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #senderReport: { readonly middle: number; readonly at: number } | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  received(header: RtpHeader, length: number, now: number): void {
    if (this.packets === 0) {
      this.#baseSequence = header.sequence;
      this.#extendedHighest = header.sequence;
    } else {
      const ahead = sequenceDistance(this.#extendedHighest & 0xffff, header.sequence);
      if (ahead > 0) this.#extendedHighest += ahead;
    }
    this.packets += 1;
    this.bytes += length;
    this.lastPacketAt = now;
    const transit = (now * this.#clockRate) / 1_000 - header.timestamp;
    if (this.#lastTransit !== undefined) {
      const difference = Math.abs(transit - this.#lastTransit);
      // A jump of the timestamp (source switch, wrap) is not jitter.
      if (difference < this.#clockRate) this.#jitter += (difference - this.#jitter) / 16;
    }
    this.#lastTransit = transit;
  }

  senderReported(report: SenderTimes, now: number): void {
    this.#senderReport = { middle: middleOf(report), at: now };
  }

  /** Packets that should have come and did not; below zero when some came twice. */
  get lost(): number {
    return this.packets === 0 ? 0 : this.#extendedHighest - this.#baseSequence + 1 - this.packets;
  }

  /** Of the time that the last report was about, between 0 and 1. */
  get fractionLost(): number {
    return this.#fractionLost / 256;
  }

  /** ms. */
  get jitter(): number {
    return (this.#jitter * 1_000) / this.#clockRate;
  }

  /** The block since the previous call; call once per report sent. */
  report(ssrc: number, now: number): ReceptionBlock {
    const expected = this.#extendedHighest - this.#baseSequence + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.packets - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.packets;
    const sender = this.#senderReport;
    this.#fractionLost = expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0;
    return {
      ssrc,
      fractionLost: this.#fractionLost,
      cumulativeLost: expected - this.packets,
      highestSequence: this.#extendedHighest >>> 0,
      jitter: Math.floor(this.#jitter),
      lastSenderReport: sender?.middle ?? 0,
      delaySinceLastSenderReport: sender === undefined ? 0 : Math.round(((now - sender.at) * 65_536) / 1_000),
    };
  }
}
