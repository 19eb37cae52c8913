/** Where a keyframe begins in formats that tell nothing else of a frame in their payload header. */
import type { Frame } from "./frame.ts";
import { heightOfH264 } from "./h264-size.ts";

/** RFC 6184 §5.2: an IDR slice or the parameter sets before one; alone, aggregated, or as a first fragment. */
export function readH264(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
  frame.keyframe = startsH264Keyframe(bytes, start, end);
  if (!frame.keyframe) return;
  const height = heightInH264(bytes, start, end);
  if (height > 0) frame.heights = [height];
}

/** From a parameter set, alone or aggregated. */
function heightInH264(bytes: Uint8Array, start: number, end: number): number {
  const type = (bytes[start] ?? 0) & 0x1f;
  if (type === h264.sequenceParameters) return heightOfH264(bytes, start + 1, end);
  if (type !== h264.aggregate) return 0;
  for (let at = start + 1; at + 2 < end; ) {
    const size = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const next = at + 2 + size;
    if (((bytes[at + 2] ?? 0) & 0x1f) === h264.sequenceParameters && next <= end) {
      return heightOfH264(bytes, at + 3, next);
    }
    at = next;
  }
  return 0;
}

/** RFC 7798 §4.4: the same with two-byte headers; types 16 to 21 are random access points. */
export function readH265(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
  frame.keyframe = startsH265Keyframe(bytes, start, end);
}

/** AV1 RTP payload §4.4: the N bit marks the first packet of a coded video sequence. */
export function readAv1(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
  frame.keyframe = start < end && ((bytes[start] ?? 0) & 0x08) !== 0;
}

const h264 = { idr: 5, sequenceParameters: 7, aggregate: 24, fragment: 28 } as const;

function startsH264Keyframe(bytes: Uint8Array, start: number, end: number): boolean {
  const type = start < end ? (bytes[start] ?? 0) & 0x1f : 0;
  if (type === h264.fragment) {
    const fragment = start + 1 < end ? (bytes[start + 1] ?? 0) : 0;
    return (fragment & 0x80) !== 0 && isH264Key(fragment & 0x1f);
  }
  if (type !== h264.aggregate) return isH264Key(type);
  for (let at = start + 1; at + 2 < end; ) {
    const size = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (isH264Key((bytes[at + 2] ?? 0) & 0x1f)) return true;
    at += 2 + size;
  }
  return false;
}

function isH264Key(type: number): boolean {
  return type === h264.idr || type === h264.sequenceParameters;
}

const h265 = { firstIrap: 16, lastIrap: 21, videoParameters: 32, sequenceParameters: 33, aggregate: 48, fragment: 49 };

function startsH265Keyframe(bytes: Uint8Array, start: number, end: number): boolean {
  const type = start < end ? ((bytes[start] ?? 0) >> 1) & 0x3f : 0;
  if (type === h265.fragment) {
    const fragment = start + 2 < end ? (bytes[start + 2] ?? 0) : 0;
    return (fragment & 0x80) !== 0 && isH265Key(fragment & 0x3f);
  }
  if (type !== h265.aggregate) return isH265Key(type);
  for (let at = start + 2; at + 3 < end; ) {
    const size = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (isH265Key(((bytes[at + 2] ?? 0) >> 1) & 0x3f)) return true;
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
