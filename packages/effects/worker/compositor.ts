/**
 * Puts a picture together: the person of the camera's picture over another background.
 *
 * All canvases are kept from picture to picture. Frames stay the caller's: none is closed or kept here.
 */
import { Blur, radiusOf } from "../src/background/blur.ts";
import { intoAlpha, steady } from "../src/background/mask.ts";
import { coverOf, type ModelName, modelFor, modelSizes, type Size } from "../src/background/shape.ts";
import type { WorkerLook } from "../src/background/words.ts";
import type { Model } from "./model.ts";

/** What belongs to one model: its picture of the scene, and what it found there. */
class Sight {
  readonly size: Size;
  readonly scene: OffscreenCanvasRenderingContext2D;
  readonly cut: OffscreenCanvasRenderingContext2D;
  readonly backdrop: OffscreenCanvasRenderingContext2D;
  readonly #model: Model;
  readonly #mask: Float32Array;
  readonly #alpha: ImageData;
  readonly #soft: ImageData;
  readonly #blur: Blur;

  constructor(model: Model, size: Size) {
    const { width, height } = size;
    this.size = size;
    this.#model = model;
    this.scene = canvas(size, { willReadFrequently: true });
    this.cut = canvas(size);
    this.backdrop = canvas(size);
    this.#mask = new Float32Array(width * height);
    this.#alpha = new ImageData(width, height);
    this.#soft = new ImageData(width, height);
    this.#blur = new Blur(width, height);
  }

  async look(frame: VideoFrame, look: WorkerLook): Promise<void> {
    const { width, height } = this.size;
    this.scene.drawImage(frame, 0, 0, width, height);
    const { data } = this.scene.getImageData(0, 0, width, height);
    steady(this.#mask, await this.#model.find(data));
    intoAlpha(this.#mask, width, this.#alpha.data);
    this.cut.putImageData(this.#alpha, 0, 0);
    if (look.kind !== "blur") return;
    this.#blur.apply(data, this.#mask, radiusOf(look.strength, width), this.#soft.data);
    this.backdrop.putImageData(this.#soft, 0, 0);
  }
}

export class Compositor {
  readonly #load: (name: ModelName) => Promise<Model>;
  readonly #sights = new Map<ModelName, Sight>();
  readonly #out = canvas({ width: 1, height: 1 });
  readonly #image = canvas({ width: 1, height: 1 });
  #shown: ImageBitmap | undefined;
  #seen: Sight | undefined;
  #lookSeen: WorkerLook | undefined;

  constructor(load: (name: ModelName) => Promise<Model>) {
    this.#load = load;
  }

  /** Another camera: what was found in the last one's picture is of no use. */
  reset(): void {
    this.#seen = undefined;
  }

  /** With `anew` the person is looked for in this very picture, otherwise they are where they were. The result is the caller's to close. */
  async compose(frame: VideoFrame, look: WorkerLook, anew: boolean): Promise<VideoFrame> {
    const size = { width: frame.displayWidth, height: frame.displayHeight };
    const sight = await this.#sight(modelFor(size));
    if (anew || sight !== this.#seen || look !== this.#lookSeen) await sight.look(frame, look);
    this.#seen = sight;
    this.#lookSeen = look;
    const { width, height } = size;
    const out = this.#out;
    resize(out, size);
    out.globalCompositeOperation = "copy";
    out.drawImage(sight.cut.canvas, 0, 0, width, height);
    out.globalCompositeOperation = "source-in";
    out.drawImage(frame, 0, 0, width, height);
    out.globalCompositeOperation = "destination-over";
    const behind = look.kind === "blur" ? sight.backdrop.canvas : this.#behind(look.image, size);
    out.drawImage(behind, 0, 0, width, height);
    const { timestamp, duration } = frame;
    return new VideoFrame(out.canvas, { timestamp, ...(duration !== null && { duration }), alpha: "discard" });
  }

  /** The background at the size of the picture, drawn anew only when one of them is another. */
  #behind(image: ImageBitmap, size: Size): OffscreenCanvas {
    const resized = resize(this.#image, size);
    if (resized || image !== this.#shown) {
      const { x, y, width, height } = coverOf(image, size);
      this.#image.drawImage(image, x, y, width, height, 0, 0, size.width, size.height);
      this.#shown = image;
    }
    return this.#image.canvas;
  }

  async #sight(name: ModelName): Promise<Sight> {
    const known = this.#sights.get(name);
    if (known) return known;
    const sight = new Sight(await this.#load(name), modelSizes[name]);
    this.#sights.set(name, sight);
    return sight;
  }
}

function canvas(
  { width, height }: Size,
  settings?: CanvasRenderingContext2DSettings,
): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", settings);
  if (!context) throw new Error("The browser gives no canvas.");
  context.imageSmoothingQuality = "low";
  return context;
}

/** Whether the canvas had another size. */
function resize({ canvas }: OffscreenCanvasRenderingContext2D, { width, height }: Size): boolean {
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}
