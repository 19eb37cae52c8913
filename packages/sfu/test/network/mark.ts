/**
 * What the simulated encoder writes into every payload, so that whoever receives a packet knows which one it is. The
 * payload begins as RFC 7741 wants it for VP8, for the SFU to read; what follows is the mark, which no SFU reads.
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
  readonly frame: number;
  readonly key: boolean;
  /** First and last packet of its frame. */
  readonly first: boolean;
  readonly last: boolean;
  /** ms on the clock of the world. */
  readonly captured: number;
}

const markBytes = 28;
const magic = 0xc5a7;

/** VP8's own numbers of a frame (RFC 7741 §4.2), with 15 bits of picture id. */
export interface PictureNumbers {
  readonly pictureId: number;
  readonly tl0: number;
  readonly temporal: number;
}

/** A payload of `length` bytes at least. Audio has no `picture`. */
export function writePayload(mark: Mark, picture: PictureNumbers | undefined, length: number): Uint8Array {
  const head = picture === undefined ? [] : vp8Head(mark, picture);
  const bytes = new Uint8Array(Math.max(length, head.length + markBytes));
  bytes.set(head);
  const view = viewOf(bytes);
  const at = bytes.length - markBytes;
  view.setUint16(at, magic);
  view.setUint8(at + 2, (mark.key ? 1 : 0) | (mark.first ? 2 : 0) | (mark.last ? 4 : 0));
  view.setUint8(at + 3, picture?.temporal ?? 0);
  view.setUint16(at + 4, mark.track);
  view.setUint16(at + 6, mark.stream);
  view.setUint32(at + 8, mark.id);
  view.setUint32(at + 12, mark.sequence);
  view.setUint32(at + 16, mark.frame);
  view.setFloat64(at + 20, mark.captured);
  return bytes;
}

function vp8Head({ first, key }: Mark, { pictureId, tl0, temporal }: PictureNumbers): number[] {
  const descriptor = [0x80 | (first ? 0x10 : 0), 0xe0, 0x80 | (pictureId >> 8), pictureId & 0xff, tl0, temporal << 6];
  if (!first) return [...descriptor, 0x55];
  return [...descriptor, key ? 0x10 : 0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a];
}

/** Undefined for a payload without a mark, as padding is. */
export function readMark(payload: Uint8Array): Mark | undefined {
  const at = payload.length - markBytes;
  if (at < 0) return undefined;
  const view = viewOf(payload);
  if (view.getUint16(at) !== magic) return undefined;
  const flags = view.getUint8(at + 2);
  return {
    key: (flags & 1) !== 0,
    first: (flags & 2) !== 0,
    last: (flags & 4) !== 0,
    track: view.getUint16(at + 4),
    stream: view.getUint16(at + 6),
    id: view.getUint32(at + 8),
    sequence: view.getUint32(at + 12),
    frame: view.getUint32(at + 16),
    captured: view.getFloat64(at + 20),
  };
}

/** As the descriptor of a payload that `writePayload` made has them. */
export function readPicture(payload: Uint8Array): PictureNumbers {
  const [, , high = 0, low = 0, tl0 = 0, layer = 0] = payload;
  return { pictureId: ((high & 0x7f) << 8) | low, tl0, temporal: layer >> 6 };
}
