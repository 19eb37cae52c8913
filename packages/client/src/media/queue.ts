/**
 * Negotiations of one media connection, strictly one after another.
 *
 * Requests of one kind that wait together become one batch: those of one tick, and those that came while another
 * negotiation was under way. A batch that fails frees the next one.
 */
import { limits } from "@satsuma/protocol";

export interface Ticket<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/** Settles tickets as their fate is known; what is left unsettled is rejected when it throws, or when it ends. */
export type Negotiate<Kind, Item, Result> = (kind: Kind, batch: readonly Ticket<Item, Result>[]) => Promise<void>;

interface Batch<Kind, Item, Result> {
  readonly kind: Kind;
  readonly tickets: Ticket<Item, Result>[];
}

/** Why a request that nobody answered was rejected. */
class Unanswered extends Error {
  override readonly name = "Unanswered";
}

export class NegotiationQueue<Kind, Item, Result> {
  readonly #waiting: Batch<Kind, Item, Result>[] = [];
  readonly #negotiate: Negotiate<Kind, Item, Result>;
  readonly #batchSize: number;
  /** What the negotiation under way has taken along. */
  #taken: Batch<Kind, Item, Result> | undefined;
  #running = false;
  #closed = false;

  /** `batchSize` is the most requests in one batch. Default: what the Calls API takes, since each batch is an offer of everything. */
  constructor(negotiate: Negotiate<Kind, Item, Result>, options: { readonly batchSize?: number } = {}) {
    this.#negotiate = negotiate;
    this.#batchSize = options.batchSize ?? limits.tracksPerRequest;
  }

  add(kind: Kind, item: Item): Promise<Result> {
    if (this.#closed) return Promise.reject(new Unanswered("The connection is closed."));
    return new Promise((resolve, reject) => {
      const last = this.#waiting.at(-1);
      const ticket = { item, resolve, reject };
      if (last && last.kind === kind && last.tickets.length < this.#batchSize) last.tickets.push(ticket);
      else this.#waiting.push({ kind, tickets: [ticket] });
      if (!this.#running) this.#run();
    });
  }

  /** For the negotiation under way: what of this kind comes next, to be settled along with its own. */
  take(kind: Kind): readonly Ticket<Item, Result>[] {
    if (this.#waiting[0]?.kind === kind) this.#taken = this.#waiting.shift();
    return this.#taken?.tickets ?? [];
  }

  /** What was taken along is to be negotiated by itself after all. */
  putBack(): void {
    if (this.#taken) this.#waiting.unshift(this.#taken);
    this.#taken = undefined;
  }

  /** Rejects everything that waits. What is under way runs to its end. */
  close(): void {
    this.#closed = true;
    for (const batch of this.#waiting.splice(0)) rejectAll(batch.tickets, new Unanswered("The connection is closed."));
  }

  async #run(): Promise<void> {
    this.#running = true;
    // The rest of this tick still adds to the first batch.
    await Promise.resolve();
    for (let batch = this.#waiting.shift(); batch; batch = this.#waiting.shift()) {
      let why: unknown = new Unanswered("The negotiation ended without a word about this request.");
      try {
        await this.#negotiate(batch.kind, batch.tickets);
      } catch (thrown) {
        why = thrown;
      }
      rejectAll(batch.tickets, why);
      rejectAll(this.#taken?.tickets ?? [], why);
      this.#taken = undefined;
    }
    this.#running = false;
  }
}

/** Rejecting a settled promise changes nothing, so the settled ones need not be told apart. */
function rejectAll(tickets: readonly { reject(reason: unknown): void }[], reason: unknown): void {
  for (const ticket of tickets) ticket.reject(reason);
}
