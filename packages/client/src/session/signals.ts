/**
 * What of oneself changes all the time: said when it changed, and again on every new socket, which knows nothing of it.
 */
import type { Quality, Signal } from "@satsuma/protocol";

export class Signals {
  #wanted: { readonly speaking: boolean; readonly quality: Quality } = { speaking: false, quality: "good" };
  /** A new socket takes a client for silent and well. */
  #told = this.#wanted;

  want({ speaking = this.#wanted.speaking, quality = this.#wanted.quality }: Signal): void {
    this.#wanted = { speaking, quality };
  }

  /** What is to be said now, once; undefined when nothing is. */
  next(): Signal | undefined {
    const { speaking, quality } = this.#wanted;
    const told = this.#told;
    if (speaking === told.speaking && quality === told.quality) return undefined;
    this.#told = this.#wanted;
    return { ...(speaking !== told.speaking && { speaking }), ...(quality !== told.quality && { quality }) };
  }

  /** The socket is another one. */
  forget(): void {
    this.#told = { speaking: false, quality: "good" };
  }
}
