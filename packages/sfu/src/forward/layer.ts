/**
 * One incoming stream of a publication: all of it, or one simulcast layer. Keeps what arrived, and asks its publisher for
 * what did not, and for keyframes.
 *
 * Keyframe requests are merged: at most one goes out per interval, and one that came too early is kept for later.
 */
import type { LayerStats } from "@satsuma/protocol";
import {
  fullIntraRequest,
  negativeAcknowledgement,
  pictureLossIndication,
  type ReceptionBlock,
  reporterSsrc,
} from "../rtcp/write.ts";
import { DependencyReader } from "../rtp/dependency.ts";
import { type FrameReader, frameReader } from "../rtp/frame.ts";
import type { RtpHeader } from "../rtp/header.ts";
import { sequenceDistance } from "../rtp/sequence.ts";
import type { Codec } from "../sdp/description.ts";
import { AnswerTime } from "./answer-time.ts";
import { ClockMap, type SenderTimes } from "./clock-map.ts";
import { Lateness } from "./lateness.ts";
import { Measure } from "./measure.ts";
import { Missing } from "./missing.ts";
import type { Packet } from "./packet.ts";
import { Reception } from "./reception.ts";
import { Ring } from "./ring.ts";

/** A second without the keyframe that was asked for: the request or the frame was lost (RFC 4585 §6.3.1.2 leaves the pace open). */
const keyframePatience = 1_000;
/** Numbers that a packet may come after the newest; one further back belongs to a stream that began anew (RFC 3550 A.1). */
const oldest = 1_000;
/**
 * ms between two times that it begins anew: all who receive it are then thought about again, which a publisher that changes
 * its SSRC with every packet shall not bring about each time.
 */
const shortestLife = 1_000;
/** ms between two sender reports that its subscribers are told of; browsers send one a second. */
const reportPause = 200;

/** ms without a packet after which it counts as stopped. */
const layerSilence = 2_000;
/** The same when other layers have begun more pictures than these meanwhile: some layers have a fraction of the others' rate. */
const outrunSilence = 500;
const outrunPictures = 12;

export interface LayerLimits {
  /** ms between keyframe requests for one layer. */
  readonly keyframeInterval: number;
  /** ms for which a packet can be sent again. */
  readonly repairWindow: number;
  /** Bytes that are kept for that. */
  readonly repairBytes: number;
  /** ms that this server may be behind with a picture before it is left out. */
  readonly mostBehind: number;
}

export class Layer {
  /** Empty for a publication without simulcast. */
  readonly rid: string;
  readonly #hasKeyframes: boolean;
  #lateness: Lateness;
  #belated = 0;
  readonly #codec: Codec;
  readonly #limits: LayerLimits;
  readonly #reader: FrameReader;
  readonly #repeats: boolean;
  readonly #answerTime: AnswerTime;
  /** Pictures of other layers of the same track since its last packet. */
  #outrun = 0;
  readonly #descriptorId: number;
  #descriptors = new DependencyReader();
  #measure = new Measure();
  #reception: Reception;
  #ring: Ring;
  #missing: Missing;
  #clock: ClockMap | undefined;
  #ssrc: number | undefined;
  #newest = 0;
  #begunAnewAt = Number.NEGATIVE_INFINITY;
  #reportedAt = Number.NEGATIVE_INFINITY;
  /** The number that would show that the stream began anew under the same SSRC. */
  #suspect: number | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #requests = 0;
  #keyframes = 0;
  #nacked = 0;
  #repaired = 0;
  #owed = false;
  /** Asked for and not seen yet. */
  #awaited = false;

  /**
   * `descriptorId` is the header extension of dependency descriptors, 0 for none. All layers of a publisher are answered by
   * the same way, and learn from each other how long that takes.
   */
  constructor(
    rid: string,
    kind: "audio" | "video",
    codec: Codec,
    limits: LayerLimits,
    descriptorId = 0,
    answerTime = new AnswerTime(),
  ) {
    this.rid = rid;
    this.#answerTime = answerTime;
    this.#missing = new Missing(answerTime);
    this.#hasKeyframes = kind === "video";
    this.#descriptorId = descriptorId;
    this.#codec = codec;
    this.#limits = limits;
    this.#reader = frameReader(codec.name);
    this.#repeats = codec.feedback.includes("nack");
    this.#reception = new Reception(codec.clockRate);
    this.#lateness = new Lateness(codec.clockRate);
    this.#ring = this.#newRing();
  }

  /** The SSRC it was last heard on. */
  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  /**
   * Whether packets come on it. One that its publisher gave up is known by the others, which go on: one camera feeds them
   * all. Alone it may pause longer, as a camera at 1 fps does.
   */
  isActive(now: number): boolean {
    const { packets, lastPacketAt } = this.#reception;
    const silence = now - lastPacketAt;
    return packets > 0 && silence < layerSilence && !(silence > outrunSilence && this.#outrun > outrunPictures);
  }

  /** Another layer of the track has begun a picture. */
  outrun(): void {
    this.#outrun += 1;
  }

  /** What it is made of. */
  get measure(): Measure {
    return this.#measure;
  }

  get reception(): Reception {
    return this.#reception;
  }

  /** The newest sequence number that came. */
  get newest(): number {
    return this.#newest;
  }

  /** Packets that can be sent again. Another one for every beginning of the stream. */
  get ring(): Ring {
    return this.#ring;
  }

  /** How its RTP clock relates to the publisher's wall clock; undefined before the first sender report. */
  get clock(): ClockMap | undefined {
    return this.#clock;
  }

  /**
   * Takes in one packet; undefined for one that came before, or that is too old. `repaired` is one that we had asked for,
   * out of a repair stream.
   */
  received(bytes: Uint8Array, header: RtpHeader, repaired: boolean, now: number): Packet | undefined {
    const { sequence } = header;
    this.#outrun = 0;
    let ahead = this.#ssrc === undefined ? 1 : sequenceDistance(this.#newest, sequence);
    if (header.ssrc !== this.#ssrc || this.#beginsAnew(sequence, ahead)) {
      // As the last packets of the SSRC before, too, which the first of another may overtake.
      if (now < this.#begunAnewAt + shortestLife) return undefined;
      this.#begin(header, now);
      ahead = 1;
    }
    if (ahead < -oldest) return undefined;
    // What came twice counts as received (RFC 3550 §6.4.1), and goes no further.
    if (!repaired) this.#reception.received(header, bytes.length, now);
    if (ahead <= 0 && this.#ring.get(sequence, now) !== undefined) return undefined;
    if (ahead > 0) this.#advance(sequence, ahead, now);
    else this.#missing.came(sequence, now);
    const packet = this.#ring.store(bytes, header, now);
    packet.read(this.#reader);
    if (this.#descriptorId > 0) packet.readDescriptor(this.#descriptorId, this.#descriptors);
    this.#measure.add(packet.frame, bytes.length, header.timestamp, now);
    if (repaired) this.#repaired += 1;
    if (packet.frame.keyframe) {
      this.#keyframes += this.#hasKeyframes ? 1 : 0;
      // Whoever asked before it began gets it, and needs no other.
      this.#awaited = false;
      this.#owed = false;
    }
    return packet;
  }

  /**
   * Whether a picture's packet is of no more use, because this server had no time for it when it came: it is behind with its
   * work for `behind` ms, and the packet so late. Sound never is.
   */
  isBelated(packet: Packet, behind: number, now: number): boolean {
    if (!this.#hasKeyframes) return false;
    const late = this.#lateness.of(packet.timestamp, now);
    const { mostBehind } = this.#limits;
    if (behind <= mostBehind || late <= mostBehind) return false;
    this.#belated += 1;
    return true;
  }

  /** False when it comes so soon after another that nobody need be told. */
  senderReported(report: SenderTimes, now: number): boolean {
    this.#reception.senderReported(report, now);
    this.#clock = new ClockMap(report, this.#codec.clockRate);
    if (now < this.#reportedAt + reportPause) return false;
    this.#reportedAt = now;
    return true;
  }

  wantKeyframe(): void {
    this.#owed = this.#hasKeyframes;
  }

  /** The requests that are due at `now`. Before the first packet nobody knows whom to ask. */
  dueRequests(now: number): Uint8Array[] {
    if (this.#ssrc === undefined) return [];
    const requests: Uint8Array[] = [];
    if (this.#missing.size > 0) {
      const { sequences, lost } = this.#missing.due(now);
      this.#nacked += sequences.length;
      if (sequences.length > 0) requests.push(negativeAcknowledgement(reporterSsrc, this.#ssrc, sequences));
      if (lost) this.wantKeyframe();
    }
    if (this.#awaited && now >= this.#askedAt + keyframePatience) this.#owed = true;
    if (!this.#owed || now < this.#askedAt + this.#limits.keyframeInterval) return requests;
    this.#askedAt = now;
    this.#owed = false;
    this.#awaited = true;
    this.#requests += 1;
    const { feedback } = this.#codec;
    // Picture loss indications are what everybody has; only who offers the older way alone is asked in it.
    const older = feedback.includes("ccm fir") && !feedback.includes("nack pli");
    requests.push(
      older
        ? fullIntraRequest(reporterSsrc, this.#ssrc, this.#requests)
        : pictureLossIndication(reporterSsrc, this.#ssrc),
    );
    return requests;
  }

  /** When `dueRequests` has something to say, or undefined. */
  nextDeadline(): number | undefined {
    if (this.#ssrc === undefined) return undefined;
    const keyframe = this.#owed
      ? this.#askedAt + this.#limits.keyframeInterval
      : this.#awaited
        ? this.#askedAt + keyframePatience
        : undefined;
    const missing = this.#missing.size > 0 ? this.#missing.nextDeadline() : undefined;
    return keyframe === undefined || (missing !== undefined && missing < keyframe) ? missing : keyframe;
  }

  report(now: number): ReceptionBlock | undefined {
    return this.#ssrc === undefined ? undefined : this.#reception.report(this.#ssrc, now);
  }

  /** What is known of it; undefined before its first packet. */
  stats(now: number): LayerStats | undefined {
    const { packets, bytes, lost, fractionLost, jitter } = this.#reception;
    if (this.#ssrc === undefined) return undefined;
    const video = this.#hasKeyframes;
    return {
      ...(this.rid !== "" && { rid: this.rid }),
      ssrc: this.#ssrc,
      active: this.isActive(now),
      bitrate: Math.round(this.#measure.bitrate(now)),
      packets,
      bytes,
      lost,
      fractionLost,
      jitter,
      ...(video && { framesPerSecond: this.#measure.framesPerSecond(now), height: this.#measure.height }),
      nacked: this.#nacked,
      repaired: this.#repaired,
      keyframeRequests: this.#requests,
      keyframes: this.#keyframes,
      belated: this.#belated,
    };
  }

  /** Two packets in a row, far from the others, are a sender that began anew without another SSRC. */
  #beginsAnew(sequence: number, ahead: number): boolean {
    if (ahead >= -oldest) return false;
    const again = sequence === this.#suspect;
    this.#suspect = (sequence + 1) & 0xffff;
    return again;
  }

  /** Under another SSRC the stream begins anew, and its numbers mean something else. */
  #begin(header: RtpHeader, now: number): void {
    // A report may have come before the first packet.
    if (this.#ssrc !== undefined) {
      this.#clock = undefined;
      this.#begunAnewAt = now;
      this.#reportedAt = Number.NEGATIVE_INFINITY;
    }
    this.#ssrc = header.ssrc;
    this.#suspect = undefined;
    this.#missing = new Missing(this.#answerTime);
    this.#descriptors = new DependencyReader();
    this.#measure = new Measure();
    this.#lateness = new Lateness(this.#codec.clockRate);
    if (this.#reception.packets === 0) return;
    this.#reception = new Reception(this.#codec.clockRate);
    this.#ring = this.#newRing();
  }

  #newRing(): Ring {
    return new Ring({ window: this.#limits.repairWindow, bytes: this.#limits.repairBytes });
  }

  #advance(sequence: number, ahead: number, now: number): void {
    const first = (this.#newest + 1) & 0xffff;
    this.#newest = sequence;
    if (ahead > 1 && this.#repeats && this.#missing.skipped(first, ahead - 1, now)) this.wantKeyframe();
  }
}
