/**
 * How bright the brightest spot of a camera's picture is, looked at every other second on a picture of 144 pixels; and
 * whether pictures come at all.
 */
const interval = 2000;
const width = 16;
const height = 9;

export class LightMeter {
  readonly #seen: (level: number | undefined, moved: boolean | undefined) => void;
  #video: HTMLVideoElement | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Told of the level from 0 to 1, and whether there is a newer picture than at the last look; or of undefined while none
   * can be looked at, as in a page behind another.
   */
  constructor(seen: (level: number | undefined, moved: boolean | undefined) => void) {
    this.#seen = seen;
  }

  look(track: MediaStreamTrack | undefined): void {
    clearInterval(this.#timer);
    if (this.#video) this.#video.srcObject = null;
    this.#video = undefined;
    if (!track) return;
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = new MediaStream([track]);
    // A browser that does not play it leaves the level unknown.
    video.play().catch(() => {});
    this.#video = video;
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    // A page that was in the background has pictures to catch up with, and says nothing of them.
    let before: number | undefined;
    this.#timer = setInterval(() => {
      const frames = document.hidden ? undefined : video.getVideoPlaybackQuality().totalVideoFrames;
      const moved = before === undefined || frames === undefined ? undefined : frames > before;
      before = frames;
      if (!context || document.hidden || video.videoWidth === 0) return this.#seen(undefined, undefined);
      context.drawImage(video, 0, 0, width, height);
      this.#seen(brightest(context.getImageData(0, 0, width, height).data), moved);
    }, interval);
  }
}

/** Luma of the brightest of these RGBA pixels (Rec. 709), from 0 to 1. */
function brightest(pixels: Uint8ClampedArray): number {
  let most = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    most = Math.max(most, 0.2126 * red + 0.7152 * green + 0.0722 * blue);
  }
  return most / 255;
}
