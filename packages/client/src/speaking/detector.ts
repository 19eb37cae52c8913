/**
 * Whether somebody speaks, from how loud they are. Pure: a level and the time go in, a yes or no comes out.
 *
 * Two thresholds and a hold keep the answer from flickering: it takes a louder sound to begin than to go on, and pauses
 * between words do not end it.
 */
export interface SpeakingOptions {
  /** Level from 0 to 1 (linear, 1 is full scale) at which speaking begins. Default 0.03, about -30 dBFS. */
  readonly begin?: number;
  /** Level below which a pause begins. Default 0.015. */
  readonly end?: number;
  /** Milliseconds of pause after which speaking ends. Default 600. */
  readonly hold?: number;
}

export class SpeakingDetector {
  readonly #begin: number;
  readonly #end: number;
  readonly #hold: number;
  #loudAt: number | undefined;

  constructor(options: SpeakingOptions = {}) {
    this.#begin = options.begin ?? 0.03;
    this.#end = options.end ?? 0.015;
    this.#hold = options.hold ?? 600;
  }

  handle(level: number, now: number): boolean {
    if (level >= this.#begin || (this.#loudAt !== undefined && level >= this.#end)) this.#loudAt = now;
    else if (this.#loudAt !== undefined && now - this.#loudAt >= this.#hold) this.#loudAt = undefined;
    return this.#loudAt !== undefined;
  }
}
