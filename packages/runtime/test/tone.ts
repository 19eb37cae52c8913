/** Sine tones: made as PCM, packed as Opus, and found again in what was decoded. */
import { createDecoder, createEncoder } from "libopus-wasm";

const sampleRate = 48_000;
/** Samples of one channel in 20 ms, which is one packet. */
export const frameSize = 960;

/** 20 ms of a stereo tone at half the loudest; frame n continues frame n−1. */
export function toneFrame(hertz: number, frame: number): Int16Array {
  const pcm = new Int16Array(frameSize * 2);
  for (let index = 0; index < frameSize; index += 1) {
    const sample = 16_000 * Math.sin((2 * Math.PI * hertz * (frame * frameSize + index)) / sampleRate);
    pcm.fill(Math.round(sample), index * 2, index * 2 + 2);
  }
  return pcm;
}

/** The part of all energy that is at one frequency, 0 to 1, on the left channel (Goertzel's algorithm). */
export function shareAt(hertz: number, pcm: Int16Array): number {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / sampleRate);
  let [before, last, energy, count] = [0, 0, 0, 0];
  for (let index = 0; index < pcm.length; index += 2) {
    const sample = pcm[index] ?? 0;
    [before, last] = [last, sample + turn * last - before];
    energy += sample * sample;
    count += 1;
  }
  const found = before * before + last * last - turn * before * last;
  return energy === 0 ? 0 : (2 * found) / (count * energy);
}

/** Opus packets of a tone. */
export async function toneSource(hertz: number): Promise<() => Uint8Array> {
  const encoder = await createEncoder();
  let frame = 0;
  return () => {
    frame += 1;
    return encoder.encode(toneFrame(hertz, frame));
  };
}

/** The last half second of what was received as Opus, decoded. */
export class Ear {
  readonly #frames: Int16Array[] = [];
  readonly #decoder: Awaited<ReturnType<typeof createDecoder>>;

  static async open(): Promise<Ear> {
    return new Ear(await createDecoder());
  }

  private constructor(decoder: Awaited<ReturnType<typeof createDecoder>>) {
    this.#decoder = decoder;
  }

  hear(opus: Uint8Array): void {
    this.#frames.push(this.#decoder.decode(opus));
    if (this.#frames.length > 25) this.#frames.shift();
  }

  /** As `shareAt`, and 0 until half a second was heard. */
  shareAt(hertz: number): number {
    if (this.#frames.length < 25) return 0;
    return shareAt(hertz, Int16Array.from(this.#frames.flatMap((frame) => [...frame])));
  }
}
