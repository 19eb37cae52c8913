/** How often one address may come: a bucket each, for as many addresses as memory should hold. */

/** Addresses that are remembered. One that is forgotten has a full bucket again, which only many addresses can bring about. */
const most = 10_000;

export class Throttle {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** As many at once as in a minute. */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Milliseconds to wait, or undefined when the address may come now. `now` in milliseconds. */
  take(address: string, now: number): number | undefined {
    const known = this.#buckets.get(address) ?? { tokens: this.#perMinute, at: now };
    const earned = (Math.max(0, now - known.at) * this.#perMinute) / 60_000;
    const tokens = Math.min(this.#perMinute, known.tokens + earned);
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: Math.max(0, tokens - 1), at: now });
    const [oldest] = this.#buckets.size > most ? this.#buckets.keys() : [];
    if (oldest !== undefined) this.#buckets.delete(oldest);
    return tokens >= 1 ? undefined : Math.ceil(((1 - tokens) * 60_000) / this.#perMinute);
  }
}
