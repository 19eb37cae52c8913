/**
 * The model that finds the person: MediaPipe's selfie segmentation, run by LiteRT on the processor.
 *
 * Program and models are fetched from where this worker came from, and from nowhere else.
 */
import { type CompiledModel, loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { type ModelName, modelSizes } from "../src/background/shape.ts";

const files: Readonly<Record<ModelName, string>> = {
  landscape: "selfie_segmentation_landscape.tflite",
  square: "selfie_segmentation.tflite",
};

const here = new URL(".", self.location.href).href;

/** Once, before the first model. */
export async function loadProgram(): Promise<void> {
  // LiteRT (2.5) asks for the fastest graphics processor as it loads, whether it will be used or not, which wakes a laptop's
  // second one. The model takes a few milliseconds on the processor, and its answer is needed there.
  Object.defineProperty(navigator, "gpu", { value: undefined, configurable: true });
  // What it says to the console is of use to nobody who sees it.
  Object.assign(self, { Module: { print: nothing, printErr: nothing } });
  await loadLiteRt(here);
}

function nothing(): void {}

export class Model {
  readonly #model: CompiledModel;
  readonly #shape: number[];
  readonly #input: Float32Array;

  private constructor(model: CompiledModel, name: ModelName) {
    const { width, height } = modelSizes[name];
    this.#model = model;
    this.#shape = [1, height, width, 3];
    this.#input = new Float32Array(width * height * 3);
  }

  static async load(name: ModelName): Promise<Model> {
    const response = await fetch(here + files[name]);
    if (!response.ok) throw new Error(`${files[name]}: ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return new Model(await loadAndCompile(bytes, { accelerator: "wasm" }), name);
  }

  /** How surely each pixel is the person, from 0 to 1. The pixels are RGBA, of the model's size. */
  async find(pixels: Uint8ClampedArray): Promise<ArrayLike<number>> {
    const input = this.#input;
    for (let from = 0, to = 0; to < input.length; from += 4, to += 3) {
      input[to] = (pixels[from] as number) / 255;
      input[to + 1] = (pixels[from + 1] as number) / 255;
      input[to + 2] = (pixels[from + 2] as number) / 255;
    }
    const tensor = new Tensor(input, this.#shape);
    try {
      const [found] = await this.#model.run([tensor]);
      if (!found) throw new Error("The model gave nothing.");
      try {
        return found.toTypedArray().slice();
      } finally {
        found.delete();
      }
    } finally {
      tensor.delete();
    }
  }
}
