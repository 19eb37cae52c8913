/**
 * When to fetch STUN and TURN servers: at the start, before their credentials expire, and again when that failed. Pure.
 */
import type { RetryPolicy } from "../backoff.ts";

export interface IceGrant {
  readonly iceServers: readonly RTCIceServer[];
  /** Seconds for which the credentials are good, as in the Calls API; undefined for those that do not expire. */
  readonly ttl?: number | undefined;
}

/** Part of their time after which credentials are renewed: early enough for several tries. */
const renewAfter = 0.75;

export class IceSchedule {
  readonly #policy: RetryPolicy;
  #failures = 0;
  #fetching = false;
  #due: number | undefined;
  /** Until when what was granted last is good; minus infinity before the first grant. */
  #until = Number.NEGATIVE_INFINITY;

  constructor(policy: RetryPolicy, now: number) {
    this.#policy = policy;
    this.#due = now;
  }

  /** Whether to fetch now. Then exactly one of `granted` and `failed` follows. */
  wake(now: number): boolean {
    if (this.#fetching || this.#due === undefined || now < this.#due) return false;
    this.#fetching = true;
    this.#due = undefined;
    return true;
  }

  granted({ ttl }: IceGrant, now: number): void {
    this.#fetching = false;
    this.#failures = 0;
    this.#due = ttl === undefined ? undefined : now + ttl * 1_000 * renewAfter;
    this.#until = ttl === undefined ? Number.POSITIVE_INFINITY : now + ttl * 1_000;
  }

  /** Whether there are servers whose credentials are still good. */
  holds(now: number): boolean {
    return now < this.#until;
  }

  /** What was granted before stays in force. */
  failed(now: number): void {
    this.#fetching = false;
    this.#failures += 1;
    const delay = this.#policy({ failures: this.#failures, worked: true });
    this.#due = delay === undefined ? undefined : now + delay;
  }

  nextDeadline(): number | undefined {
    return this.#due;
  }
}
