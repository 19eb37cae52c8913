/**
 * The bytes of a pipe: what two servers that share tracks say to each other over one reliable line.
 *
 * A frame is a length of what follows (4 bytes), a kind (1), a layer (1), a stream (4) and a body, numbers with the highest
 * byte first. Streams are numbered by the side that asks. Bodies are JSON, an RTP or RTCP packet, or a message as it is.
 */
import { uint32 } from "../rtp/header.ts";

export const kinds = {
  /** Asks for a track: `{ app, session, name }`. */
  pull: 1,
  /** Layers of it that are to cross, a byte each: their places in the description. */
  want: 2,
  /** A layer needs a keyframe. */
  keyframe: 3,
  /** Asks for a data channel: `{ app, session, name }`. */
  channel: 4,
  /** Whether messages may go back on it: layer 1 or 0. */
  allow: 5,
  /** Nothing of the stream is wanted any more. */
  stop: 6,
  /** It is there: the description of a track, nothing of a channel. */
  begun: 16,
  /** It is not there. */
  refused: 17,
  /** An RTP packet of a layer. */
  packet: 18,
  /** A sender report of a layer. */
  report: 19,
  /** It was there, and is no more. */
  ended: 20,
  /** Messages of a data channel, both ways. */
  text: 32,
  binary: 33,
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

export const headerBytes = 10;
/** Bytes. The largest is a message of a data channel, of which libdatachannel takes 256 kB. */
export const largestBody = 1_048_576;

const known: ReadonlySet<number> = new Set(Object.values(kinds));

export interface FrameHead {
  readonly kind: Kind;
  readonly stream: number;
  readonly layer: number;
}

/** Writes a frame's header at the beginning of `into`. */
export function writeHead(into: Uint8Array, { kind, stream, layer }: FrameHead, bodyBytes: number): void {
  const length = headerBytes - 4 + bodyBytes;
  into[0] = length >>> 24;
  into[1] = length >>> 16;
  into[2] = length >>> 8;
  into[3] = length;
  into[4] = kind;
  into[5] = layer;
  into[6] = stream >>> 24;
  into[7] = stream >>> 16;
  into[8] = stream >>> 8;
  into[9] = stream;
}

/** Cuts what comes in pieces into frames. */
export class FrameReader {
  readonly #heard: (head: FrameHead, body: Uint8Array) => void;
  #rest: Uint8Array = new Uint8Array(0);

  /** A body is only good until `heard` returns. */
  constructor(heard: (head: FrameHead, body: Uint8Array) => void) {
    this.#heard = heard;
  }

  /** False when what came is no frame, after which nothing of the line can be understood. */
  received(bytes: Uint8Array): boolean {
    let whole = bytes;
    if (this.#rest.length > 0) {
      whole = new Uint8Array(this.#rest.length + bytes.length);
      whole.set(this.#rest);
      whole.set(bytes, this.#rest.length);
    }
    let at = 0;
    while (at + headerBytes <= whole.length) {
      const length = uint32(whole, at);
      const kind = whole[at + 4] ?? 0;
      if (length < headerBytes - 4 || length > headerBytes - 4 + largestBody || !isKind(kind)) return false;
      const end = at + 4 + length;
      if (end > whole.length) break;
      const head = { kind, layer: whole[at + 5] ?? 0, stream: uint32(whole, at + 6) };
      this.#heard(head, whole.subarray(at + headerBytes, end));
      at = end;
    }
    this.#rest = at === whole.length ? new Uint8Array(0) : whole.slice(at);
    return true;
  }
}

function isKind(value: number): value is Kind {
  return known.has(value);
}
