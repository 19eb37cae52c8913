/** How often each of many may do something: one bucket a head, forgotten when it is full again. */
export interface PaceSettings {
  /** Per second, for long. */
  readonly rate: number;
  /** At once. */
  readonly burst: number;
}

export class Pace {
  readonly #settings: PaceSettings;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  #sweepAt = 1_000;

  /** `now` in milliseconds. */
  constructor(settings: PaceSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Whether it may be done once more. What is refused costs nothing, so that whoever waits gets the next one. */
  take(who: string): boolean {
    this.#sweep();
    const bucket = this.#buckets.get(who) ?? { tokens: this.#settings.burst, at: this.#now() };
    const tokens = this.#filled(bucket);
    const may = tokens >= 1;
    this.#buckets.set(who, { tokens: may ? tokens - 1 : tokens, at: this.#now() });
    return may;
  }

  #filled({ tokens, at }: { tokens: number; at: number }): number {
    const { rate, burst } = this.#settings;
    return Math.min(burst, tokens + ((this.#now() - at) * rate) / 1000);
  }

  #sweep(): void {
    if (this.#buckets.size < this.#sweepAt) return;
    for (const [who, bucket] of this.#buckets) {
      if (this.#filled(bucket) >= this.#settings.burst) this.#buckets.delete(who);
    }
    this.#sweepAt = Math.max(1_000, 2 * this.#buckets.size);
  }
}
