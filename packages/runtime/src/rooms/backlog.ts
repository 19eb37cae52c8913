/**
 * The events of one room that its courier has: those that wait for an endpoint, and the newest for whoever wants them again.
 *
 * Bounded by number and by age, whatever endpoints do. It says what is too much; whoever waited for it has to be told
 * before it is removed (courier.ts).
 *
 * | key | holds |
 * |---|---|
 * | `event:<seq>` | an event |
 * | `last` | the last event that came |
 */
import type { Context } from "@satsuma/durable";
import type { RoomEvent } from "@satsuma/protocol";

export interface BacklogBounds {
  /** Events that wait at the most; of a room that makes one a second, three hours. */
  readonly waiting: number;
  /** Milliseconds for which an event waits for an endpoint: a weekend and a Monday morning, as at Stripe. */
  readonly waitFor: number;
  /** The newest so many can be sent again even if they have waited for so long, */
  readonly newest: number;
  /** for so many milliseconds. */
  readonly keptFor: number;
}

export const usualBounds: BacklogBounds = {
  waiting: 10_000,
  waitFor: 3 * 86_400_000,
  newest: 1_000,
  keptFor: 30 * 86_400_000,
};

const removedAtOnce = 100;

export class Backlog {
  readonly #context: Pick<Context, "storage" | "now">;
  readonly bounds: BacklogBounds;

  constructor(context: Pick<Context, "storage" | "now">, bounds: BacklogBounds) {
    this.#context = context;
    this.bounds = bounds;
  }

  async last(): Promise<number> {
    return (await this.#context.storage.get<number>("last")) ?? 0;
  }

  /** False when none of them is new. */
  async add(events: readonly RoomEvent[]): Promise<boolean> {
    const { storage } = this.#context;
    const last = await this.last();
    const fresh = events.filter(({ seq }) => seq > last);
    const newest = fresh.at(-1)?.seq;
    if (newest === undefined) return false;
    await storage.put(Object.fromEntries(fresh.map((event) => [keyOf(event.seq), event])));
    await storage.put("last", newest);
    return true;
  }

  /** From this number on, oldest first. */
  async from(seq: number, limit: number): Promise<RoomEvent[]> {
    const found = await this.#context.storage.list<RoomEvent>({ prefix: "event:", start: keyOf(seq), limit });
    return [...found.values()];
  }

  /** The first that happened at this time or later; the one to come when there is none. */
  async firstSince(time: number): Promise<number> {
    const { storage } = this.#context;
    let first = (await this.last()) + 1;
    for (;;) {
      const found = await storage.list<RoomEvent>({ prefix: "event:", end: keyOf(first), limit: 100, reverse: true });
      for (const { seq, at } of found.values()) {
        if (at < time) return first;
        first = seq;
      }
      if (found.size < 100) return first;
    }
  }

  /** What is to be removed next, oldest first; not all of it at once. */
  async surplus(): Promise<readonly RoomEvent[]> {
    const last = await this.last();
    const [oldest] = await this.from(0, 1);
    if (oldest === undefined || !this.#isSurplus(oldest, last)) return [];
    return (await this.from(0, removedAtOnce)).filter((event) => this.#isSurplus(event, last));
  }

  async remove(events: readonly RoomEvent[]): Promise<void> {
    await this.#context.storage.delete(events.map(({ seq }) => keyOf(seq)));
  }

  /** When the oldest is too old, by its age alone. */
  async nextSurplusAt(): Promise<number | undefined> {
    const [oldest] = await this.from(0, 1);
    return oldest && oldest.at + this.bounds.keptFor;
  }

  #isSurplus({ seq, at }: RoomEvent, last: number): boolean {
    const { waiting, waitFor, newest, keptFor } = this.bounds;
    const age = this.#context.now() - at;
    return seq <= last - waiting || age >= keptFor || (age >= waitFor && seq <= last - newest);
  }
}

function keyOf(seq: number): string {
  return `event:${String(seq).padStart(16, "0")}`;
}
