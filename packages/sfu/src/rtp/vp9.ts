/** The VP9 payload descriptor with its layer indices and scalability structure (RFC 9628 §4.2). */
import type { Frame } from "./frame.ts";
import { uint16 } from "./header.ts";

const mostReferences = 3;

export function readVp9(bytes: Uint8Array, start: number, end: number, frame: Frame): void {
  const first = bytes[start] ?? 0;
  if (start >= end) return;
  const predicted = (first & 0x40) !== 0;
  const flexible = (first & 0x10) !== 0;
  let at = start + 1;
  if (first & 0x80) {
    const wide = ((bytes[at] ?? 0) & 0x80) !== 0;
    if (at + (wide ? 2 : 1) > end) return;
    frame.pictureIdAt = at - start;
    frame.wide = wide;
    frame.pictureId = wide ? uint16(bytes, at) & 0x7fff : (bytes[at] ?? 0) & 0x7f;
    at += wide ? 2 : 1;
  }
  if (first & 0x20) {
    if (at >= end) return;
    const layer = bytes[at] ?? 0;
    frame.temporal = layer >> 5;
    frame.opens = (layer & 0x10) !== 0;
    frame.spatial = (layer >> 1) & 0x07;
    at += 1;
    if (!flexible) {
      if (at >= end) return;
      frame.baseIdAt = at - start;
      frame.baseId = bytes[at] ?? 0;
      at += 1;
    }
  }
  frame.begins = (first & 0x08) !== 0;
  frame.ends = (first & 0x04) !== 0;
  frame.independent = !predicted;
  frame.keyframe = frame.begins && !predicted && frame.spatial === 0;
  if (flexible && predicted) {
    // Each reference says whether another follows.
    for (let count = 0; count < mostReferences; count += 1) {
      const reference = bytes[at] ?? 0;
      at += 1;
      if (!(reference & 0x01)) break;
    }
  }
  if (first & 0x02) readSizes(bytes, at, end, frame);
}

/** The scalability structure: the size of each spatial layer, of which the last is the largest. */
function readSizes(bytes: Uint8Array, at: number, end: number, frame: Frame): void {
  const structure = bytes[at] ?? 0;
  const layers = (structure >> 5) + 1;
  if (!(structure & 0x10) || at + 1 + layers * 4 > end) return;
  frame.heights = Array.from({ length: layers }, (_, layer) => uint16(bytes, at + 3 + layer * 4));
}
