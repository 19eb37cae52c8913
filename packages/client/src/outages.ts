/**
 * How often a connection was lost, for what, and how long it was away. Pure: words and the time go in.
 *
 * An outage begins when a connection that worked is lost and ends when it, or another in its place, works. What goes wrong
 * on the way counts as a further cause, not as a further outage.
 */
export interface Outages {
  /** That began, the present one included. */
  readonly begun: number;
  /** That are over. */
  readonly ended: number;
  /** Connections that were tried in all of them. */
  readonly tries: number;
  /** How often each thing went wrong, by stable words such as `socket-lost`. */
  readonly causes: Readonly<Record<string, number>>;
  /** Milliseconds of those that are over: together, of the longest, and of the last. */
  readonly total: number;
  readonly longest: number;
  readonly last: number | undefined;
  /** Milliseconds that the present one lasts so far; undefined while the connection works. */
  readonly present: number | undefined;
}

export class OutageCount {
  readonly #causes: Record<string, number> = {};
  #begun = 0;
  #ended = 0;
  #tries = 0;
  #total = 0;
  #longest = 0;
  #last: number | undefined;
  #since: number | undefined;

  /** Of a connection that worked before. Causes are words of this package or codes of the protocol, so there are few. */
  lost(cause: string, now: number): void {
    this.#causes[cause] = (this.#causes[cause] ?? 0) + 1;
    if (this.#since !== undefined) return;
    this.#begun += 1;
    this.#since = now;
  }

  tried(): void {
    if (this.#since !== undefined) this.#tries += 1;
  }

  back(now: number): void {
    if (this.#since === undefined) return;
    this.#ended += 1;
    this.#last = now - this.#since;
    this.#total += this.#last;
    this.#longest = Math.max(this.#longest, this.#last);
    this.#since = undefined;
  }

  view(now: number): Outages {
    return {
      begun: this.#begun,
      ended: this.#ended,
      tries: this.#tries,
      causes: { ...this.#causes },
      total: this.#total,
      longest: this.#longest,
      last: this.#last,
      present: this.#since === undefined ? undefined : now - this.#since,
    };
  }
}
