/**
 * What an incoming stream is made of: bits/s and frames/s of each of its spatial and temporal layers, and its size in px.
 */
import { type Frame, mostLayers } from "../rtp/frame.ts";
import { all, type Quality } from "./quality.ts";
import { Rate } from "./rate.ts";

/** Frames are counted as if they were bytes, and a rate is told in bits. */
const bitsPerByte = 8;

export class Measure {
  /** By spatial and temporal layer, for those that came. */
  readonly #rates = new Map<number, Rate>();
  /** Pictures by temporal layer. */
  readonly #pictures: Rate[] = [];
  #heights: readonly number[] = [];
  #picture = -1;
  #spatial = 0;

  /** px of its largest spatial layer; undefined where the format does not tell. */
  get height(): number | undefined {
    return this.#heights.at(-1);
  }

  add(frame: Frame, bytes: number, picture: number, now: number): void {
    const spatial = Math.min(frame.spatial, mostLayers - 1);
    const temporal = Math.min(frame.temporal, mostLayers - 1);
    const cell = spatial * mostLayers + temporal;
    let rate = this.#rates.get(cell);
    if (rate === undefined) {
      rate = new Rate();
      this.#rates.set(cell, rate);
      if (spatial > this.#spatial) this.#spatial = spatial;
      for (let layer = this.#pictures.length; layer <= temporal; layer += 1) this.#pictures.push(new Rate());
    }
    rate.add(bytes, now);
    if (frame.heights.length > 0) this.#heights = frame.heights;
    if (picture === this.#picture) return;
    this.#picture = picture;
    this.#pictures[temporal]?.add(1, now);
  }

  /** bits/s of everything. */
  bitrate(now: number): number {
    return this.#upTo(mostLayers - 1, mostLayers - 1, now);
  }

  framesPerSecond(now: number): number {
    return this.#frames(mostLayers - 1, now);
  }

  /**
   * The ways in which it can be sent, best first. A picture at less than half of its rate is worse than a smaller one, so
   * only the smallest is offered at every rate.
   */
  qualities(rid: string, smallest: boolean, now: number): Quality[] {
    const qualities: Quality[] = [];
    const fastest = Math.max(0, this.#pictures.length - 1);
    for (let spatial = this.#spatial; spatial >= 0; spatial -= 1) {
      const slowest = smallest && spatial === 0 ? 0 : Math.max(0, fastest - 1);
      for (let temporal = fastest; temporal >= slowest; temporal -= 1) {
        qualities.push({
          rid,
          spatial: spatial === this.#spatial ? all : spatial,
          temporal: temporal === fastest ? all : temporal,
          bitrate: this.#upTo(spatial, temporal, now),
          height: this.#heights[Math.min(spatial, this.#heights.length - 1)],
          framesPerSecond: this.#frames(temporal, now),
        });
      }
    }
    return qualities;
  }

  #upTo(spatial: number, temporal: number, now: number): number {
    let bitrate = 0;
    for (const [cell, rate] of this.#rates) {
      if (Math.floor(cell / mostLayers) <= spatial && cell % mostLayers <= temporal) bitrate += rate.bitrate(now);
    }
    return bitrate;
  }

  #frames(temporal: number, now: number): number {
    let frames = 0;
    for (const rate of this.#pictures.slice(0, temporal + 1)) frames += rate.bitrate(now) / bitsPerByte;
    return frames;
  }
}
