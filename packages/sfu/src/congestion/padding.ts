/**
 * Packets that carry nothing, to see what gets through: repairs of nothing (RFC 4588 has the stream, RFC 3550 §5.1 the
 * padding). A receiver counts them in its feedback and drops them.
 */
import { writeUint16, writeUint32 } from "../rtp/header.ts";

/** The fixed header, and a block of one element with the transport-wide number (RFC 8285 §4.2). */
const fixedHeader = 12;
const block = 8;
/** Where the number goes. */
export const paddingTransportAt = fixedHeader + 5;
/** Bytes of padding that its count can tell of. */
const most = 255;
/** Bytes of the largest and the smallest packet. */
const largestPadding = fixedHeader + block + most;
const smallestPadding = fixedHeader + block + 1;

const buffer = new Uint8Array(largestPadding);

export interface PaddingStream {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  /** Of the transport-wide number's extension. */
  readonly transportId: number;
}

/** A packet of `size` bytes or as near as there is. It is overwritten by the next one. */
export function paddingPacket(stream: PaddingStream, size: number): Uint8Array {
  const length = Math.max(smallestPadding, Math.min(largestPadding, Math.round(size)));
  const packet = buffer.subarray(0, length);
  packet.fill(0);
  packet[0] = 0x80 | 0x20 | 0x10;
  packet[1] = stream.payloadType;
  writeUint16(packet, 2, stream.sequence);
  writeUint32(packet, 4, stream.timestamp);
  writeUint32(packet, 8, stream.ssrc);
  writeUint16(packet, fixedHeader, 0xbede);
  writeUint16(packet, fixedHeader + 2, 1);
  packet[fixedHeader + 4] = (stream.transportId << 4) | 1;
  packet[length - 1] = length - fixedHeader - block;
  return packet;
}
