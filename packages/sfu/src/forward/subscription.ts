/**
 * One outgoing stream: a publication as one subscriber receives it, under its own SSRC, payload type and numbering.
 *
 * Video begins at a keyframe, because nothing before one can be decoded. Sequence numbers continue without a gap from
 * the first packet on, apart from packets that never reached us.
 */
import type { RtcpReport } from "../rtcp/read.ts";
import { senderReport } from "../rtcp/write.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { sequenceDistance } from "../rtp/sequence.ts";
import type { ExtensionIds, OutgoingPacket } from "./outgoing.ts";

export interface SubscriptionOptions extends ExtensionIds {
  /** Session of the subscriber: where packets go. */
  readonly session: string;
  readonly ssrc: number;
  readonly payloadType: number;
  /** First outgoing sequence number; random (RFC 3550 §5.1). */
  readonly firstSequence: number;
}

export class Subscription implements ExtensionIds {
  readonly session: string;
  readonly ssrc: number;
  readonly audioLevelId: number | undefined;
  readonly videoOrientationId: number | undefined;
  readonly #payloadType: number;
  #packets = 0;
  #bytes = 0;
  /** The outgoing number that follows everything sent so far. */
  #nextSequence: number;
  /** What is added to a sequence number of the source; unset until the first packet. */
  #shift: number | undefined;
  /** Newest sequence number of the source that was forwarded, and how far it is from the first. */
  #newest = 0;
  #span = 0;

  constructor(options: SubscriptionOptions) {
    this.session = options.session;
    this.ssrc = options.ssrc;
    this.audioLevelId = options.audioLevelId;
    this.videoOrientationId = options.videoOrientationId;
    this.#payloadType = options.payloadType;
    this.#nextSequence = options.firstSequence;
  }

  /** True until the first packet of the source was forwarded. */
  get waiting(): boolean {
    return this.#shift === undefined;
  }

  /** The packet as it goes to this subscriber, or undefined if it does not. The bytes are valid until the next call. */
  forward(header: RtpHeader, outgoing: OutgoingPacket, mayStart: boolean): Uint8Array | undefined {
    if (this.#shift === undefined) {
      if (!mayStart) return undefined;
      this.#shift = this.#nextSequence - header.sequence;
      this.#newest = header.sequence;
      this.#span = 0;
    }
    const ahead = sequenceDistance(this.#newest, header.sequence);
    // Older than the keyframe that we began with: came late, and has no place before the first number.
    if (this.#span + ahead < 0) return undefined;
    if (ahead > 0) {
      this.#newest = header.sequence;
      this.#span += ahead;
    }
    const sequence = (header.sequence + this.#shift) & 0xffff;
    if (ahead >= 0) this.#nextSequence = (sequence + 1) & 0xffff;
    const bytes = outgoing.bytesFor(this, { payloadType: this.#payloadType, sequence, ssrc: this.ssrc });
    this.#packets += 1;
    this.#bytes += header.payloadEnd - header.payloadOffset;
    return bytes;
  }

  /** The source begins anew under another SSRC: its numbers mean something else, ours go on. */
  restart(): void {
    this.#shift = undefined;
  }

  /**
   * The publisher's sender report as ours: same clocks, so sound and picture of one publisher stay in step; own counts.
   * Undefined while nothing was sent.
   */
  senderReport(report: RtcpReport & { report: "sender" }): Uint8Array | undefined {
    if (this.waiting) return undefined;
    return senderReport({ ...report, ssrc: this.ssrc, packets: this.#packets >>> 0, bytes: this.#bytes >>> 0 });
  }
}
