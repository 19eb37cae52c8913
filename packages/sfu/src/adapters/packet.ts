/**
 * One message of an adapter's WebSocket: a protobuf `Packet { uint32 sequenceNumber = 1; uint32 timestamp = 2;
 * bytes payload = 5; }`.
 *
 * Written and read by hand: three fields of two wire types are less than any library's schema. Unknown fields are
 * skipped, as protobuf wants it; groups, which proto3 has not, and anything cut off are refused.
 */

export interface Packet {
  readonly sequenceNumber: number;
  /** 48 kHz. */
  readonly timestamp: number;
  /** A view into the message it was read from. */
  readonly payload: Uint8Array;
}

/** Bytes of one message, in both directions (Calls). */
export const mostMessageBytes = 32_768;

/** A tag and a number of at most five bytes. */
const mostVarintField = 6;

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
const field = { sequenceNumber: 1, timestamp: 2, payload: 5 } as const;

export function writePacket({ sequenceNumber, timestamp, payload }: Packet): Uint8Array {
  const bytes = new Uint8Array(3 * mostVarintField + payload.length);
  let at = 0;
  const varint = (value: number) => {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  };
  varint((field.sequenceNumber << 3) | wire.varint);
  varint(sequenceNumber);
  varint((field.timestamp << 3) | wire.varint);
  varint(timestamp);
  varint((field.payload << 3) | wire.bytes);
  varint(payload.length);
  bytes.set(payload, at);
  return bytes.subarray(0, at + payload.length);
}

/** Undefined when the bytes are no such message. Fields that are missing have protobuf's defaults. */
export function readPacket(bytes: Uint8Array): Packet | undefined {
  let at = 0;
  /** Low 32 bits, as protobuf reads a uint32 (ten bytes at the most); undefined when it does not end. */
  const varint = (): number | undefined => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    return undefined;
  };
  let [sequenceNumber, timestamp, payload] = [0, 0, bytes.subarray(0, 0)];
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag >>> 3 === 0) return undefined;
    const number = tag >>> 3;
    switch (tag & 7) {
      case wire.varint: {
        const value = varint();
        if (value === undefined) return undefined;
        if (number === field.sequenceNumber) sequenceNumber = value;
        if (number === field.timestamp) timestamp = value;
        break;
      }
      case wire.bytes: {
        const length = varint();
        if (length === undefined || length > bytes.length - at) return undefined;
        if (number === field.payload) payload = bytes.subarray(at, at + length);
        at += length;
        break;
      }
      case wire.fixed64:
        at += 8;
        break;
      case wire.fixed32:
        at += 4;
        break;
      default:
        return undefined;
    }
    if (at > bytes.length) return undefined;
  }
  return { sequenceNumber, timestamp, payload };
}
