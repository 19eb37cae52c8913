/**
 * One published track inside the SFU: its incoming stream and everybody who receives it.
 *
 * A publication begins when the publisher's offer was answered, not when its first packet comes; a subscriber may be
 * there before.
 */
import type { RtcpReport } from "../rtcp/read.ts";
import { pictureLossIndication, type ReceptionBlock, reporterSsrc } from "../rtcp/write.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { startsVp8Keyframe } from "../rtp/vp8.ts";
import type { Codec } from "../sdp/description.ts";
import type { ExtensionIds, OutgoingPacket } from "./outgoing.ts";
import { Reception } from "./reception.ts";
import type { Subscription } from "./subscription.ts";

/** Hands one packet to a session's transport. The bytes are overwritten after it returns. */
export type Emit = (session: string, packet: Uint8Array) => void;

/** Nobody decodes a whole second without asking again; RFC 4585 §6.3.1.2 leaves the pace to the sender. */
const keyframePatience = 1_000;

export interface PublicationOptions extends ExtensionIds {
  /** Session of the publisher. */
  readonly session: string;
  readonly trackName: string;
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  /** The id under which the publisher names the m-line of a packet. */
  readonly midId: number | undefined;
  /** SSRCs that the publisher's SDP names for this m-line; retransmissions have theirs among them. */
  readonly announcedSsrcs: readonly number[];
  /** ms between keyframe requests. */
  readonly keyframeInterval: number;
}

export class Publication implements ExtensionIds {
  readonly session: string;
  readonly trackName: string;
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  readonly midId: number | undefined;
  readonly announcedSsrcs: readonly number[];
  readonly audioLevelId: number | undefined;
  readonly videoOrientationId: number | undefined;
  #reception: Reception;
  readonly subscriptions = new Set<Subscription>();
  readonly #keyframeInterval: number;
  #ssrc: number | undefined;
  #keyframeAskedAt = Number.NEGATIVE_INFINITY;
  /** A request that had to wait for the interval to pass. */
  #keyframeOwed = false;

  constructor(options: PublicationOptions) {
    this.session = options.session;
    this.trackName = options.trackName;
    this.kind = options.kind;
    this.mid = options.mid;
    this.codec = options.codec;
    this.midId = options.midId;
    this.announcedSsrcs = options.announcedSsrcs;
    this.audioLevelId = options.audioLevelId;
    this.videoOrientationId = options.videoOrientationId;
    this.#keyframeInterval = options.keyframeInterval;
    this.#reception = new Reception(options.codec.clockRate);
  }

  /** The SSRC it was last heard on. */
  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  received(packet: Uint8Array, header: RtpHeader, now: number, outgoing: OutgoingPacket, emit: Emit): void {
    if (header.ssrc !== this.#ssrc) {
      if (this.#ssrc !== undefined) this.#restart();
      this.#ssrc = header.ssrc;
      if (this.kind === "video" && this.#anyWaiting()) this.#keyframeOwed = true;
    }
    this.#reception.received(header, packet.length, now);
    if (this.subscriptions.size > 0) {
      const mayStart = this.kind === "audio" || startsKeyframe(this.codec, packet, header);
      outgoing.load(packet, header, this);
      for (const subscription of this.subscriptions) {
        const bytes = subscription.forward(header, outgoing, mayStart);
        if (bytes !== undefined) emit(subscription.session, bytes);
      }
    }
    if (this.#keyframeOwed) this.#askForKeyframe(now, emit);
  }

  senderReported(report: RtcpReport & { report: "sender" }, now: number, emit: Emit): void {
    this.#reception.senderReported(report, now);
    for (const subscription of this.subscriptions) {
      const bytes = subscription.senderReport(report);
      if (bytes !== undefined) emit(subscription.session, bytes);
    }
  }

  /** Merges requests: at most one goes out per interval, and one that came too early is kept for later. */
  requestKeyframe(now: number, emit: Emit): void {
    if (this.kind !== "video") return;
    this.#keyframeOwed = true;
    this.#askForKeyframe(now, emit);
  }

  /** Asks again for subscribers that still wait for their first keyframe, and for requests that were kept. */
  wake(now: number, emit: Emit): void {
    if (this.kind !== "video") return;
    if (now - this.#keyframeAskedAt >= keyframePatience && this.#anyWaiting()) this.#keyframeOwed = true;
    if (this.#keyframeOwed) this.#askForKeyframe(now, emit);
  }

  /** When `wake` has something to do, or undefined. */
  nextDeadline(): number | undefined {
    if (this.kind !== "video" || this.#ssrc === undefined) return undefined;
    if (this.#keyframeOwed) return this.#keyframeAskedAt + this.#keyframeInterval;
    return this.#anyWaiting() ? this.#keyframeAskedAt + keyframePatience : undefined;
  }

  report(now: number): ReceptionBlock | undefined {
    return this.#ssrc === undefined ? undefined : this.#reception.report(this.#ssrc, now);
  }

  #restart(): void {
    this.#reception = new Reception(this.codec.clockRate);
    for (const subscription of this.subscriptions) subscription.restart();
  }

  #askForKeyframe(now: number, emit: Emit): void {
    // Before the first packet nobody knows whom to ask; the first packet of a stream is a keyframe anyway.
    if (this.#ssrc === undefined || now - this.#keyframeAskedAt < this.#keyframeInterval) return;
    this.#keyframeAskedAt = now;
    this.#keyframeOwed = false;
    emit(this.session, pictureLossIndication(reporterSsrc, this.#ssrc));
  }

  #anyWaiting(): boolean {
    for (const subscription of this.subscriptions) if (subscription.waiting) return true;
    return false;
  }
}

function startsKeyframe(codec: Codec, packet: Uint8Array, header: RtpHeader): boolean {
  // Formats whose payload we do not read start anywhere; their decoders wait for a keyframe by themselves.
  if (codec.name.toLowerCase() !== "vp8") return true;
  return startsVp8Keyframe(packet, header.payloadOffset, header.payloadEnd);
}
