/**
 * One published track inside the SFU: its incoming layers and everybody who receives it.
 *
 * A publication begins when the publisher's offer was answered, not when its first packet comes; a subscriber may be
 * there before.
 */
import type { RtcpReport } from "../rtcp/read.ts";
import type { ReceptionBlock } from "../rtcp/write.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { startsKeyframe } from "../rtp/keyframe.ts";
import type { Codec, HeaderExtension } from "../sdp/description.ts";
import { extensionId, extensionUris, passage } from "../sdp/extensions.ts";
import { chooseLayer } from "./choice.ts";
import { Layer } from "./layer.ts";
import type { OutgoingPacket, Passage } from "./outgoing.ts";
import type { Subscription } from "./subscription.ts";

/** Hands one packet to a session's transport. The bytes are overwritten after it returns. */
export type Emit = (session: string, packet: Uint8Array) => void;

/** ms without a packet after which a layer counts as stopped. A camera at 1 fps must not; a layer given up must soon. */
const layerSilence = 2_000;

export interface PublicationOptions {
  /** Session of the publisher. */
  readonly session: string;
  readonly trackName: string;
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  readonly extensions: readonly HeaderExtension[];
  /** SSRCs that the publisher's SDP names for this m-line; retransmissions have theirs among them. */
  readonly announcedSsrcs: readonly number[];
  /** Rids of its simulcast layers; empty without simulcast. */
  readonly rids: readonly string[];
  /** ms between keyframe requests for one layer. */
  readonly keyframeInterval: number;
}

export class Publication {
  readonly session: string;
  readonly trackName: string;
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  readonly extensions: readonly HeaderExtension[];
  readonly announcedSsrcs: readonly number[];
  readonly midId: number | undefined;
  readonly ridId: number | undefined;
  readonly layers: ReadonlyMap<string, Layer>;
  readonly subscriptions = new Set<Subscription>();
  /** When it began (ms), set by the router. */
  beganAt = 0;
  /** Subscribers whose m-lines number extensions alike share one passage, so that a packet is written once for all. */
  readonly #passages = new Map<string, Passage>();

  constructor(options: PublicationOptions) {
    this.session = options.session;
    this.trackName = options.trackName;
    this.kind = options.kind;
    this.mid = options.mid;
    this.codec = options.codec;
    this.extensions = options.extensions;
    this.announcedSsrcs = options.announcedSsrcs;
    this.midId = extensionId(options.extensions, extensionUris.mid);
    this.ridId = extensionId(options.extensions, extensionUris.rid);
    const rids = options.rids.length > 0 ? options.rids : [""];
    this.layers = new Map(rids.map((rid) => [rid, new Layer(rid, options.codec.clockRate, options.keyframeInterval)]));
  }

  get simulcast(): boolean {
    return !this.layers.has("");
  }

  /** When the newest packet of any layer came; undefined before the first. */
  get lastPacketAt(): number | undefined {
    let last: number | undefined;
    for (const { reception } of this.layers.values()) {
      if (reception.packets > 0 && (last === undefined || reception.lastPacketAt > last)) last = reception.lastPacketAt;
    }
    return last;
  }

  /** When something was last heard of it: a packet, or its beginning. */
  get heardAt(): number {
    return this.lastPacketAt ?? this.beganAt;
  }

  attach(subscription: Subscription): void {
    const ids = passage(this.extensions, subscription.extensions, this.kind);
    const key = [...ids].join(";");
    const shared = this.#passages.get(key) ?? ids;
    this.#passages.set(key, shared);
    subscription.detach();
    subscription.passage = shared;
    this.subscriptions.add(subscription);
  }

  detach(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    subscription.detach();
  }

  received(
    layer: Layer,
    packet: Uint8Array,
    header: RtpHeader,
    now: number,
    outgoing: OutgoingPacket,
    emit: Emit,
  ): void {
    const keyframe = this.kind === "video" && startsKeyframe(this.codec, packet, header);
    const fresh = layer.ssrc !== header.ssrc;
    if (fresh) for (const subscription of this.subscriptions) subscription.restart(layer);
    layer.received(header, packet.length, keyframe, now);
    if (this.subscriptions.size > 0) {
      const mayStart = this.kind === "audio" || keyframe;
      outgoing.load(packet, header);
      const active = this.#active(now);
      for (const subscription of this.subscriptions) {
        // A subscriber that wants another layer keeps this one until a keyframe of the other comes.
        if (subscription.layer !== layer && this.#wanted(subscription, active) !== layer) continue;
        const bytes = subscription.forward(layer, header, outgoing, mayStart, now);
        if (bytes !== undefined) emit(subscription.session, bytes);
      }
    }
    if (fresh) this.chase(now);
    this.ask(now, emit);
  }

  senderReported(layer: Layer, report: RtcpReport & { report: "sender" }, now: number, emit: Emit): void {
    layer.reception.senderReported(report, now);
    for (const subscription of this.subscriptions) {
      const bytes = subscription.senderReport(layer, report);
      if (bytes !== undefined) emit(subscription.session, bytes);
    }
  }

  /** A subscriber cannot decode: its layer, or the one that it waits for, needs a keyframe. */
  keyframeFor(subscription: Subscription, now: number): void {
    if (this.kind === "video") (subscription.layer ?? this.#wanted(subscription, this.#active(now)))?.wantKeyframe();
  }

  /** Wants keyframes wherever a subscriber waits for a layer that it should have. */
  chase(now: number): void {
    if (this.kind !== "video") return;
    const active = this.#active(now);
    for (const subscription of this.subscriptions) {
      const wanted = this.#wanted(subscription, active);
      if (wanted !== undefined && wanted !== subscription.layer) wanted.wantKeyframe();
    }
  }

  /** Sends the keyframe requests that are due. */
  ask(now: number, emit: Emit): void {
    for (const layer of this.layers.values()) {
      const request = layer.dueRequest(now);
      if (request !== undefined) emit(this.session, request);
    }
  }

  /** When `ask` has something to do, or undefined. */
  nextDeadline(): number | undefined {
    let next: number | undefined;
    if (this.kind === "audio" || this.subscriptions.size === 0) return next;
    for (const layer of this.layers.values()) {
      const deadline = layer.nextDeadline();
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    return next;
  }

  reports(now: number): ReceptionBlock[] {
    return [...this.layers.values()].flatMap((layer) => layer.report(now) ?? []);
  }

  #wanted(subscription: Subscription, active: readonly string[]): Layer | undefined {
    const rid = this.simulcast ? chooseLayer(subscription.preference, active) : "";
    return rid === undefined ? undefined : this.layers.get(rid);
  }

  /** Rids of the layers that packets come on; without simulcast nobody asks. */
  #active(now: number): readonly string[] {
    if (!this.simulcast) return [];
    const active: string[] = [];
    for (const { rid, reception } of this.layers.values()) {
      if (reception.packets > 0 && now - reception.lastPacketAt < layerSilence) active.push(rid);
    }
    return active;
  }
}
