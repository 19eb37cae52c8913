/**
 * Counts what every session is sent, by following the same consequences as the router.
 *
 * A packet costs one addition, in its subscription. This reads those counters now and then and hands the differences to a
 * store; between two readings it keeps one entry for each subscription, and one for each pair of receiver and track that
 * ended or is a data channel. RTCP is not counted.
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
  /** What waits for the next reading, by receiver and track. */
  readonly #counted = new Map<string, UsageRow>();
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

  /** Counts what has been sent outside of subscriptions: a message on a data channel, `publisher's session/name`. */
  sent(receiver: Receiver, track: string, bytes: number): void {
    this.#count({ ...receiver, day: this.#today(), track, bytes });
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
    for (const [subscription, flow] of this.#flows) this.#count(take(subscription, flow, day));
    const rows = [...this.#counted.values()];
    this.#counted.clear();
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
    this.#count(take(subscription, flow, this.#today()));
  }

  #count(row: UsageRow): void {
    if (row.bytes === 0) return;
    const key = `${row.day} ${row.app} ${row.session} ${row.track}`;
    const before = this.#counted.get(key)?.bytes ?? 0;
    this.#counted.set(key, { ...row, bytes: before + row.bytes });
  }
}

function take(subscription: Subscription, flow: Flow, day: string): UsageRow {
  const bytes = subscription.sent - flow.counted;
  flow.counted = subscription.sent;
  return { ...flow.receiver, day, track: flow.track, bytes };
}
