/**
 * How much one address may say, over all of its sockets together: an address that floods costs its neighbours nothing.
 *
 * It counts before anything is read. What is refused is not counted, so that whoever waits is heard.
 */

import { type Refusal, refusal } from "@satsuma/protocol";

/** What a core can read beside its other work; four times as many at once. */
export const usualMessagesPerSecond = 5_000;

/** Messages that are refused in a row before a socket is closed that does not care. */
export const mostRefused = 60;

export function tooMany(retryAfter: number): Refusal {
  return refusal("too-many-requests", "More messages came from this address than it may send.", { retryAfter });
}

/** A socket's share in the rate of its address. */
export interface Meter {
  /** Milliseconds to wait, or undefined when the message may be heard. */
  take(bytes: number, now: number): number | undefined;
  /** Messages that were refused since one was heard. */
  readonly refused: number;
  /** The socket is gone. Whatever it takes after that is not counted. */
  leave(): void;
}

interface Bucket {
  tokens: number;
  at: number;
  sockets: number;
}

export class AddressRate {
  readonly #perSecond: number;
  readonly #burst: number;
  /** Of addresses that have sockets. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  enter(address: string, now: number): Meter {
    const bucket = this.#buckets.get(address) ?? { tokens: this.#burst, at: now, sockets: 0 };
    this.#buckets.set(address, bucket);
    bucket.sockets += 1;
    let refused = 0;
    let gone = false;
    return {
      get refused() {
        return refused;
      },
      take: (bytes, now) => {
        const wait = this.#take(bucket, 1 + Math.floor(bytes / 1_024), now);
        refused = wait === undefined ? 0 : refused + 1;
        return wait;
      },
      leave: () => {
        if (gone) return;
        gone = true;
        bucket.sockets -= 1;
        if (bucket.sockets === 0) this.#buckets.delete(address);
      },
    };
  }

  #take(bucket: Bucket, cost: number, now: number): number | undefined {
    const earned = (Math.max(0, now - bucket.at) * this.#perSecond) / 1_000;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + earned);
    bucket.at = now;
    // What costs more than there can ever be is heard when all of it is there.
    const needed = Math.min(cost, this.#burst);
    if (bucket.tokens < needed) return Math.ceil(((needed - bucket.tokens) * 1_000) / this.#perSecond);
    bucket.tokens -= needed;
    return undefined;
  }
}
