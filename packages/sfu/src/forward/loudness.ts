/**
 * How loud a microphone is, from the level that comes with each packet (RFC 6464), and whether somebody speaks into it.
 *
 * Loudness is in dB above -127 dBov, so that 0 is silence. It rises within a syllable and falls within a second, since people
 * pause between words; a microphone whose packets stop is silent.
 */

/** Loudness of speech at an ordinary microphone, and of a room in which nobody speaks; between them nothing changes. */
const speech = 82;
const quiet = 72;
/** Part of the way to a higher level with each packet, and to a lower one with each ms. */
const rise = 0.4;
const fall = 0.000_75;
/** ms between packets that count at the most. */
const longestPause = 100;
/** ms without a packet after which it is silent. Opus sends one at least every 400 ms (RFC 7587 §3.1.3). */
const silence = 450;
const quietest = 127;

export class Loudness {
  #loudness = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #speaking = false;

  /** `level` is the extension's first byte: a bit for voice, and -dBov. */
  heard(level: number, now: number): void {
    const loudness = quietest - (level & 0x7f);
    const lower = fall * Math.min(now - this.#heardAt, longestPause);
    this.#loudness += (loudness - this.#loudness) * (loudness > this.#loudness ? rise : lower);
    this.#heardAt = now;
  }

  /** dB above silence. */
  at(now: number): number {
    return now - this.#heardAt > silence ? 0 : this.#loudness;
  }

  /** Looks whether somebody speaks. */
  speaks(now: number): boolean {
    const loudness = this.at(now);
    if (loudness >= speech) this.#speaking = true;
    else if (loudness < quiet) this.#speaking = false;
    return this.#speaking;
  }
}
