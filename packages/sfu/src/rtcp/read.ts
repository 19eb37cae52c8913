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
  | { readonly report: "keyframe-request"; readonly mediaSsrc: number };

const senderReport = 200;
const payloadFeedback = 206;
const pictureLoss = 1;
const fullIntraRequest = 4;

export function readRtcp(packet: Uint8Array): RtcpReport[] {
  const reports: RtcpReport[] = [];
  let at = 0;
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
