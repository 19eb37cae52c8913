/** The VP8 payload descriptor, and the size of a key frame (RFC 7741 §4.2, §4.3; RFC 6386 §9.1). */
import type { Frame } from "./frame.ts";
import { uint16 } from "./header.ts";

export function readVp8(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
  if (start >= end) return;
  const first = bytes[start] ?? 0;
  const begins = (first & 0x17) === 0x10;
  let at = start + 1;
  if (first & 0x80) {
    const extended = bytes[at] ?? 0;
    at += 1;
    if (extended & 0x80) {
      const wide = ((bytes[at] ?? 0) & 0x80) !== 0;
      if (at + (wide ? 2 : 1) > end) return;
      frame.pictureIdAt = at - start;
      frame.wide = wide;
      frame.gapless = true;
      frame.pictureId = wide ? uint16(bytes, at) & 0x7fff : (bytes[at] ?? 0) & 0x7f;
      at += wide ? 2 : 1;
    }
    if (extended & 0x40) {
      if (at >= end) return;
      frame.baseIdAt = at - start;
      frame.baseId = bytes[at] ?? 0;
      at += 1;
    }
    if (extended & 0x30) {
      if (at >= end) return;
      const layer = bytes[at] ?? 0;
      // A frame is in the base layer unless it says otherwise (T).
      if (extended & 0x20) {
        frame.temporal = layer >> 6;
        frame.syncs = (layer & 0x20) !== 0;
      }
      at += 1;
    }
  }
  frame.begins = begins;
  if (!begins || at >= end || (bytes[at] ?? 1) & 0x01) return;
  frame.keyframe = true;
  // Behind three bytes of frame tag and three of start code: 14 bits of width, 14 of height.
  if (at + 10 <= end) frame.heights = [((bytes[at + 8] ?? 0) | ((bytes[at + 9] ?? 0) << 8)) & 0x3fff];
}
