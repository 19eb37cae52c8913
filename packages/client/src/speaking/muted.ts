/**
 * Whether somebody speaks although their microphone is off. Pure.
 *
 * It takes a sentence, not a cough, to say so, and it is said until they have been quiet for a while, so that a notice
 * about it can be read.
 */
import { SpeakingDetector, type SpeakingOptions } from "./detector.ts";

export interface MutedSpeechOptions extends SpeakingOptions {
  /** Milliseconds of speech, short pauses included, before it is said. Default 1000. */
  readonly patience?: number;
  /** Milliseconds of quiet before it is no longer said. Default 3000. */
  readonly rest?: number;
}

export class MutedSpeech {
  readonly #detector: SpeakingDetector;
  readonly #patience: number;
  readonly #rest: number;
  /** When the speech began that still goes on. */
  #since: number | undefined;
  /** When speech was last heard, while it is said. */
  #said: number | undefined;

  constructor({ patience = 1000, rest = 3000, ...options }: MutedSpeechOptions = {}) {
    this.#detector = new SpeakingDetector(options);
    this.#patience = patience;
    this.#rest = rest;
  }

  handle(level: number, now: number): boolean {
    const speaks = this.#detector.handle(level, now);
    if (!speaks) this.#since = undefined;
    else this.#since ??= now;
    if (this.#since !== undefined && (this.#said !== undefined || now - this.#since >= this.#patience))
      this.#said = now;
    if (this.#said !== undefined && now - this.#said >= this.#rest) this.#said = undefined;
    return this.#said !== undefined;
  }
}
