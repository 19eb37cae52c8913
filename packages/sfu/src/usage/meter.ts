/**
 * Counts what every session is sent, by following the same consequences as the router.
 *
 * A packet costs one addition, in its subscription. This reads those counters now and then and hands the differences to a
 * store; between two readings it keeps one entry for each subscription and nothing else.
 */
import type { Publication } from "../forward/publication.ts";
import type { Subscription } from "../forward/subscription.ts";
import type { Consequences } from "../session/consequences.ts";
import type { UsageRow, UsageStore } from "./store.ts";

/** ms between two readings while packets flow: what a crash may lose. */
const readingInterval = 10_000;

/** Who receives. */
export interface Receiver {
  readonly app: string;
  readonly session: string;
  readonly adapter: boolean;
}

interface Flow {
  readonly receiver: Receiver;
  readonly track: string;
  /** Bytes of the subscription that were there before this flow, or are handed over. */
  counted: number;
}

export class Meter {
  readonly store: UsageStore;
  readonly #today: () => string;
  readonly #flows = new Map<Subscription, Flow>();
  readonly #ended: UsageRow[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  /** `today` is a date in UTC, `2026-11-20`. */
  constructor(store: UsageStore, today: () => string) {
    this.store = store;
    this.#today = today;
  }

  follow(receiver: Receiver, { subscribed, unsubscribed, redirected }: Consequences): void {
    for (const { subscription, source } of [...subscribed, ...redirected]) this.#begin(receiver, subscription, source);
    for (const subscription of unsubscribed) this.#end(subscription);
  }

  /** Reads the counters if it is time. */
  elapse(now: number): void {
    if (now - this.#readAt < readingInterval) return;
    this.#readAt = now;
    this.read();
  }

  /** Hands everything so far to the store. */
  read(): void {
    const day = this.#today();
    const rows = this.#ended.splice(0);
    for (const [subscription, flow] of this.#flows) {
      const row = take(subscription, flow, day);
      if (row !== undefined) rows.push(row);
    }
    if (rows.length > 0) this.store.add(rows);
  }

  #begin(receiver: Receiver, subscription: Subscription, source: Publication | undefined): void {
    this.#end(subscription);
    if (source === undefined) return;
    const track = `${source.session}/${source.trackName}`;
    this.#flows.set(subscription, { receiver, track, counted: subscription.sent });
  }

  #end(subscription: Subscription): void {
    const flow = this.#flows.get(subscription);
    if (flow === undefined) return;
    this.#flows.delete(subscription);
    const row = take(subscription, flow, this.#today());
    if (row !== undefined) this.#ended.push(row);
  }
}

function take(subscription: Subscription, flow: Flow, day: string): UsageRow | undefined {
  const bytes = subscription.sent - flow.counted;
  if (bytes === 0) return undefined;
  flow.counted = subscription.sent;
  return { ...flow.receiver, day, track: flow.track, bytes };
}
