/**
 * How long to wait for a publisher's answer before it is asked for a packet once more.
 *
 * The time that answers take, and twice what they differ by; RFC 6298 §2 has four times, but here a request too many costs a
 * packet, and one too late a frozen picture. Only a packet that was asked for once tells: of another nobody knows which
 * request was answered. When these are all that come, requests are repeated too soon, and the wait is doubled until one
 * tells again (§5.5, Karn's algorithm).
 */

/** ms until one was measured. */
const assumed = 100;
/**
 * ms beyond what answers take at the least. Chromium (156) takes a request for an echo that comes before a round trip and 5 ms
 * have passed since its last answer, and does nothing; then one that was too early costs another whole wait.
 */
const leastMargin = 10;
/** Of the mean difference. */
const margin = 2;
/** ms. Beyond that, an answer to a second request comes too late to be of use. */
const longest = 500;
/**
 * Packets in a row that were asked for more than once, so many that it is no chance even where one in five is lost. Those that come
 * within a wait count as one: a publisher that is held up for a moment answers many late.
 */
const doubtful = 4;

export class AnswerTime {
  #smoothed: number | undefined;
  #variation = 0;
  #factor = 1;
  #doubts = 0;
  #doubtedAt = Number.NEGATIVE_INFINITY;

  /** ms. */
  get wait(): number {
    const least =
      this.#smoothed === undefined ? assumed : this.#smoothed + Math.max(leastMargin, margin * this.#variation);
    return Math.min(longest, least * this.#factor);
  }

  /** A packet that was asked for once came after so many ms. */
  sample(milliseconds: number): void {
    this.#factor = 1;
    this.#doubts = 0;
    if (this.#smoothed === undefined) {
      this.#smoothed = milliseconds;
      this.#variation = milliseconds / 4;
      return;
    }
    this.#variation += (Math.abs(milliseconds - this.#smoothed) - this.#variation) / 4;
    this.#smoothed += (milliseconds - this.#smoothed) / 8;
  }

  /** A packet came that was asked for more than once. */
  doubt(now: number): void {
    if (now < this.#doubtedAt + this.wait) return;
    this.#doubtedAt = now;
    this.#doubts += 1;
    if (this.#doubts < doubtful) return;
    this.#doubts = 0;
    if (this.wait < longest) this.#factor *= 2;
  }
}
