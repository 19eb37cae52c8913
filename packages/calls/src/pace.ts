/**
 * When each call of a session may leave, so that the service's limit of calls per second is never met: time in, delay
 * out. Calls leave in the order in which they were asked for.
 *
 * It allows fewer at once than the service does, because calls may catch up with each other on the way.
 */
export class Pace {
  readonly #interval: number;
  /** ms that a session may be ahead of its even pace. */
  readonly #burst: number;
  /** When each session's calls would be over at an even pace; the longest unused first. */
  readonly #busyUntil = new Map<string, number>();

  constructor(callsPerSecond: number) {
    this.#interval = 1_000 / callsPerSecond;
    this.#burst = 800;
  }

  /** ms that the session's next call has to wait; the call counts from then on. */
  delay(session: string, now: number): number {
    for (const [other, until] of this.#busyUntil) {
      if (until > now) break;
      this.#busyUntil.delete(other);
    }
    const until = Math.max(now, this.#busyUntil.get(session) ?? now) + this.#interval;
    this.#busyUntil.delete(session);
    this.#busyUntil.set(session, until);
    return Math.max(0, until - this.#burst - now);
  }

  /** Sessions that are remembered: those whose last calls are not long ago. */
  get size(): number {
    return this.#busyUntil.size;
  }
}
