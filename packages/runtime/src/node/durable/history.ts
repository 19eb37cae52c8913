import type { StatementSync } from "node:sqlite";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { RefusedError } from "@satsuma/protocol";
import type { Stored } from "./codec.ts";
import type { Database } from "./database.ts";
import { read, undone, written } from "./undo.ts";

/** Rows removed in one transaction, so that pruning never holds up a batch for long. */
const prunedAtOnce = 500;
/** Rows from this length on are compressed. Undos of many actors resemble each other, so little is left of them. */
const compressedFrom = 1_000;
/** The cheapest of Zstandard's levels that still finds repetition across a whole row. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: -1 } };
/** Characters of one row; a batch of large values takes several. */
const rowLength = 1_000_000;

/**
 * How to undo every batch of a shared file, as far back as the window goes.
 *
 * A row holds the undos of one batch (undo.ts) in the order of its changes, as text or, when it is long, compressed by
 * Zstandard. Rows are in the order of the batches. So an actor's state at a moment is its state now with everything
 * later undone, last first.
 */
export class History {
  static readonly schema = `CREATE TABLE IF NOT EXISTS history (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, undos ANY NOT NULL) STRICT`;

  readonly #database: Database;
  readonly #add: StatementSync;
  readonly #ends: StatementSync;
  readonly #timeFrom: StatementSync;
  readonly #backTo: StatementSync;
  readonly #prune: StatementSync;
  readonly #endGap: StatementSync;
  #gathered = "";

  constructor(database: Database) {
    this.#database = database;
    const { sqlite } = database;
    this.#add = sqlite.prepare("INSERT INTO history (time, undos) VALUES (?, ?)");
    this.#ends = sqlite.prepare("SELECT min(seq) AS first, max(seq) AS last FROM history");
    this.#timeFrom = sqlite.prepare("SELECT seq, time FROM history WHERE seq >= ? ORDER BY seq LIMIT 1");
    this.#backTo = sqlite.prepare("SELECT time, undos FROM history ORDER BY seq DESC");
    this.#endGap = sqlite.prepare(
      "UPDATE history SET time = ? WHERE seq = (SELECT max(seq) FROM history) AND undos = ''",
    );
    this.#prune = sqlite.prepare("DELETE FROM history WHERE seq < ?");
  }

  /** Remembers a change of the batch that is being written. */
  remember(time: number, actor: number, key: string, before: Stored | undefined, after: Stored | undefined): void {
    this.#gathered += written(actor, key, before, after);
    if (this.#gathered.length > rowLength) this.store(time);
  }

  /** Writes what was remembered, in the batch's own transaction. */
  store(time: number): void {
    if (this.#gathered === "") return;
    const undos = this.#gathered;
    this.#gathered = "";
    this.#add.run(time, undos.length < compressedFrom ? undos : zstdCompressSync(undos, compression));
  }

  /** The batch was not written after all. */
  forget(): void {
    this.#gathered = "";
  }

  /** The values that an actor's changed keys had at `time`; undefined where there was none. */
  before(actor: number, time: number, now: (key: string) => Stored | undefined): Map<string, Stored | undefined> {
    return this.#database.read(() => {
      const values = new Map<string, Stored | undefined>();
      for (const row of this.#backTo.iterate() as Iterable<{ time: number; undos: string | Uint8Array }>) {
        // From the newest on, and not by halving: a clock that was put back leaves times that fall.
        if (row.time <= time) break;
        if (row.undos === "") throw new RefusedError("not-found", "No history was kept at that moment.");
        const undos = typeof row.undos === "string" ? row.undos : zstdDecompressSync(row.undos).toString();
        // Nearly every row that does not have the actor is passed over without being taken apart.
        if (!undos.includes(`${actor},`)) continue;
        for (const undo of [...read(undos)].reverse()) {
          const { key } = undo;
          if (undo.actor === actor) values.set(key, undone(undo, values.has(key) ? values.get(key) : now(key)));
        }
      }
      return values;
    });
  }

  /** What is written from now on is not remembered, and so nothing before can be told: an empty row stands for that. */
  leaveGap(now: number): void {
    this.#database.write(() => {
      this.#prune.run(Number.MAX_SAFE_INTEGER);
      this.#add.run(now, "");
    });
  }

  /** Remembering begins; a gap before it ends here. */
  begin(now: number): void {
    this.#database.write(() => this.#endGap.run(now));
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

  /** The first row later than `time`, by halving, since rows are nearly in order of time but have no index on it. */
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
