/**
 * What forwarding must know of the frame that a packet belongs to, read from the first bytes of its payload.
 *
 * One object is filled again for packet after packet. A codec that is not understood leaves everything at rest: it
 * starts anywhere, and has no layers to thin.
 */
import { readAv1, readH264, readH265 } from "./keyframe.ts";
import { readVp8 } from "./vp8.ts";
import { readVp9 } from "./vp9.ts";

const untold: readonly number[] = [];

export class Frame {
  /** The packet begins a picture that can be decoded without any before it. */
  keyframe = false;
  /** It is the first, or the last, of its frame. */
  begins = false;
  ends = false;
  spatial = 0;
  temporal = 0;
  /** From this frame on, layers above may be sent that were not before. */
  switchesUp = false;
  /** A picture id, -1 without one; its place from the start of the payload and its width of 7 or 15 bits. */
  pictureId = -1;
  pictureIdAt = 0;
  wide = false;
  /** The running number of base layer pictures, 8 bits, -1 without one; and its place. */
  baseId = -1;
  baseIdAt = 0;
  /** It needs no earlier picture, though it may need lower spatial layers of its own. */
  independent = false;
  /** Height of each spatial layer in px, where this packet tells. */
  heights: readonly number[] = untold;

  reset(): void {
    this.keyframe = false;
    this.begins = false;
    this.ends = false;
    this.spatial = 0;
    this.temporal = 0;
    this.switchesUp = false;
    this.pictureId = -1;
    this.baseId = -1;
    this.independent = false;
    this.heights = untold;
  }
}

/** Reads the payload between `start` and `end` of `bytes` into a frame that was reset. */
export type FrameReader = (bytes: Uint8Array, start: number, end: number, frame: Frame) => void;

/** The reader of a codec by its name in rtpmap, whatever its case. */
export function frameReader(codec: string): FrameReader {
  switch (codec.toLowerCase()) {
    case "vp8":
      return readVp8;
    case "vp9":
      return readVp9;
    case "h264":
      return readH264;
    case "h265":
      return readH265;
    case "av1":
      return readAv1;
    default:
      return (_bytes, _start, _end, frame) => {
        // A format that we cannot read starts anywhere: its decoder waits for a keyframe by itself.
        frame.keyframe = true;
      };
  }
}
