/**
 * What the simulated encoder writes into every payload, so that whoever receives a packet knows which one it is. The
 * payload begins as RFC 7741 wants it for VP8 or RFC 9628 for VP9, for the SFU to read; what follows is the mark, which no
 * SFU reads.
 */
import { viewOf } from "./bytes.ts";

export interface Mark {
  /** Unique among all packets of a life. */
  readonly id: number;
  readonly track: number;
  /** Which stream of the track, and which SSRC of that stream, as the publisher counts them. */
  readonly stream: number;
  /** Of the stream, not wrapped. */
  readonly sequence: number;
  /** Picture of the stream. */
  readonly frame: number;
  /** Spatial layer of a picture: what a decoder takes in at once. */
  readonly unit: number;
  /** Units that it needs, as the number of units back. */
  readonly needs: readonly number[];
  readonly spatial: number;
  readonly temporal: number;
  /** Pictures of the base layer so far. */
  readonly base: number;
  /** The picture needs none before it. */
  readonly key: boolean;
  /** First and last packet of its unit. */
  readonly first: boolean;
  readonly last: boolean;
  /** ms on the clock of the world. */
  readonly captured: number;
}

const markBytes = 40;
const magic = 0xc5a7;
const mostNeeds = 3;

export type PictureCodec = "VP8" | "VP9";

/** A codec's own numbers of a frame (RFC 7741 §4.2, RFC 9628 §4.2), with 15 bits of picture id. */
export interface PictureNumbers {
  readonly pictureId: number;
  readonly tl0: number;
}

/** What is written beside them. */
export interface Picture extends PictureNumbers {
  readonly codec: PictureCodec;
  readonly syncs: boolean;
  readonly opens: boolean;
}

/** A payload of `length` bytes at least. Audio has no `picture`. */
export function writePayload(mark: Mark, picture: Picture | undefined, length: number): Uint8Array {
  const head = picture === undefined ? [] : picture.codec === "VP8" ? vp8Head(mark, picture) : vp9Head(mark, picture);
  const bytes = new Uint8Array(Math.max(length, head.length + markBytes));
  bytes.set(head);
  const view = viewOf(bytes);
  const at = bytes.length - markBytes;
  view.setUint16(at, magic);
  view.setUint8(at + 2, (mark.key ? 1 : 0) | (mark.first ? 2 : 0) | (mark.last ? 4 : 0));
  view.setUint8(at + 3, (mark.spatial << 4) | mark.temporal);
  view.setUint16(at + 4, mark.track);
  view.setUint16(at + 6, mark.stream);
  view.setUint32(at + 8, mark.id);
  view.setUint32(at + 12, mark.sequence);
  view.setUint32(at + 16, mark.frame);
  view.setUint32(at + 20, mark.unit);
  view.setUint32(at + 24, mark.base);
  mark.needs.forEach((distance, index) => void view.setUint8(at + 28 + index, distance));
  view.setFloat64(at + 32, mark.captured);
  return bytes;
}

function vp8Head({ first, key, temporal }: Mark, { pictureId, tl0, syncs }: Picture): number[] {
  const layer = (temporal << 6) | (syncs ? 0x20 : 0);
  const descriptor = [0x80 | (first ? 0x10 : 0), 0xe0, 0x80 | (pictureId >> 8), pictureId & 0xff, tl0, layer];
  if (!first) return [...descriptor, 0x55];
  return [...descriptor, key ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a];
}

/** In the non-flexible mode, as browsers send it. */
function vp9Head({ first, last, key, spatial, temporal }: Mark, { pictureId, tl0, opens }: Picture): number[] {
  const flags = 0xa0 | (key ? 0 : 0x40) | (first ? 0x08 : 0) | (last ? 0x04 : 0);
  const layer = (temporal << 5) | (opens ? 0x10 : 0) | (spatial << 1) | (spatial > 0 ? 1 : 0);
  return [flags, 0x80 | (pictureId >> 8), pictureId & 0xff, layer, tl0, 0x55];
}

/** Undefined for a payload without a mark, as padding is. */
export function readMark(payload: Uint8Array): Mark | undefined {
  const at = payload.length - markBytes;
  if (at < 0) return undefined;
  const view = viewOf(payload);
  if (view.getUint16(at) !== magic) return undefined;
  const flags = view.getUint8(at + 2);
  const layers = view.getUint8(at + 3);
  const needs: number[] = [];
  for (let index = 0; index < mostNeeds; index += 1) {
    const distance = view.getUint8(at + 28 + index);
    if (distance > 0) needs.push(distance);
  }
  return {
    key: (flags & 1) !== 0,
    first: (flags & 2) !== 0,
    last: (flags & 4) !== 0,
    spatial: layers >> 4,
    temporal: layers & 0x0f,
    track: view.getUint16(at + 4),
    stream: view.getUint16(at + 6),
    id: view.getUint32(at + 8),
    sequence: view.getUint32(at + 12),
    frame: view.getUint32(at + 16),
    unit: view.getUint32(at + 20),
    base: view.getUint32(at + 24),
    needs,
    captured: view.getFloat64(at + 32),
  };
}

/** As the descriptor of a payload that `writePayload` made has them. */
export function readPicture(payload: Uint8Array, codec: PictureCodec): PictureNumbers {
  const from = codec === "VP8" ? 2 : 1;
  const [high = 0, low = 0] = payload.subarray(from);
  return { pictureId: ((high & 0x7f) << 8) | low, tl0: payload[4] ?? 0 };
}
