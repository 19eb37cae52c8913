/**
 * Retransmission in a stream of its own (RFC 4588): the original number in front of the payload, and everything else of the
 * packet as it was.
 */
import { type RtpHeader, uint16, writeUint16 } from "../rtp/header.ts";

/** How one outgoing stream repeats packets. */
export interface RepairStream {
  readonly ssrc: number;
  readonly payloadType: number;
  /** First sequence number; random, as for any stream. */
  readonly firstSequence: number;
}

const originalNumber = 2;
/** The largest datagram, which is also the largest packet that comes in. */
const scratch = new Uint8Array(65_535 + 256);

/** A packet that has the header of the repair stream, with the number of the original. It holds until the next call. */
export function repairOf(packet: Uint8Array, payload: number, original: number): Uint8Array {
  const header = packet.length - payload;
  scratch.set(packet.subarray(0, header));
  writeUint16(scratch, header, original);
  scratch.set(packet.subarray(header), header + originalNumber);
  return scratch.subarray(0, packet.length + originalNumber);
}

/** The header of the original packet, or undefined for padding. Its payload stays where it is, behind the number. */
export function originalOf(
  packet: Uint8Array,
  header: RtpHeader,
  stream: { readonly ssrc: number; readonly payloadType: number },
): RtpHeader | undefined {
  const payloadOffset = header.payloadOffset + originalNumber;
  // A publisher probes for bandwidth with repairs of nothing.
  if (payloadOffset >= header.payloadEnd) return undefined;
  return { ...header, ...stream, sequence: uint16(packet, header.payloadOffset), payloadOffset };
}
