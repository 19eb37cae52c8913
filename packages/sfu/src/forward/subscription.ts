/**
 * One outgoing stream: a publication as one subscriber receives it, under its own SSRC, payload type and numbering.
 *
 * It begins at a keyframe, because nothing before one can be decoded, and so does every change of layer or source.
 * Sequence numbers continue without a gap across changes, and timestamps with the time that passed.
 */
import type { Simulcast } from "@satsuma/protocol";
import type { RtcpReport } from "../rtcp/read.ts";
import { senderReport } from "../rtcp/write.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { sequenceDistance } from "../rtp/sequence.ts";
import type { Codec, HeaderExtension } from "../sdp/description.ts";
import type { Layer } from "./layer.ts";
import type { OutgoingPacket, Passage } from "./outgoing.ts";

export interface SubscriptionOptions {
  /** Session of the subscriber: where packets go. */
  readonly session: string;
  readonly ssrc: number;
  /** The codec with the subscriber's payload type. */
  readonly codec: Codec;
  /** Header extensions of the subscriber's m-line. */
  readonly extensions: readonly HeaderExtension[];
  /** First outgoing sequence number; random (RFC 3550 §5.1). */
  readonly firstSequence: number;
}

/** The layer that is forwarded, and what is added to its numbers. */
interface Flow {
  readonly layer: Layer;
  readonly sequenceShift: number;
  readonly timestampShift: number;
  /** Newest number of the source that was forwarded, and how far it is from the first. */
  newest: number;
  span: number;
}

export class Subscription {
  readonly session: string;
  readonly ssrc: number;
  readonly codec: Codec;
  readonly extensions: readonly HeaderExtension[];
  preference: Simulcast | undefined;
  /** Set by the publication that it is attached to. */
  passage: Passage = new Map();
  packets = 0;
  bytes = 0;
  /** Bytes of whole packets, for metering. */
  sent = 0;
  #flow: Flow | undefined;
  #nextSequence: number;
  #last: { readonly timestamp: number; readonly at: number } | undefined;

  constructor(options: SubscriptionOptions) {
    this.session = options.session;
    this.ssrc = options.ssrc;
    this.codec = options.codec;
    this.extensions = options.extensions;
    this.#nextSequence = options.firstSequence;
  }

  /** The layer that goes out now; undefined while the first keyframe is awaited. */
  get layer(): Layer | undefined {
    return this.#flow?.layer;
  }

  /** The source has changed: the next keyframe begins anew, with numbers that continue. */
  detach(): void {
    this.#flow = undefined;
  }

  /** The layer begins anew under another SSRC. */
  restart(layer: Layer): void {
    if (this.#flow?.layer === layer) this.#flow = undefined;
  }

  /** The packet as it goes to this subscriber, or undefined if it does not. The bytes are valid until the next call. */
  forward(
    layer: Layer,
    header: RtpHeader,
    outgoing: OutgoingPacket,
    mayStart: boolean,
    now: number,
  ): Uint8Array | undefined {
    let flow = this.#flow;
    if (flow?.layer !== layer) {
      if (!mayStart) return undefined;
      flow = this.#begin(layer, header, now);
    }
    const ahead = sequenceDistance(flow.newest, header.sequence);
    // Older than the keyframe that we began with: came late, and has no place before the first number.
    if (flow.span + ahead < 0) return undefined;
    if (ahead > 0) {
      flow.newest = header.sequence;
      flow.span += ahead;
    }
    const sequence = (header.sequence + flow.sequenceShift) & 0xffff;
    const timestamp = (header.timestamp + flow.timestampShift) >>> 0;
    if (ahead >= 0) {
      this.#nextSequence = (sequence + 1) & 0xffff;
      this.#last = { timestamp, at: now };
    }
    this.packets += 1;
    this.bytes += header.payloadEnd - header.payloadOffset;
    const packet = outgoing.bytesFor(this.passage, {
      payloadType: this.codec.payloadType,
      sequence,
      timestamp,
      ssrc: this.ssrc,
    });
    this.sent += packet.length;
    return packet;
  }

  /**
   * The publisher's sender report as ours: same clocks, so sound and picture of one publisher stay in step; own counts.
   * Undefined for a layer that does not go out.
   */
  senderReport(layer: Layer, report: RtcpReport & { report: "sender" }): Uint8Array | undefined {
    if (this.#flow?.layer !== layer) return undefined;
    return senderReport({
      ...report,
      ssrc: this.ssrc,
      rtpTimestamp: (report.rtpTimestamp + this.#flow.timestampShift) >>> 0,
      packets: this.packets >>> 0,
      bytes: this.bytes >>> 0,
    });
  }

  #begin(layer: Layer, header: RtpHeader, now: number): Flow {
    const last = this.#last;
    // At least one tick, so that two pictures never share a timestamp.
    const elapsed = last && Math.max(1, Math.round(((now - last.at) * this.codec.clockRate) / 1_000));
    const timestamp = last === undefined || elapsed === undefined ? header.timestamp : last.timestamp + elapsed;
    const flow = {
      layer,
      sequenceShift: this.#nextSequence - header.sequence,
      timestampShift: timestamp - header.timestamp,
      newest: header.sequence,
      span: 0,
    };
    this.#flow = flow;
    return flow;
  }
}
