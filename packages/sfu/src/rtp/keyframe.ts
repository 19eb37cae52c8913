/** Whether a packet begins a keyframe, read from the first bytes of each codec's payload format. */
import type { Codec } from "../sdp/description.ts";
import type { RtpHeader } from "./header.ts";
import { startsVp8Keyframe } from "./vp8.ts";

export function startsKeyframe(codec: Codec, packet: Uint8Array, header: RtpHeader): boolean {
  const payload = packet.subarray(header.payloadOffset, header.payloadEnd);
  switch (codec.name.toLowerCase()) {
    case "vp8":
      return startsVp8Keyframe(packet, header.payloadOffset, header.payloadEnd);
    case "vp9":
      return startsVp9Keyframe(payload);
    case "h264":
      return startsH264Keyframe(payload);
    case "h265":
      return startsH265Keyframe(payload);
    case "av1":
      return startsAv1Keyframe(payload);
    default:
      // A format that we cannot read starts anywhere: its decoder waits for a keyframe by itself.
      return true;
  }
}

/** RFC 9628 §4.2: not inter-predicted (P), the beginning of a frame (B), and of the lowest spatial layer. */
function startsVp9Keyframe(payload: Uint8Array): boolean {
  const first = payload[0];
  if (first === undefined || first & 0x40 || !(first & 0x08)) return false;
  if (!(first & 0x20)) return true;
  const pictureId = first & 0x80 ? ((payload[1] ?? 0) & 0x80 ? 2 : 1) : 0;
  return (((payload[1 + pictureId] ?? 0) >> 1) & 0x07) === 0;
}

const h264 = { idr: 5, sequenceParameters: 7, aggregate: 24, fragment: 28 } as const;

/** RFC 6184 §5.2: an IDR slice or the parameter sets before one; alone, aggregated, or as a first fragment. */
function startsH264Keyframe(payload: Uint8Array): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === h264.fragment) {
    const fragment = payload[1] ?? 0;
    return (fragment & 0x80) !== 0 && isH264Key(fragment & 0x1f);
  }
  if (type !== h264.aggregate) return isH264Key(type);
  for (let at = 1; at + 2 < payload.length; ) {
    const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    if (isH264Key((payload[at + 2] ?? 0) & 0x1f)) return true;
    at += 2 + size;
  }
  return false;
}

function isH264Key(type: number): boolean {
  return type === h264.idr || type === h264.sequenceParameters;
}

const h265 = { firstIrap: 16, lastIrap: 21, videoParameters: 32, sequenceParameters: 33, aggregate: 48, fragment: 49 };

/** RFC 7798 §4.4: the same with two-byte headers; types 16 to 21 are random access points. */
function startsH265Keyframe(payload: Uint8Array): boolean {
  const type = ((payload[0] ?? 0) >> 1) & 0x3f;
  if (type === h265.fragment) {
    const fragment = payload[2] ?? 0;
    return (fragment & 0x80) !== 0 && isH265Key(fragment & 0x3f);
  }
  if (type !== h265.aggregate) return isH265Key(type);
  for (let at = 2; at + 3 < payload.length; ) {
    const size = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    if (isH265Key(((payload[at + 2] ?? 0) >> 1) & 0x3f)) return true;
    at += 2 + size;
  }
  return false;
}

function isH265Key(type: number): boolean {
  return (
    (type >= h265.firstIrap && type <= h265.lastIrap) ||
    type === h265.videoParameters ||
    type === h265.sequenceParameters
  );
}

/** AV1 RTP payload §4.4: the N bit marks the first packet of a coded video sequence. */
function startsAv1Keyframe(payload: Uint8Array): boolean {
  return ((payload[0] ?? 0) & 0x08) !== 0;
}
