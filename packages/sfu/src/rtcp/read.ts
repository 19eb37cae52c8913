/**
 * Reads compound RTCP (RFC 3550 §6) down to what forwarding acts on; other reports are skipped.
 *
 * Reading stops at the first malformed part and gives what came before it: RTCP is advice, half of it is better than none.
 */
import { uint16, uint32 } from "../rtp/header.ts";

export type RtcpReport =
  | {
      readonly report: "sender";
      readonly ssrc: number;
      /** The two halves of the 64-bit NTP time. */
      readonly ntpSeconds: number;
      readonly ntpFraction: number;
      readonly rtpTimestamp: number;
    }
  | { readonly report: "keyframe-request"; readonly mediaSsrc: number }
  | { readonly report: "lost"; readonly mediaSsrc: number; readonly sequences: readonly number[] }
  | ({ readonly report: "reception" } & Received);

/** What a receiver says of one stream (RFC 3550 §6.4.1). */
export interface Received {
  readonly ssrc: number;
  /** Since its last report, between 0 and 1. */
  readonly fractionLost: number;
  /** Packets since the beginning; below zero when duplicates came. */
  readonly cumulativeLost: number;
  /** In units of the RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report that it got, 0 for none; and since when, in 1/65536 s. */
  readonly lastSenderReport: number;
  readonly delaySinceLastSenderReport: number;
}

/**
 * Lost packets that one datagram may name: as many as the Chromium of 2026 keeps count of in one stream. Its 1,400 bytes have
 * room for six times as many, each of which is looked for.
 */
const mostLost = 1_000;

const senderReport = 200;
const receiverReport = 201;
const transportFeedback = 205;
const payloadFeedback = 206;
const negativeAcknowledgement = 1;
const pictureLoss = 1;
const fullIntraRequest = 4;

export function readRtcp(packet: Uint8Array): RtcpReport[] {
  const reports: RtcpReport[] = [];
  let at = 0;
  let room = mostLost;
  while (at + 4 <= packet.length) {
    const first = packet[at] ?? 0;
    const end = at + (uint16(packet, at + 2) + 1) * 4;
    if (first >> 6 !== 2 || end > packet.length) break;
    const format = first & 0x1f;
    const type = packet[at + 1];
    if (type === senderReport && end - at >= 28) {
      reports.push({
        report: "sender",
        ssrc: uint32(packet, at + 4),
        ntpSeconds: uint32(packet, at + 8),
        ntpFraction: uint32(packet, at + 12),
        rtpTimestamp: uint32(packet, at + 16),
      });
      readBlocks(packet, at + 28, Math.min(end, at + 28 + format * 24), reports);
    } else if (type === receiverReport) {
      readBlocks(packet, at + 8, Math.min(end, at + 8 + format * 24), reports);
    } else if (type === transportFeedback && format === negativeAcknowledgement && end - at >= 16) {
      const sequences = readLost(packet, at + 12, end, room);
      room -= sequences.length;
      if (sequences.length > 0) reports.push({ report: "lost", mediaSsrc: uint32(packet, at + 8), sequences });
    } else if (type === payloadFeedback && format === pictureLoss && end - at >= 12) {
      reports.push({ report: "keyframe-request", mediaSsrc: uint32(packet, at + 8) });
    } else if (type === payloadFeedback && format === fullIntraRequest) {
      // RFC 5104 §4.3.1: the media SSRC field is unused, each entry names its target.
      for (let entry = at + 12; entry + 8 <= end; entry += 8) {
        reports.push({ report: "keyframe-request", mediaSsrc: uint32(packet, entry) });
      }
    }
    at = end;
  }
  return reports;
}

function readBlocks(packet: Uint8Array, start: number, end: number, reports: RtcpReport[]): void {
  for (let at = start; at + 24 <= end; at += 24) {
    const lost = uint32(packet, at + 4);
    reports.push({
      report: "reception",
      ssrc: uint32(packet, at),
      fractionLost: (lost >>> 24) / 256,
      // Signed, of 24 bits.
      cumulativeLost: (lost << 8) >> 8,
      jitter: uint32(packet, at + 12),
      lastSenderReport: uint32(packet, at + 16),
      delaySinceLastSenderReport: uint32(packet, at + 20),
    });
  }
}

/** RFC 4585 §6.2.1: a number, and a bit for each of the 16 after it. */
function readLost(packet: Uint8Array, start: number, end: number, most: number): number[] {
  const sequences: number[] = [];
  for (let at = start; at + 4 <= end && sequences.length < most; at += 4) {
    const first = uint16(packet, at);
    sequences.push(first);
    let following = uint16(packet, at + 2);
    for (let next = first + 1; following !== 0 && sequences.length < most; next += 1) {
      if (following & 1) sequences.push(next & 0xffff);
      following >>>= 1;
    }
  }
  return sequences;
}
