/**
 * Tracks as streams of pictures (mediacapture-transform). Chromium has this form, on the page; others (2026) have none, or
 * another one in workers only.
 */
import { EffectError } from "@satsuma/client";

export interface Streams {
  readonly pictures: ReadableStream<VideoFrame>;
  readonly treated: WritableStream<VideoFrame>;
  /** Shows what is written to `treated`. */
  readonly track: MediaStreamTrack;
}

interface Insertable {
  readonly MediaStreamTrackProcessor?: new (init: {
    track: MediaStreamTrack;
  }) => { readonly readable: ReadableStream<VideoFrame> };
  readonly MediaStreamTrackGenerator?: new (init: {
    kind: "video";
  }) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
}

/** Whether this browser can treat a camera's picture away from the page's own thread. */
export function canTreatPictures(): boolean {
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = globalThis as Insertable;
  return (
    MediaStreamTrackProcessor !== undefined &&
    MediaStreamTrackGenerator !== undefined &&
    typeof Worker === "function" &&
    typeof OffscreenCanvas === "function" &&
    typeof WebAssembly === "object"
  );
}

/** Only where `canTreatPictures`. */
export function streamsOf(source: MediaStreamTrack): Streams {
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = globalThis as Insertable;
  if (!MediaStreamTrackProcessor || !MediaStreamTrackGenerator) throw new EffectError("effect-unsupported");
  const generator = new MediaStreamTrackGenerator({ kind: "video" });
  return {
    pictures: new MediaStreamTrackProcessor({ track: source }).readable,
    treated: generator.writable,
    track: generator,
  };
}
