/**
 * One published track inside the SFU: its incoming layers and everybody who receives it.
 *
 * A publication begins when the publisher's offer was answered, not when its first packet comes; a subscriber may be
 * there before.
 */
import type { PublishedStats } from "@satsuma/protocol";
import type { ReceptionBlock } from "../rtcp/write.ts";
import { type RtpHeader, textExtension } from "../rtp/header.ts";
import { transportFeedback } from "../sdp/codecs.ts";
import type { Codec, HeaderExtension } from "../sdp/description.ts";
import { extensionId, extensionUris } from "../sdp/extensions.ts";
import { AnswerTime } from "./answer-time.ts";
import type { SenderTimes } from "./clock-map.ts";
import { Layer, type LayerLimits } from "./layer.ts";
import { Loudness } from "./loudness.ts";
import type { Packet } from "./packet.ts";
import { Passage } from "./passage.ts";
import type { Outlet, Quality } from "./quality.ts";
import { originalOf } from "./repair.ts";
import type { Subscription } from "./subscription.ts";
import { possibleRids } from "./watched.ts";

export interface PublicationOptions {
  /** Session of the publisher. */
  readonly session: string;
  readonly trackName: string;
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  /** Payload type of its retransmissions; undefined without a stream of their own. */
  readonly repairPayloadType: number | undefined;
  /** Payload type of its redundant form (RFC 2198); undefined without one. */
  readonly redundantPayloadType?: number | undefined;
  readonly extensions: readonly HeaderExtension[];
  /** SSRCs that the publisher's SDP names for this m-line; retransmissions have theirs among them. */
  readonly announcedSsrcs: readonly number[];
  /** Rids of its simulcast layers; empty without simulcast. */
  readonly rids: readonly string[];
  readonly limits: LayerLimits;
}

/** What a publication needs of the router around it. */
export interface Surroundings {
  /** Where requests to the publisher go. */
  readonly uplink: Outlet;
  /** Publications that want to be woken. */
  readonly restless: Set<Publication>;
  /** What can be sent to a subscription, or what it wants, may be another now. */
  readonly reconsider: (subscription: Subscription, now: number) => void;
  /** Publications with packets to pass on, by `passOn`; undefined: each goes on as it comes. */
  readonly due: Set<Publication> | undefined;
}

/** Packets that wait to go on together, at the most: some ms of sending, and fewer than a ring holds. */
const mostTogether = 32;
/** Packets that may leave between two looks at the clock: 60 µs, where a look at each would cost a hundredth of sending it. */
const sentPerLook = 8;

export class Publication {
  readonly session: string;
  readonly trackName: string;
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  readonly repairPayloadType: number | undefined;
  readonly redundantPayloadType: number | undefined;
  readonly extensions: readonly HeaderExtension[];
  readonly announcedSsrcs: readonly number[];
  readonly midId: number | undefined;
  /** Of the transport-wide number, where its publisher wants feedback on it; 0 where it does not. */
  readonly transportId: number;
  readonly layers: ReadonlyMap<string, Layer>;
  /** Who pulled it, also those whose transport cannot send yet; kept by the router. */
  readonly pulls = new Set<Subscription>();
  /** Of sound: how loud it is. */
  readonly loudness = new Loudness();
  /** Those with the same passage stand together, so that a packet is written once for all of them. */
  #subscriptions: Subscription[] = [];
  #surroundings: Surroundings | undefined;
  /** What came and has not gone on. */
  #came: { readonly layer: Layer; readonly packet: Packet }[] = [];
  #beganAt = 0;
  readonly #ridId: number | undefined;
  readonly #repairedRidId: number | undefined;
  readonly #levelId: number | undefined;
  /** A bit for each layer that packets came on when it was last looked. */
  #active = 0;
  readonly #passages = new Map<string, Passage>();

  constructor(options: PublicationOptions) {
    this.session = options.session;
    this.trackName = options.trackName;
    this.kind = options.kind;
    this.mid = options.mid;
    this.codec = options.codec;
    this.repairPayloadType = options.repairPayloadType;
    this.redundantPayloadType = options.redundantPayloadType;
    // Other formats tell their layers in their payload, and then need no second word.
    const described = options.codec.name.toLowerCase() === "av1";
    this.extensions = options.extensions.filter(({ uri }) => described || uri !== extensionUris.dependencyDescriptor);
    this.announcedSsrcs = options.announcedSsrcs;
    this.midId = extensionId(options.extensions, extensionUris.mid);
    const feedback = options.codec.feedback.includes(transportFeedback);
    this.transportId = (feedback && extensionId(options.extensions, extensionUris.transportSequence)) || 0;
    this.#ridId = extensionId(options.extensions, extensionUris.rid);
    this.#levelId = extensionId(options.extensions, extensionUris.audioLevel);
    this.#repairedRidId = extensionId(options.extensions, extensionUris.repairedRid);
    const rids = options.rids.length > 0 ? options.rids : [""];
    const descriptorId = extensionId(this.extensions, extensionUris.dependencyDescriptor);
    const answerTime = new AnswerTime();
    const newLayer = (rid: string) =>
      new Layer(rid, options.kind, options.codec, options.limits, descriptorId, answerTime);
    this.layers = new Map(rids.map((rid) => [rid, newLayer(rid)]));
  }

  get simulcast(): boolean {
    return !this.layers.has("");
  }

  get subscriptions(): readonly Subscription[] {
    return this.#subscriptions;
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
    return this.lastPacketAt ?? this.#beganAt;
  }

  begin(surroundings: Surroundings, now: number): void {
    this.#surroundings = surroundings;
    this.#beganAt = now;
  }

  end(): void {
    this.#surroundings?.restless.delete(this);
    this.#surroundings?.due?.delete(this);
    this.#came = [];
    for (const subscription of this.#subscriptions) subscription.detach();
    this.#subscriptions = [];
  }

  attach(subscription: Subscription, now: number): void {
    const passage = new Passage(this.extensions, subscription.extensions, this.kind);
    const shared = this.#passages.get(passage.key) ?? passage;
    this.#passages.set(passage.key, shared);
    this.detach(subscription);
    subscription.source = this;
    subscription.passage = shared;
    const others = this.#subscriptions.findLastIndex((other) => other.passage === shared);
    this.#subscriptions = this.#subscriptions.toSpliced(others + 1, 0, subscription);
    this.#surroundings?.reconsider(subscription, now);
    this.elapse(now);
  }

  detach(subscription: Subscription): void {
    this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    subscription.detach();
  }

  /** Whether packets of this payload type may belong to it. */
  takes(payloadType: number): boolean {
    return (
      payloadType === this.codec.payloadType ||
      payloadType === this.repairPayloadType ||
      payloadType === this.redundantPayloadType
    );
  }

  /** The layer that a packet says it is of; of a retransmission, the layer that it repairs. */
  layerOf(packet: Uint8Array, header: RtpHeader): Layer | undefined {
    if (!this.simulcast) return this.layers.get("");
    const id = header.payloadType === this.repairPayloadType ? this.#repairedRidId : this.#ridId;
    const rid = id === undefined ? undefined : textExtension(packet, header, id);
    return rid === undefined ? undefined : this.layers.get(rid);
  }

  /**
   * One packet of its m-line, on a layer or on the retransmissions of one. `behind` is for how many ms this server has had
   * no rest.
   */
  received(layer: Layer, bytes: Uint8Array, header: RtpHeader, now: number, behind = 0): void {
    const { payloadType } = header;
    if (payloadType === this.codec.payloadType || payloadType === this.redundantPayloadType) {
      this.#received(layer, bytes, header, false, behind, now);
    } else if (payloadType === this.repairPayloadType && layer.ssrc !== undefined) {
      const original = originalOf(bytes, header, { ssrc: layer.ssrc, payloadType: this.codec.payloadType });
      if (original !== undefined) this.#received(layer, bytes, original, true, 0, now);
    }
  }

  /**
   * Sends on what came: to one subscriber all of it, and then to the next, whose memory is fetched once for all. The clock is
   * asked again meanwhile, or the time that sending takes would seem to be a queue on the way to the last.
   */
  passOn(clock: () => number): void {
    const came = this.#came;
    this.#came = [];
    let now = clock();
    let sent = 0;
    for (const subscription of this.#subscriptions) {
      if (sent >= sentPerLook) {
        now = clock();
        sent = 0;
      }
      for (const { layer, packet } of came) {
        // A subscriber that wants another layer keeps this one until a keyframe of the other comes.
        if (subscription.layer !== layer && subscription.wanted !== layer) continue;
        subscription.forward(layer, packet, this.kind === "audio" || packet.frame.keyframe, now);
        sent += 1;
      }
    }
    this.#ask(now);
  }

  senderReported(layer: Layer, report: SenderTimes, now: number): void {
    // One that was under way when the layer began anew speaks of timestamps that are no more.
    if (layer.ssrc !== undefined && layer.ssrc !== report.ssrc) return;
    if (!layer.senderReported(report, now)) return;
    for (const subscription of this.#subscriptions) subscription.reportSender(layer, now);
  }

  /** A subscriber cannot decode: its layer, or the one that it waits for, needs a keyframe. */
  keyframeFor(subscription: Subscription, now: number): void {
    subscription.counts.keyframeRequests += 1;
    const layer = subscription.layer ?? subscription.wanted;
    if (layer !== undefined) this.wantKeyframe(layer);
    this.elapse(now);
  }

  wantKeyframe(layer: Layer): void {
    if (this.kind !== "video") return;
    layer.wantKeyframe();
    this.#surroundings?.restless.add(this);
  }

  /** Rids of its layers that somebody may be sent; its publisher need not encode the others. */
  get watchedRids(): string[] {
    const rids = [...this.layers.keys()];
    const watched = new Set<string>();
    for (const subscription of this.#subscriptions) {
      for (const rid of possibleRids(subscription.preference, rids)) watched.add(rid);
      // What flows until another layer has its keyframe is still of use.
      if (subscription.layer !== undefined) watched.add(subscription.layer.rid);
    }
    return rids.filter((rid) => watched.has(rid));
  }

  /** What it can be received as now, best first. */
  qualities(now: number): Quality[] {
    const active = [...this.layers.values()].filter((layer) => layer.rid === "" || layer.isActive(now));
    active.sort((a, b) => (a.rid < b.rid ? -1 : 1));
    return active.flatMap((layer, index) => layer.measure.qualities(layer.rid, index === active.length - 1, now));
  }

  /** Looks whether layers have begun or stopped, and sends the requests that are due. */
  elapse(now: number): void {
    this.#look(now);
    this.#ask(now);
  }

  /** When `elapse` has something to do, or undefined. */
  nextDeadline(): number | undefined {
    let next: number | undefined;
    if (this.#subscriptions.length === 0) return next;
    for (const layer of this.layers.values()) {
      const deadline = layer.nextDeadline();
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    return next;
  }

  stats(now: number): PublishedStats {
    const { trackName, mid, kind } = this;
    const layers = [...this.layers.values()].flatMap((layer) => layer.stats(now) ?? []);
    return {
      trackName,
      mid,
      kind,
      codec: this.codec.name,
      subscribers: this.#subscriptions.length,
      ...(this.#levelId !== undefined && { loudness: this.loudness.at(now), speaking: this.loudness.speaks(now) }),
      layers,
    };
  }

  /** Looks at what went out since the last time; to be called about once a second. */
  sample(now: number): void {
    for (const subscription of this.#subscriptions) subscription.counts.sample(subscription.sent, now);
  }

  reports(now: number): ReceptionBlock[] {
    return [...this.layers.values()].flatMap((layer) => layer.report(now) ?? []);
  }

  #received(layer: Layer, bytes: Uint8Array, header: RtpHeader, repaired: boolean, behind: number, now: number): void {
    const { ring } = layer;
    const packet = layer.received(bytes, header, repaired, now);
    if (packet === undefined) return;
    packet.redundant = header.payloadType === this.redundantPayloadType;
    const subscriptions = this.#subscriptions;
    if (layer.ring !== ring) {
      this.#forget(layer);
      for (const subscription of subscriptions) {
        subscription.restart(layer);
        this.#surroundings?.reconsider(subscription, now);
      }
    }
    if (this.#levelId !== undefined && this.kind === "audio") {
      const level = packet.firstByte(this.#levelId);
      if (level >= 0) this.loudness.heard(level, now);
    }
    if (packet.marker && this.simulcast) {
      for (const other of this.layers.values()) if (other !== layer) other.outrun();
    }
    this.#look(now);
    if (!repaired && layer.isBelated(packet, behind, now)) {
      this.#leaveOut(layer, now);
      return;
    }
    this.#came.push({ layer, packet });
    const due = this.#surroundings?.due;
    if (due === undefined || this.#came.length >= mostTogether) this.passOn(() => now);
    else due.add(this);
  }

  /** Nobody gets the layer's packets before its next keyframe, so that what waits is soon worked off. */
  #leaveOut(layer: Layer, now: number): void {
    this.#forget(layer);
    let watched = false;
    for (const subscription of this.#subscriptions) {
      // Who waits for its keyframe waits for another one, too: this may have been it.
      watched ||= subscription.layer === layer || subscription.wanted === layer;
      subscription.restart(layer);
    }
    if (watched) this.wantKeyframe(layer);
    this.#ask(now);
  }

  #forget(layer: Layer): void {
    this.#came = this.#came.filter((came) => came.layer !== layer);
  }

  #look(now: number): void {
    if (!this.simulcast) return;
    let active = 0;
    for (const layer of this.layers.values()) active = active * 2 + (layer.isActive(now) ? 1 : 0);
    if (active === this.#active) return;
    this.#active = active;
    for (const subscription of this.#subscriptions) this.#surroundings?.reconsider(subscription, now);
  }

  #ask(now: number): void {
    const { uplink, restless } = this.#surroundings ?? {};
    if (uplink === undefined || restless === undefined) return;
    const deadline = this.nextDeadline();
    if (deadline === undefined) {
      restless.delete(this);
      return;
    }
    restless.add(this);
    if (deadline > now) return;
    for (const layer of this.layers.values()) for (const request of layer.dueRequests(now)) uplink.control(request);
    if (this.nextDeadline() === undefined) restless.delete(this);
  }
}
