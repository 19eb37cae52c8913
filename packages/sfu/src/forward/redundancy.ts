/** Redundant audio (RFC 2198): earlier blocks of sound in front of the newest, each with a header of its own. */

const lastHeader = 1;
const otherHeader = 4;

/** Where the newest block begins between `start` and `end`; -1 in a payload that has none. */
function newestBlock(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let earlier = 0;
  while (at < end && (bytes[at] ?? 0) & 0x80) {
    if (at + otherHeader > end) return -1;
    earlier += (((bytes[at + 2] ?? 0) & 0x03) << 8) | (bytes[at + 3] ?? 0);
    at += otherHeader;
  }
  const newest = at + lastHeader + earlier;
  return newest < end ? newest : -1;
}

/** The largest datagram, with room for a header of ours. */
const scratch = new Uint8Array(65_535 + 256);

/** A packet with the newest block alone for its payload, or undefined without one. It holds until the next call. */
export function withoutRedundancy(packet: Uint8Array, payload: number): Uint8Array | undefined {
  const start = packet.length - payload;
  const newest = newestBlock(packet, start, packet.length);
  if (newest < 0) return undefined;
  scratch.set(packet.subarray(0, start));
  scratch.set(packet.subarray(newest), start);
  return scratch.subarray(0, start + packet.length - newest);
}
