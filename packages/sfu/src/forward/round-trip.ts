/** ms that a packet takes to a peer and back, smoothed (RFC 6298 §2: an eighth of each sample). */
export class RoundTrip {
  #smoothed: number | undefined;

  /** Undefined before the first sample. */
  get measured(): number | undefined {
    return this.#smoothed;
  }

  /** The measured time, or what is assumed until then. */
  or(assumed: number): number {
    return this.#smoothed ?? assumed;
  }

  sample(milliseconds: number): void {
    if (!(milliseconds >= 0 && milliseconds < 10_000)) return;
    this.#smoothed = this.#smoothed === undefined ? milliseconds : this.#smoothed + (milliseconds - this.#smoothed) / 8;
  }
}
