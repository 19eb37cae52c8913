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
  /** It needs the base layer alone: who left its temporal layer out may begin it here (VP8). */
  syncs = false;
  /** Later frames of higher temporal layers need none of those before it: from the next picture on they may be sent (VP9). */
  opens = false;
  /**
   * Operating points that can be decoded from this frame on, whatever was sent before: a bit for each spatial and temporal
   * layer, at `pointBit` (AV1).
   */
  switchable = 0;
  /** A picture id, -1 without one; its place from the start of the payload and its width of 7 or 15 bits. */
  pictureId = -1;
  pictureIdAt = 0;
  wide = false;
  /** Decoders take a gap in picture ids for a lost picture, so one that is left out must leave none (VP8). */
  gapless = false;
  /** Number of the frame in its dependency descriptor, 16 bits, -1 without one. */
  number = -1;
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
    this.syncs = false;
    this.opens = false;
    this.switchable = 0;
    this.gapless = false;
    this.pictureId = -1;
    this.baseId = -1;
    this.number = -1;
    this.independent = false;
    this.heights = untold;
  }
}

/** Layers that are told apart: browsers send three of either kind. */
export const mostLayers = 4;

/** The bit of an operating point in `switchable`. */
export function pointBit(spatial: number, temporal: number): number {
  return 1 << (Math.min(spatial, mostLayers - 1) * mostLayers + Math.min(temporal, mostLayers - 1));
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
