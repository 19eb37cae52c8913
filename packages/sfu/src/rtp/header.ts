/**
 * Reads the fixed part and the one-byte or two-byte header extensions of an RTP packet (RFC 3550 §5.1, RFC 8285).
 *
 * Nothing is copied: a header holds offsets into the packet it was read from.
 */

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Offset of the first extension element, and the offset behind the last; equal when there are none. */
  readonly extensionStart: number;
  readonly extensionEnd: number;
  /** True for the two-byte form of RFC 8285 §4.3. */
  readonly wideExtensions: boolean;
  readonly payloadOffset: number;
  /** Offset behind the payload: the packet's length without its padding. */
  readonly payloadEnd: number;
  readonly padded: boolean;
}

const oneByteProfile = 0xbede;
const twoByteProfile = 0x1000;

/** RTCP shares the port with RTP; its packet type tells them apart (RFC 5761 §4). */
export function isRtcp(packet: Uint8Array): boolean {
  const type = packet[1];
  return packet.length >= 4 && type !== undefined && type >= 192 && type <= 223;
}

/** The header, or undefined when the bytes are not a whole RTP packet. */
export function readRtpHeader(packet: Uint8Array): RtpHeader | undefined {
  if (packet.length < 12) return undefined;
  const first = byteAt(packet, 0);
  if (first >> 6 !== 2) return undefined;
  let offset = 12 + (first & 0x0f) * 4;
  let extensionStart = offset;
  let extensionEnd = offset;
  let wideExtensions = false;
  if (first & 0x10) {
    if (packet.length < offset + 4) return undefined;
    const profile = uint16(packet, offset);
    const length = uint16(packet, offset + 2) * 4;
    extensionStart = offset + 4;
    offset = extensionStart + length;
    wideExtensions = (profile & 0xfff0) === twoByteProfile;
    extensionEnd = profile === oneByteProfile || wideExtensions ? offset : extensionStart;
  }
  if (offset > packet.length) return undefined;
  let payloadEnd = packet.length;
  const padded = (first & 0x20) !== 0;
  if (padded) {
    const padding = byteAt(packet, packet.length - 1);
    payloadEnd -= padding;
    if (padding === 0 || payloadEnd < offset) return undefined;
  }
  const second = byteAt(packet, 1);
  return {
    marker: (second & 0x80) !== 0,
    payloadType: second & 0x7f,
    sequence: uint16(packet, 2),
    timestamp: uint32(packet, 4),
    ssrc: uint32(packet, 8),
    extensionStart,
    extensionEnd,
    wideExtensions,
    payloadOffset: offset,
    payloadEnd,
    padded,
  };
}

/** Where the data of extension `id` lies in the packet, or undefined. A malformed block ends the search. */
export function findExtension(
  packet: Uint8Array,
  header: RtpHeader,
  id: number,
): { readonly offset: number; readonly length: number } | undefined {
  let at = header.extensionStart;
  while (at < header.extensionEnd) {
    const first = byteAt(packet, at);
    if (first === 0) {
      at += 1;
      continue;
    }
    const elementId = header.wideExtensions ? first : first >> 4;
    const length = header.wideExtensions ? byteAt(packet, at + 1) : (first & 0x0f) + 1;
    const offset = at + (header.wideExtensions ? 2 : 1);
    // Id 15 is reserved in the one-byte form: processing stops (RFC 8285 §4.2).
    if ((!header.wideExtensions && elementId === 15) || offset + length > header.extensionEnd) return undefined;
    if (elementId === id) return { offset, length };
    at = offset + length;
  }
  return undefined;
}

/** The text of extension `id`, for mid and rid, which are short ASCII tokens. */
export function textExtension(packet: Uint8Array, header: RtpHeader, id: number): string | undefined {
  const found = findExtension(packet, header, id);
  if (found === undefined) return undefined;
  return String.fromCharCode(...packet.subarray(found.offset, found.offset + found.length));
}

export function uint16(bytes: Uint8Array, offset: number): number {
  return (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
}

export function uint32(bytes: Uint8Array, offset: number): number {
  return ((uint16(bytes, offset) << 16) | uint16(bytes, offset + 2)) >>> 0;
}

export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Callers check lengths first; a byte past the end reads as 0 and never as undefined. */
function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}
