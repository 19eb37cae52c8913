/** What a connection bears, smoothed as Orange smooths it: losses by 2 s of half-life, bandwidth by 5 s. */
import { Ewma } from "./ewma.ts";
import type { ConnectionSample } from "./sample.ts";

const lossHalfLife = 2_000;
const bandwidthHalfLife = 5_000;

export interface Smoothed {
  /** Of all packets, from 0 to 1. */
  readonly lossIn: number;
  readonly lossOut: number;
  /** bits/s that may be sent; undefined until the browser says. */
  readonly availableOutgoing: number | undefined;
}

export class Averages {
  #losses: { readonly inward: Ewma; readonly outward: Ewma } | undefined;
  #bandwidth: Ewma | undefined;

  handle({ at, duration, lossIn, lossOut, availableOutgoing }: ConnectionSample): Smoothed {
    const began = at - duration;
    this.#losses ??= { inward: new Ewma(lossHalfLife, began), outward: new Ewma(lossHalfLife, began) };
    if (availableOutgoing !== undefined) {
      this.#bandwidth ??= new Ewma(bandwidthHalfLife, began, availableOutgoing);
      this.#bandwidth.handle(availableOutgoing, at);
    }
    return {
      lossIn: this.#losses.inward.handle(lossIn, at),
      lossOut: this.#losses.outward.handle(lossOut, at),
      availableOutgoing: this.#bandwidth?.value,
    };
  }
}
