/**
 * RTP and RTCP as the simulated peers read and write them, drawn from the RFCs and without the code under test, which
 * must not judge itself.
 */

export interface Rtp {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Elements of the one-byte form (RFC 8285 §4.2), by id. */
  readonly extensions: ReadonlyMap<number, Uint8Array>;
  /** Without padding. */
  readonly payload: Uint8Array;
}

export interface RtpToWrite {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** A whole block, made by `extensionBlock`. */
  readonly extensions: Uint8Array;
  readonly payload: Uint8Array;
}

const none: ReadonlyMap<number, Uint8Array> = new Map();

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function isControl(bytes: Uint8Array): boolean {
  const type = bytes[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Throws for what is no RTP: the SFU sends none. */
export function readRtp(bytes: Uint8Array): Rtp {
  const view = viewOf(bytes);
  const first = view.getUint8(0);
  if (first >> 6 !== 2) throw new Error("The SFU sends RTP of version 2.");
  let at = 12 + (first & 0x0f) * 4;
  let extensions = none;
  if (first & 0x10) {
    const length = view.getUint16(at + 2) * 4;
    if (view.getUint16(at) === 0xbede) extensions = readExtensions(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const padding = first & 0x20 ? view.getUint8(bytes.length - 1) : 0;
  if (at + padding > bytes.length) throw new Error("The SFU sends no packet shorter than it says.");
  const second = view.getUint8(1);
  return {
    marker: second >= 0x80,
    payloadType: second & 0x7f,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    extensions,
    payload: bytes.subarray(at, bytes.length - padding),
  };
}

function readExtensions(block: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 0; at < block.length; ) {
    const head = block[at] ?? 0;
    at += 1;
    if (head === 0) continue;
    const length = (head & 0x0f) + 1;
    found.set(head >> 4, block.subarray(at, at + length));
    at += length;
  }
  return found;
}

/** A whole header extension block with these elements; empty for none. */
export function extensionBlock(elements: readonly { readonly id: number; readonly data: Uint8Array }[]): Uint8Array {
  if (elements.length === 0) return new Uint8Array(0);
  const body = elements.flatMap(({ id, data }) => [(id << 4) | (data.length - 1), ...data]);
  while (body.length % 4 !== 0) body.push(0);
  return Uint8Array.of(0xbe, 0xde, 0, body.length / 4, ...body);
}

export function writeRtp(packet: RtpToWrite): Uint8Array {
  const { extensions, payload } = packet;
  const bytes = new Uint8Array(12 + extensions.length + payload.length);
  const view = viewOf(bytes);
  bytes[0] = 0x80 | (extensions.length > 0 ? 0x10 : 0);
  bytes[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  view.setUint16(2, packet.sequence);
  view.setUint32(4, packet.timestamp);
  view.setUint32(8, packet.ssrc);
  bytes.set(extensions, 12);
  bytes.set(payload, 12 + extensions.length);
  return bytes;
}

/** How far `to` is ahead of `from` in a number of so many bits that wraps; negative when it is behind. */
export function ahead(from: number, to: number, bits: 15 | 16 | 32): number {
  const size = 2 ** bits;
  const distance = (((to - from) % size) + size) % size;
  return distance >= size / 2 ? distance - size : distance;
}

/** Makes a wrapping number one that only grows. */
export class Unwrapper {
  #highest: number | undefined;
  readonly #bits: 16 | 32;

  constructor(bits: 16 | 32) {
    this.#bits = bits;
  }

  unwrap(value: number): number {
    if (this.#highest === undefined) {
      // Room for numbers before the first.
      this.#highest = value + 2 ** this.#bits;
      return this.#highest;
    }
    const whole = this.#highest + ahead(this.#highest % 2 ** this.#bits, value, this.#bits);
    this.#highest = Math.max(this.#highest, whole);
    return whole;
  }
}
