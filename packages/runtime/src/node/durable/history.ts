import type { StatementSync } from "node:sqlite";
import type { Stored } from "./codec.ts";
import type { Database } from "./database.ts";

/** Rows removed in one transaction, so that pruning never holds up a batch for long. */
const prunedAtOnce = 5_000;

/**
 * What the rows of a shared file were before.
 *
 * Each entry holds a row's value before one change, null where there was none; entries are in the order of the changes
 * and their times never fall. So an actor's rows at a moment are those of now, with the first entry after that moment
 * put back for each key.
 */
export class History {
  readonly #database: Database;
  readonly #ends: StatementSync;
  readonly #timeFrom: StatementSync;
  readonly #after: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    const { sqlite } = database;
    this.#ends = sqlite.prepare("SELECT min(seq) AS first, max(seq) AS last FROM history");
    this.#timeFrom = sqlite.prepare("SELECT seq, time FROM history WHERE seq >= ? ORDER BY seq LIMIT 1");
    this.#after = sqlite.prepare("SELECT key, value FROM history WHERE seq >= ? AND actor = ? ORDER BY seq");
    this.#prune = sqlite.prepare("DELETE FROM history WHERE seq < ?");
  }

  /** The values to put back, by key; undefined deletes. */
  before(actor: number, time: number): Map<string, Stored | undefined> {
    return this.#database.read(() => {
      const values = new Map<string, Stored | undefined>();
      for (const row of this.#after.iterate(this.#firstAfter(time), actor)) {
        const { key, value } = row as { key: string; value: Stored | null };
        if (!values.has(key)) values.set(key, value ?? undefined);
      }
      return values;
    });
  }

  /** Forgets some of what is older than `time`; true when more is left to forget. */
  prune(time: number): boolean {
    const { first } = this.#ends.get() as { first: number | null };
    if (first === null) return false;
    const end = this.#firstAfter(time - 1);
    const until = Math.min(end, first + prunedAtOnce);
    if (until > first) this.#database.write(() => this.#prune.run(until));
    return until < end;
  }

  /** The first entry later than `time`, by halving, since entries are in order of time but have no index on it. */
  #firstAfter(time: number): number {
    const { first, last } = this.#ends.get() as { first: number | null; last: number | null };
    let low = first ?? 1;
    let high = (last ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#timeFrom.get(middle) as { seq: number; time: number } | undefined;
      if (row === undefined || row.time > time) high = middle;
      else low = row.seq + 1;
    }
    return low;
  }
}
