/**
 * One outgoing stream: a publication as one subscriber receives it, under its own SSRC, payload type and numbering.
 *
 * It begins at a keyframe, because nothing before one can be decoded, and so does every change of layer or source.
 * Sequence numbers continue without a gap across changes, and timestamps with the time that passed.
 */
import type { ReceivedStats, Simulcast } from "@satsuma/protocol";
import { paddingPacket, paddingTransportAt } from "../congestion/padding.ts";
import type { Received } from "../rtcp/read.ts";
import { senderReport } from "../rtcp/write.ts";
import { sequenceDistance } from "../rtp/sequence.ts";
import { videoClock } from "../sdp/codecs.ts";
import type { Codec, HeaderExtension } from "../sdp/description.ts";
import { Counts } from "./counts.ts";
import { beginFlow, type Flow, Newest } from "./flow.ts";
import type { Layer } from "./layer.ts";
import { Numbers } from "./numbers.ts";
import type { Numbering, Packet } from "./packet.ts";
import type { Passage } from "./passage.ts";
import type { Publication } from "./publication.ts";
import type { Aim, Outlet, Quality } from "./quality.ts";
import { withoutRedundancy } from "./redundancy.ts";
import { type RepairStream, repairOf } from "./repair.ts";
import { SentReports } from "./sent-reports.ts";
import { Thinning } from "./thinning.ts";

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
  /** Payload type of redundant audio, with blocks of the codec's; undefined where the subscriber does not take it. */
  readonly redundantPayloadType?: number | undefined;
  /** Where packets that are asked for again go; undefined: into the stream itself. */
  readonly repair?: RepairStream | undefined;
}

/** Numbers that can be asked for again: a second of 5 Mbit/s, or of sound in packets of 20 ms. */
const keptNumbers = { audio: 64, video: 512 } as const;

/** Shared: it is filled and used up for one packet after the other, and fifty of them would not stay in the cache. */
const numbering: Numbering = { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0, frameShift: 0 };

export class Subscription {
  readonly session: string;
  readonly ssrc: number;
  readonly codec: Codec;
  readonly extensions: readonly HeaderExtension[];
  readonly repair: RepairStream | undefined;
  readonly #redundantPayloadType: number | undefined;
  /** Payload that went out of the last packet of redundant audio. */
  #redundantBytes = 0;
  preference: Simulcast | undefined;
  /** What it is attached to, and what writes header extensions for it; set by the publication. */
  source: Publication | undefined;
  passage: Passage | undefined;
  /** Where its packets go; set by the router. */
  outlet: Outlet | undefined;
  packets = 0;
  bytes = 0;
  /** Bytes of whole packets, for metering. */
  sent = 0;
  readonly counts = new Counts();
  /** What the subscriber said last. */
  heard: Received | undefined;
  readonly #reports = new SentReports();
  readonly #numbers: Numbers<Flow>;
  readonly #thinning = new Thinning();
  #held = false;
  #repairSequence: number;
  #flow: Flow | undefined;
  #wanted: Layer | undefined;
  /** The flow that there was last, also when none is now. */
  #before: Flow | undefined;
  readonly #newest = new Newest();

  constructor(options: SubscriptionOptions) {
    const { codec, ssrc } = options;
    this.session = options.session;
    this.ssrc = ssrc;
    this.codec = codec;
    this.extensions = options.extensions;
    this.repair = options.repair;
    this.#redundantPayloadType = options.redundantPayloadType;
    this.#repairSequence = options.repair?.firstSequence ?? 0;
    this.#numbers = new Numbers(options.firstSequence, keptNumbers[codec.clockRate === 90_000 ? "video" : "audio"]);
  }

  get kind(): "audio" | "video" {
    return this.codec.clockRate === videoClock ? "video" : "audio";
  }

  /** Whether its packets have transport-wide numbers. */
  get numbered(): boolean {
    return (this.passage?.transportId ?? 0) > 0;
  }

  /** The layer that goes out now; undefined while the first keyframe is awaited. */
  get layer(): Layer | undefined {
    return this.#flow?.layer;
  }

  /** The layer that is to go out: another than goes out now until its keyframe comes. */
  get wanted(): Layer | undefined {
    return this.#wanted;
  }

  /**
   * Sets what is to go out; undefined: nothing. A layer that does not go out yet is asked for a keyframe, until which the one
   * that does goes on, unless `atOnce`.
   */
  aim(aim: Aim | undefined, atOnce = false): void {
    this.#wanted = aim === undefined ? undefined : this.source?.layers.get(aim.rid);
    if (aim === undefined || this.#wanted === undefined) {
      this.#flow = undefined;
      return;
    }
    if (atOnce && this.#wanted !== this.layer) this.#flow = undefined;
    this.#thinning.aim(aim);
    if (this.#wanted !== this.layer || this.#thinning.waits) this.source?.wantKeyframe(this.#wanted);
  }

  /** bits/s that go out beyond what is to, until that has its keyframe. */
  lingering(now: number): number {
    const { layer, wanted } = this;
    if (layer === undefined || wanted === undefined || layer === wanted) return 0;
    return Math.max(0, layer.measure.bitrate(now) - wanted.measure.bitrate(now));
  }

  /** What its track can be sent as now, best first. */
  qualities(now: number): readonly Quality[] {
    return this.source?.qualities(now) ?? [];
  }

  /** Sends about so many bytes that carry nothing, in the repair stream; gives how many, 0 where there is none. */
  pad(bytes: number, now: number): number {
    const { outlet, passage, repair } = this;
    if (outlet === undefined || repair === undefined || passage === undefined || passage.transportId === 0) return 0;
    const { timestamp } = this.#newest;
    const stream = { ...repair, sequence: this.#repairSequence, timestamp, transportId: passage.transportId };
    this.#repairSequence = (this.#repairSequence + 1) & 0xffff;
    const packet = paddingPacket(stream, bytes);
    outlet.media(packet, paddingTransportAt, "padding", now);
    return packet.length;
  }

  /** Sound that is not among the loudest is left out, and goes on later in numbers without a gap. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#flow = undefined;
  }

  /** The source has changed: the next keyframe begins anew, with numbers that continue. */
  detach(): void {
    this.#flow = undefined;
    this.#wanted = undefined;
    this.#held = false;
    this.source = undefined;
  }

  /** The layer begins anew under another SSRC. */
  restart(layer: Layer): void {
    if (this.#flow?.layer === layer) this.#flow = undefined;
  }

  /** Sends the packet on, if this subscriber gets it. */
  forward(layer: Layer, packet: Packet, mayStart: boolean, now: number): void {
    const flow = this.#flow;
    if (flow?.layer === layer) {
      this.#follow(flow, packet, now);
      return;
    }
    if (!mayStart || this.#held) return;
    const begun = this.#begin(layer, packet, now);
    this.#follow(begun, packet, now);
    // When the first packet of a keyframe comes late, the others are here already.
    for (let next = packet.sequence; next !== layer.newest; ) {
      next = (next + 1) & 0xffff;
      const later = layer.ring.get(next, now);
      if (later !== undefined) this.#follow(begun, later, now);
    }
  }

  /**
   * Sends again what the subscriber asks for, each number at most once in `pause` ms. While a queue is to be emptied, nothing of
   * before the keyframe that the stream begins anew with: it would only come later because of that.
   */
  repeat(sequences: readonly number[], pause: number, now: number): void {
    const numbers = this.#numbers;
    this.counts.nacked += sequences.length;
    for (const sequence of sequences) {
      const slot = numbers.find(sequence);
      const flow = slot === -1 ? undefined : numbers.flow(slot);
      const packet = flow?.ring.get(numbers.source(slot), now);
      if (flow === undefined || packet === undefined) continue;
      if (flow !== this.#flow && this.kind === "video" && this.outlet?.drains) continue;
      if (!numbers.again(slot, pause, now)) continue;
      this.#number(flow, packet, numbers.pictureShift(slot), numbers.marker(slot));
      this.#repeat(packet, sequence, now);
    }
  }

  /**
   * Sends the newest sender report of its layer as ours: same clocks, so sound and picture of one publisher stay in step;
   * own counts.
   */
  reportSender(layer: Layer, now: number): void {
    const flow = this.#flow;
    const report = layer.clock?.report;
    if (flow?.layer !== layer || report === undefined) return;
    this.#reports.sent(report, now);
    this.outlet?.control(
      senderReport({
        ...report,
        ssrc: this.ssrc,
        rtpTimestamp: (report.rtpTimestamp + flow.timestampShift) >>> 0,
        packets: this.packets >>> 0,
        bytes: this.bytes >>> 0,
      }),
    );
  }

  stats(source: Publication): ReceivedStats {
    const { bitrate, framesPerSecond, nacked, repeated, keyframeRequests } = this.counts;
    const { session: sessionId, trackName, kind } = source;
    const { heard, layer } = this;
    return {
      sessionId,
      trackName,
      kind,
      ssrc: this.ssrc,
      ...(layer !== undefined && layer.rid !== "" && { rid: layer.rid }),
      ...(this.#held && { held: true }),
      bitrate: Math.round(bitrate),
      packets: this.packets,
      bytes: this.bytes,
      ...(kind === "video" && { framesPerSecond }),
      nacked,
      repeated,
      keyframeRequests,
      ...(heard !== undefined && {
        lost: heard.cumulativeLost,
        fractionLost: heard.fractionLost,
        jitter: (heard.jitter * 1_000) / this.codec.clockRate,
      }),
    };
  }

  /** Takes the subscriber's report; gives the round trip in ms that it shows, if it answers a report of ours. */
  reportReceived(received: Received, now: number): number | undefined {
    this.heard = received;
    return this.#reports.roundTrip(received, now);
  }

  #begin(layer: Layer, packet: Packet, now: number): Flow {
    const { source, codec } = this;
    const flow = beginFlow(source, layer, packet, this.#before, this.#newest, codec.clockRate, now);
    this.#flow = flow;
    this.#before = flow;
    this.#thinning.restart();
    this.#numbers.trim();
    // What the subscriber knew of the clock so far is not true of these timestamps.
    this.reportSender(layer, now);
    return flow;
  }

  #follow(flow: Flow, packet: Packet, now: number): void {
    const numbers = this.#numbers;
    const ahead = sequenceDistance(flow.newest, packet.sequence);
    if (ahead <= 0) {
      // Others of its packets have gone out already, without the layer that waits for it: that needs another one.
      if (packet.frame.keyframe && this.#thinning.waits) this.source?.wantKeyframe(flow.layer);
      const sequence = numbers.claim(flow, packet.sequence, 1 - ahead, packet.marker);
      if (sequence < 0) return;
      this.#number(flow, packet, numbers.pictureShift(numbers.find(sequence)), packet.marker);
      this.#send(packet, sequence, now);
      return;
    }
    if (ahead > 1) numbers.reserve(flow, (flow.newest + 1) & 0xffff, ahead - 1, flow.pictureShift);
    flow.newest = packet.sequence;
    // Padding is for the way to us, and is not sent further.
    if (packet.length === 0) return;
    const { frame } = packet;
    if (!this.#thinning.passes(frame, packet.timestamp)) {
      if (frame.gapless && this.#thinning.begins) flow.pictureShift -= 1;
      if (this.#thinning.lacks) this.source?.wantKeyframe(flow.layer);
      return;
    }
    // The last packet of what goes out of a picture, when spatial layers above are left out.
    const marker = packet.marker || (frame.ends && frame.spatial === this.#thinning.spatial);
    const sequence = numbers.take(flow, packet.sequence, flow.pictureShift, marker);
    this.#number(flow, packet, flow.pictureShift, marker);
    const newest = this.#newest;
    if (marker) this.counts.frames += 1;
    newest.timestamp = numbering.timestamp;
    newest.at = now;
    newest.pictureId = packet.pictureId;
    newest.baseId = packet.baseId;
    if (frame.number >= 0) newest.frameNumber = (frame.number + flow.frameShift) & 0xffff;
    this.#send(packet, sequence, now);
  }

  /** Writes what depends on the flow: the timestamp and the numbers of pictures. */
  #number(flow: Flow, packet: Packet, pictureShift: number, marker: boolean): void {
    numbering.marker = marker;
    numbering.frameShift = flow.frameShift;
    numbering.timestamp = (packet.timestamp + flow.timestampShift) >>> 0;
    const { frame } = packet;
    if (frame.pictureId >= 0) packet.pictureId = (frame.pictureId + pictureShift) & (frame.wide ? 0x7fff : 0x7f);
    if (frame.baseId >= 0) packet.baseId = (frame.baseId + flow.baseShift) & 0xff;
  }

  #send(packet: Packet, sequence: number, now: number): void {
    const { outlet, passage } = this;
    if (outlet === undefined || passage === undefined) return;
    const bytes = this.#plain(packet, passage, sequence);
    this.packets += 1;
    this.bytes += packet.redundant ? this.#redundantBytes : packet.length;
    this.sent += bytes.length;
    outlet.media(bytes, packet.transportAt, "media", now);
  }

  #repeat(packet: Packet, sequence: number, now: number): void {
    const { outlet, passage, repair } = this;
    if (outlet === undefined || passage === undefined) return;
    const bytes =
      repair === undefined ? this.#plain(packet, passage, sequence) : this.#repaired(packet, passage, sequence, repair);
    this.counts.repeated += 1;
    this.sent += bytes.length;
    outlet.media(bytes, packet.transportAt, "repair", now);
  }

  #plain(packet: Packet, passage: Passage, sequence: number): Uint8Array {
    numbering.payloadType = this.codec.payloadType;
    numbering.ssrc = this.ssrc;
    numbering.sequence = sequence;
    if (!packet.redundant) return packet.prepare(passage, numbering);
    return this.#redundant(packet, passage);
  }

  /** Redundant audio as it is, or its newest block alone for who takes no other, or numbers its codec otherwise. */
  #redundant(packet: Packet, passage: Passage): Uint8Array {
    const takes = this.codec.payloadType === this.source?.codec.payloadType ? this.#redundantPayloadType : undefined;
    if (takes !== undefined) numbering.payloadType = takes;
    const bytes = packet.prepare(passage, numbering);
    this.#redundantBytes = packet.length;
    if (takes !== undefined) return bytes;
    const header = bytes.length - packet.length;
    // A malformed one keeps its number, and nothing of it goes on.
    const newest = withoutRedundancy(bytes, packet.length) ?? bytes.subarray(0, header);
    this.#redundantBytes = newest.length - header;
    return newest;
  }

  #repaired(packet: Packet, passage: Passage, original: number, repair: RepairStream): Uint8Array {
    numbering.payloadType = repair.payloadType;
    numbering.ssrc = repair.ssrc;
    numbering.sequence = this.#repairSequence;
    this.#repairSequence = (this.#repairSequence + 1) & 0xffff;
    return repairOf(packet.prepare(passage, numbering), packet.length, original);
  }
}
