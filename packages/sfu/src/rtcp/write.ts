/** Writes the RTCP that the SFU originates. Every function gives one whole packet; `compound` makes them a compound. */
import { writeUint16, writeUint32 } from "../rtp/header.ts";

/** The SSRC under which the SFU itself reports; it sends no media of its own, so any fixed value does. */
export const reporterSsrc = 1;

/** One reception report block (RFC 3550 §6.4.1). */
export interface ReceptionBlock {
  readonly ssrc: number;
  /** Loss since the last report, as a fraction of 256. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  /** In units of the RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report, 0 if none came. */
  readonly lastSenderReport: number;
  /** Since that report, in units of 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
}

/** A receiver report holds at most 31 blocks; more are the caller's to split. */
export function receiverReport(senderSsrc: number, blocks: readonly ReceptionBlock[]): Uint8Array {
  const packet = start(8 + blocks.length * 24, blocks.length, 201);
  writeUint32(packet, 4, senderSsrc);
  blocks.forEach((block, index) => {
    const at = 8 + index * 24;
    writeUint32(packet, at, block.ssrc);
    const lost = Math.max(-0x800000, Math.min(0x7fffff, block.cumulativeLost)) & 0xffffff;
    writeUint32(packet, at + 4, ((block.fractionLost & 0xff) << 24) | lost);
    writeUint32(packet, at + 8, block.highestSequence);
    writeUint32(packet, at + 12, block.jitter);
    writeUint32(packet, at + 16, block.lastSenderReport);
    writeUint32(packet, at + 20, block.delaySinceLastSenderReport);
  });
  return packet;
}

export interface SenderReport {
  readonly ssrc: number;
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly bytes: number;
}

/** RFC 3550 §6.4.1, without reception blocks. */
export function senderReport(report: SenderReport): Uint8Array {
  const packet = start(28, 0, 200);
  writeUint32(packet, 4, report.ssrc);
  writeUint32(packet, 8, report.ntpSeconds);
  writeUint32(packet, 12, report.ntpFraction);
  writeUint32(packet, 16, report.rtpTimestamp);
  writeUint32(packet, 20, report.packets);
  writeUint32(packet, 24, report.bytes);
  return packet;
}

/** Asks for a keyframe (RFC 4585 §6.3.1). */
export function pictureLossIndication(senderSsrc: number, mediaSsrc: number): Uint8Array {
  const packet = start(12, 1, 206);
  writeUint32(packet, 4, senderSsrc);
  writeUint32(packet, 8, mediaSsrc);
  return packet;
}

/** Asks for a keyframe in the older way (RFC 5104 §4.3.1); `count` grows by one with every new request. */
export function fullIntraRequest(senderSsrc: number, mediaSsrc: number, count: number): Uint8Array {
  const packet = start(20, 4, 206);
  writeUint32(packet, 4, senderSsrc);
  writeUint32(packet, 12, mediaSsrc);
  packet[16] = count;
  return packet;
}

/** Asks for packets again (RFC 4585 §6.2.1); `sequences` ascend. */
export function negativeAcknowledgement(
  senderSsrc: number,
  mediaSsrc: number,
  sequences: readonly number[],
): Uint8Array {
  const entries: { first: number; following: number }[] = [];
  for (const sequence of sequences) {
    const entry = entries.at(-1);
    const ahead = entry === undefined ? 0 : (sequence - entry.first) & 0xffff;
    if (entry !== undefined && ahead >= 1 && ahead <= 16) entry.following |= 1 << (ahead - 1);
    else entries.push({ first: sequence, following: 0 });
  }
  const packet = start(12 + entries.length * 4, 1, 205);
  writeUint32(packet, 4, senderSsrc);
  writeUint32(packet, 8, mediaSsrc);
  entries.forEach(({ first, following }, index) => {
    writeUint16(packet, 12 + index * 4, first);
    writeUint16(packet, 14 + index * 4, following);
  });
  return packet;
}

/** Receiver Estimated Maximum Bitrate (draft-alvestrand-rmcat-remb-03 §2.2), in bits/s over all the SSRCs named. */
export function receiverEstimate(senderSsrc: number, bitrate: number, ssrcs: readonly number[]): Uint8Array {
  const packet = start(20 + ssrcs.length * 4, 15, 206);
  writeUint32(packet, 4, senderSsrc);
  packet.set([0x52, 0x45, 0x4d, 0x42], 12); // "REMB"
  let mantissa = Math.max(0, Math.floor(bitrate));
  let exponent = 0;
  while (mantissa > 0x3ffff) {
    mantissa = Math.floor(mantissa / 2);
    exponent += 1;
  }
  packet[16] = ssrcs.length;
  packet[17] = (exponent << 2) | (mantissa >> 16);
  writeUint16(packet, 18, mantissa & 0xffff);
  ssrcs.forEach((ssrc, index) => {
    writeUint32(packet, 20 + index * 4, ssrc);
  });
  return packet;
}

/** Several RTCP packets as one compound packet (RFC 3550 §6.1). */
export function compound(packets: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(packets.reduce((length, packet) => length + packet.length, 0));
  let at = 0;
  for (const packet of packets) {
    joined.set(packet, at);
    at += packet.length;
  }
  return joined;
}

function start(length: number, format: number, type: number): Uint8Array {
  const packet = new Uint8Array(length);
  packet[0] = 0x80 | format;
  packet[1] = type;
  writeUint16(packet, 2, length / 4 - 1);
  return packet;
}
