/** What the tests do inside a page: make tracks, treat them, and look at what came of it. */
import { EffectError } from "@satsuma/client";
import {
  type Background,
  type BackgroundOptions,
  createBackground,
  createNoiseSuppression,
  type Look,
  type Pace,
} from "../src/index.ts";
import { filmOf, places, type Scene } from "./scene.ts";
import { levelsOf, soundOf } from "./sound.ts";

export interface Looked {
  readonly width: number;
  readonly height: number;
  /** Standard deviation of the brightness on the wall, and mean colour of the wall and the face. */
  readonly stripes: number;
  readonly wall: readonly number[];
  readonly face: readonly number[];
}

type Area = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

class Bench {
  film: ReturnType<typeof filmOf> | undefined;
  background: Background | undefined;
  over: string | undefined;
  readonly paces: Pace[] = [];
  #treated: { track: MediaStreamTrack; stop: () => void } | undefined;
  readonly #videos = new Map<string, HTMLVideoElement>();

  /** Films the scene and gives it another background; the code if that was refused. */
  async begin(scene: Scene, pictures: number, options: BackgroundOptions): Promise<string> {
    this.film = filmOf(scene, pictures);
    this.background = createBackground(options);
    this.background.pace.subscribe(() => {
      const pace = this.background?.pace.snapshot();
      if (pace) this.paces.push(pace);
    });
    return this.apply();
  }

  /** The camera's track ended; here is another one, filming the same scene. */
  another(): Promise<string> {
    this.film = filmOf({ width: 640, height: 360 }, 15);
    return this.apply();
  }

  async apply(): Promise<string> {
    if (!this.film || !this.background) throw new Error("Begin first.");
    try {
      const applied = await this.background.apply(this.film.track);
      this.#treated = applied;
      this.over = undefined;
      void applied.over.then((reason) => {
        this.over = reason;
      });
    } catch (thrown) {
      return codeOf(thrown);
    }
    await Promise.all([this.#show("source", this.film.track), this.#show("treated", this.#treated.track)]);
    return "on";
  }

  async show(look: Look): Promise<string> {
    try {
      await this.background?.show(look);
      return "on";
    } catch (thrown) {
      return codeOf(thrown);
    }
  }

  /** Asks for all of them at once. */
  showAll(looks: readonly Look[]): Promise<string[]> {
    return Promise.all(looks.map((look) => this.show(look)));
  }

  stopTreated(): void {
    this.#treated?.stop();
  }

  end(): void {
    this.#treated?.stop();
    this.film?.stop();
    this.background?.close();
  }

  state(): { source: string; treated: string | undefined; over: string | undefined } {
    return { source: this.film?.track.readyState ?? "", treated: this.#treated?.track.readyState, over: this.over };
  }

  /** Pictures shown so far. */
  shown(which: "source" | "treated"): number {
    return this.#videos.get(which)?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
  }

  look(which: "source" | "treated"): Looked {
    const video = this.#videos.get(which);
    if (!video) throw new Error("It is not shown.");
    const { videoWidth: width, videoHeight: height } = video;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("The browser gives no canvas.");
    context.drawImage(video, 0, 0);
    const read = ({ x, y, width: w, height: h }: Area) =>
      context.getImageData(x * width, y * height, w * width, h * height).data;
    const walls = places.wall.map(read);
    return {
      width,
      height,
      stripes: Math.max(...walls.map(deviation)),
      wall: mean(walls[0] as Uint8ClampedArray),
      face: mean(read(places.face)),
    };
  }

  /** Decibels of full scale before and after, over the seconds given; or the code if it was refused. */
  async hear(parts: { noise?: number; voice?: number }, assets: string, seconds: number, share?: number) {
    const context = new AudioContext({ sampleRate: 48_000 });
    const quiet = createNoiseSuppression({ assets, ...(share !== undefined && { share }) });
    try {
      const source = soundOf(context, parts);
      const applied = await quiet.apply(source);
      // The first moments hold the silence before it.
      await levelsOf(context, [applied.track], 0.7);
      const [before = 0, after = 0] = await levelsOf(context, [source, applied.track], seconds);
      applied.stop();
      return { before, after, state: applied.track.readyState, source: source.readyState };
    } catch (thrown) {
      return { refused: codeOf(thrown) };
    } finally {
      await context.close();
    }
  }

  /** Plays a voice with noise on, treated or not, until the page goes. */
  async sound(treated: boolean, assets: string): Promise<void> {
    const context = new AudioContext({ sampleRate: 48_000 });
    const source = soundOf(context, { voice: 0.5, noise: 0.02 });
    if (treated) await createNoiseSuppression({ assets, share: Number.POSITIVE_INFINITY }).apply(source);
  }

  async #show(which: string, track: MediaStreamTrack): Promise<void> {
    const video = this.#videos.get(which) ?? document.body.appendChild(document.createElement("video"));
    this.#videos.set(which, video);
    video.muted = true;
    video.width = 480;
    video.srcObject = new MediaStream([track]);
    await video.play();
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof EffectError ? thrown.code : String(thrown);
}

/** Of the brightness (Rec. 709). */
function deviation(pixels: Uint8ClampedArray): number {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const value = 0.2126 * (pixels[at] ?? 0) + 0.7152 * (pixels[at + 1] ?? 0) + 0.0722 * (pixels[at + 2] ?? 0);
    sum += value;
    squares += value * value;
  }
  const count = pixels.length / 4;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

function mean(pixels: Uint8ClampedArray): number[] {
  const sums = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 4) {
    for (let colour = 0; colour < 3; colour += 1) sums[colour] = (sums[colour] ?? 0) + (pixels[at + colour] ?? 0);
  }
  return sums.map((sum) => Math.round((sum * 4) / pixels.length));
}

const bench = new Bench();

export type { Bench };

Object.assign(globalThis, { bench });
