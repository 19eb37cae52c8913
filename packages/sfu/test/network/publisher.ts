/**
 * A simulated publisher: an encoder that makes frames on time and keyframes when asked, for one picture in one or more
 * layers, or for sound; and a sender that numbers them, keeps them for a while, and repeats what was not received.
 */
import { ascii } from "../packets.ts";
import { extensionBlock, type Rtp, writeRtp } from "./bytes.ts";
import { type Control, senderReport } from "./control.ts";
import { type Mark, type PictureCodec, writePayload } from "./mark.ts";
import { positionOf } from "./structure.ts";
import type { Line } from "./terms.ts";

export const uris = {
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  rid: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  repairedRid: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  transportWide: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
} as const;

export interface LayerShape {
  /** Empty without simulcast. */
  readonly rid: string;
  /** Of each spatial layer. */
  readonly packetsPerFrame: number;
  readonly bytesPerPacket: number;
  /** The same of a keyframe; one more than of another without it. */
  readonly packetsPerKeyframe?: number;
}

export interface TrackShape {
  readonly kind: "audio" | "video";
  /** ms between frames. */
  readonly interval: number;
  readonly layers: readonly LayerShape[];
  /** VP8 without one; sound has none. */
  readonly codec?: PictureCodec;
  /** Layers inside of each stream; one of each without them. */
  readonly spatial?: number;
  readonly temporal?: number;
}

/** Numbers that a life draws, the same for the same seed. */
export interface Draw {
  uint32(): number;
}

/** Packets that a sender keeps to repeat them. */
const kept = 400;
/** ms beyond a round trip in which Chromium (156) takes a second request for the first one's echo, and does nothing. */
const echo = 5;
/** ms between sender reports; often, because a life is short. */
const reportInterval = 700;

interface Sent {
  readonly bytes: Uint8Array;
  readonly packet: Rtp;
  repeatedAt: number | undefined;
}

interface Stream {
  readonly shape: LayerShape;
  ssrc: number;
  repairSsrc: number;
  epoch: number;
  sequence: number;
  /** Number of the next packet of retransmission. */
  repairSequence: number;
  timestampBase: number;
  frame: number;
  /** Pictures since the last keyframe, and those of the base layer so far. */
  sinceKey: number;
  base: number;
  pictureId: number;
  tl0: number;
  wantsKey: boolean;
  active: boolean;
  readonly sent: Map<number, Sent>;
}

export class Track {
  readonly id: number;
  readonly name: string;
  readonly mid: string;
  readonly shape: TrackShape;
  readonly streams: readonly Stream[];
  line: Line | undefined;
  #nextFrameAt: number;
  #nextReportAt: number;
  readonly #draw: Draw;
  /** Seconds by which the publisher's clock is ahead of the world's. */
  readonly clock: number;
  readonly #blocks = new Map<string, Uint8Array>();
  static #packets = 0;

  constructor(id: number, shape: TrackShape, clock: number, draw: Draw, now: number) {
    this.id = id;
    this.name = `track-${id}`;
    this.mid = `m${id}`;
    this.shape = shape;
    this.#draw = draw;
    this.clock = clock;
    this.#nextFrameAt = now + (draw.uint32() % shape.interval);
    this.#nextReportAt = now + (draw.uint32() % reportInterval);
    this.streams = shape.layers.map((layer) => this.#stream(layer, 0));
  }

  get clockRate(): number {
    return this.shape.kind === "audio" ? 48_000 : 90_000;
  }

  nextDeadline(): number {
    return Math.min(this.#nextFrameAt, this.#nextReportAt);
  }

  /** Packets that are due. */
  wake(now: number): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const { line } = this;
    if (line === undefined) return packets;
    while (this.#nextFrameAt <= now) {
      for (const stream of this.streams) if (stream.active) packets.push(...this.#encode(stream, line, now));
      this.#nextFrameAt += this.shape.interval;
    }
    if (this.#nextReportAt <= now) {
      this.#nextReportAt += reportInterval;
      const ntp = this.clock + now / 1_000;
      for (const { active, ssrc, timestampBase } of this.streams) {
        if (active) packets.push(senderReport(ssrc, ntp, this.#timestamp(timestampBase, now)));
      }
    }
    return packets;
  }

  /** What a report asks of it: keyframes, and packets again. `roundTrip` in ms. */
  hear(control: Control, roundTrip: number, now: number): Uint8Array[] {
    if (control.type !== "nack" && control.type !== "keyframe") return [];
    const stream = this.streams.find(({ ssrc }) => ssrc === control.ssrc);
    if (stream === undefined || this.line === undefined) return [];
    if (control.type === "keyframe") {
      stream.wantsKey = true;
      return [];
    }
    const { line } = this;
    return control.sequences.flatMap((sequence) => {
      const sent = stream.sent.get(sequence);
      if (sent === undefined || now - (sent.repeatedAt ?? Number.NEGATIVE_INFINITY) < roundTrip + echo) return [];
      sent.repeatedAt = now;
      return [this.#repeat(stream, line, sequence, sent)];
    });
  }

  /** The layer begins anew under other numbers, as after a change of encoder. */
  restart(index: number): void {
    const stream = this.streams[index];
    if (stream !== undefined) Object.assign(stream, this.#stream(stream.shape, stream.epoch + 1));
  }

  setActive(index: number, active: boolean): void {
    const stream = this.streams[index];
    if (stream === undefined) return;
    // An encoder that was off begins with a keyframe.
    if (active && !stream.active) stream.wantsKey = true;
    stream.active = active;
  }

  #stream(shape: LayerShape, epoch: number): Stream {
    const near = this.#draw.uint32();
    return {
      shape,
      epoch,
      ssrc: this.#draw.uint32(),
      repairSsrc: this.#draw.uint32(),
      // Often close to the end of its numbers, so that a short life sees them begin again.
      sequence: near % 2 === 0 ? 65_536 - (near % 300) : near % 65_536,
      repairSequence: near % 65_536,
      timestampBase: near % 3 === 0 ? 2 ** 32 - (near % 300_000) : near,
      frame: 0,
      sinceKey: 0,
      base: 0,
      pictureId: near % 5 === 0 ? 0x7fff - (near % 20) : near % 0x8000,
      tl0: near % 256,
      wantsKey: true,
      active: true,
      sent: new Map(),
    };
  }

  #timestamp(base: number, now: number): number {
    return (base + Math.round((now * this.clockRate) / 1_000)) % 2 ** 32;
  }

  #encode(stream: Stream, line: Line, now: number): Uint8Array[] {
    const { kind, codec = "VP8", spatial: spatials = 1, temporal: temporals = 1 } = this.shape;
    const video = kind === "video";
    const key = video && stream.wantsKey;
    stream.wantsKey = false;
    stream.sinceKey = key ? 0 : stream.sinceKey + 1;
    const position = positionOf(stream.sinceKey, temporals);
    stream.pictureId = (stream.pictureId + 1) & 0x7fff;
    if (position.temporal === 0) {
      stream.base += 1;
      stream.tl0 = (stream.tl0 + 1) & 0xff;
    }
    const { frame, base, pictureId, tl0 } = stream;
    const timestamp = this.#timestamp(stream.timestampBase, now);
    const { packetsPerFrame, bytesPerPacket, packetsPerKeyframe = packetsPerFrame + 1 } = stream.shape;
    const count = key ? packetsPerKeyframe : packetsPerFrame;
    const packets: Uint8Array[] = [];
    for (let spatial = 0; spatial < spatials; spatial += 1) {
      const needs = [...(spatial > 0 ? [1] : []), ...(video ? position.needs.map((back) => back * spatials) : [])];
      for (let index = 0; index < count; index += 1) {
        Track.#packets += 1;
        const mark: Mark = {
          id: Track.#packets >>> 0,
          track: this.id,
          stream: this.streams.indexOf(stream) + 16 * stream.epoch,
          sequence: stream.sequence,
          frame,
          unit: frame * spatials + spatial,
          needs,
          spatial,
          temporal: position.temporal,
          base,
          key,
          first: index === 0,
          last: index === count - 1,
          captured: now,
        };
        const picture = video ? { ...position, codec, pictureId, tl0 } : undefined;
        const payload = writePayload(mark, picture, bytesPerPacket);
        const ends = video && mark.last && spatial === spatials - 1;
        packets.push(this.#send(stream, line, payload, ends, timestamp));
      }
    }
    stream.frame += 1;
    return packets;
  }

  #send(stream: Stream, line: Line, payload: Uint8Array, marker: boolean, timestamp: number): Uint8Array {
    const { payloadType } = line;
    const sequence = stream.sequence & 0xffff;
    const extensions = this.#extensions(line, uris.rid, stream.shape.rid);
    const bytes = writeRtp({ marker, payloadType, sequence, timestamp, ssrc: stream.ssrc, extensions, payload });
    const packet = { marker, payloadType, sequence, timestamp, ssrc: stream.ssrc, extensions: new Map(), payload };
    stream.sent.set(sequence, { bytes, packet, repeatedAt: undefined });
    stream.sent.delete((sequence - kept) & 0xffff);
    stream.sequence += 1;
    return bytes;
  }

  /** Under an SSRC of its own (RFC 4588) where that was agreed, as it was sent otherwise. */
  #repeat(stream: Stream, line: Line, sequence: number, sent: Sent): Uint8Array {
    if (line.repairType === undefined) return sent.bytes;
    const { marker, timestamp, payload } = sent.packet;
    const again = new Uint8Array(2 + payload.length);
    again.set([sequence >> 8, sequence & 0xff]);
    again.set(payload, 2);
    stream.repairSequence += 1;
    const repair = {
      marker,
      timestamp,
      payloadType: line.repairType,
      sequence: stream.repairSequence & 0xffff,
      ssrc: stream.repairSsrc,
      extensions: this.#extensions(line, uris.repairedRid, stream.shape.rid),
      payload: again,
    };
    return writeRtp(repair);
  }

  #extensions(line: Line, ridUri: string, rid: string): Uint8Array {
    const key = `${ridUri} ${rid}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const midId = line.extensions.get(uris.mid);
    const ridId = line.extensions.get(ridUri);
    const block = extensionBlock([
      ...(midId === undefined ? [] : [{ id: midId, data: ascii(this.mid) }]),
      ...(ridId === undefined || rid === "" ? [] : [{ id: ridId, data: ascii(rid) }]),
    ]);
    this.#blocks.set(key, block);
    return block;
  }
}
