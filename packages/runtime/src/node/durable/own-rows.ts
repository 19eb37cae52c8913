import type { StatementSync } from "node:sqlite";
import { type Alarm, Batch, type Range, type Rows, type Source, type Sql } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { decode, encode, type Stored, size } from "./codec.ts";
import { Database } from "./database.ts";
import type { Log } from "./log.ts";
import { ownTables, sqlOver } from "./sql.ts";

export const ownTable = `${ownTables}kv`;
/** The time of the last commit stands in the file, so that its history can be read off its log. */
export const clockTable = `${ownTables}clock`;

export const ownSchema = `
  CREATE TABLE ${ownTable} (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ${clockTable} (time INTEGER NOT NULL) STRICT;
  INSERT INTO ${clockTable} VALUES (0)`;

/** One actor's file, open while the actor is awake: its keys, its tables, and their common batches. */
export class OwnRows implements Rows<Stored> {
  readonly #database: Database;
  readonly #alarms: Rows<Stored>;
  readonly #now: () => number;
  readonly #log: Log | undefined;
  readonly #statements: ReturnType<typeof prepare>;
  /** The batch that is gathering: keys of `source`, and whatever SQL has written since the last one. */
  #batch: Batch | undefined;
  #source: Source<Stored> | undefined;
  #isScheduled = false;
  #isFlushing = false;
  #isBracketed = false;
  #isReleased = false;
  #isClosed = false;
  /** Whether an SQLite transaction was begun for the gathering batch. */
  #usedSql = false;
  #before = "";
  #afterBracket: (() => void) | undefined;

  readonly encode = encode;
  readonly decode = decode;
  readonly size = size;

  constructor(path: string, alarms: Rows<Stored>, now: () => number, log: Log | undefined) {
    this.#database = new Database(path, ownSchema);
    this.#alarms = alarms;
    this.#now = now;
    this.#log = log;
    this.#statements = this.#database.read(() => prepare(this.#database));
    if (log === undefined) return;
    this.#database.read(() => {
      this.#database.sqlite.exec("PRAGMA wal_autocheckpoint = 0");
      log.begin(this.#database, now());
    });
  }

  read(key: string): Stored | undefined {
    const row = this.#database.read(() => this.#statements.read.get(key)) as [Stored] | undefined;
    return row?.[0];
  }

  scan({ from, to, reverse }: Range): Iterable<readonly [string, Stored]> {
    const statement = reverse ? this.#statements.down : this.#statements.up;
    return this.#database.read(() => statement.all(from, to ?? null)) as unknown as [string, Stored][];
  }

  alarm() {
    return this.#alarms.alarm();
  }

  stage(source: Source<Stored>): Batch {
    this.#source = source;
    return this.#gathering();
  }

  sql = (wrote: (batch: Batch) => void): Sql =>
    sqlOver(this.#database, () => {
      this.#begin();
      wrote(this.#gathering());
    });

  async bracket<T>(run: (rollback: () => void) => Promise<T>): Promise<T> {
    const { sqlite } = this.#database;
    const rollback = () => sqlite.exec("ROLLBACK TO handler");
    this.#begin();
    sqlite.exec("SAVEPOINT handler");
    this.#isBracketed = true;
    try {
      return await run(rollback);
    } catch (error) {
      if (sqlite.isTransaction) rollback();
      throw error;
    } finally {
      if (sqlite.isTransaction) sqlite.exec("RELEASE handler");
      this.#isBracketed = false;
      const after = this.#afterBracket;
      this.#afterBracket = undefined;
      if (after === undefined) this.#gathering();
      else after();
      // The next waking opens the file at once and must not find it locked.
      if (this.#isReleased && !this.#isFlushing) this.#commit();
    }
  }

  dropTables(): void {
    const { sqlite } = this.#database;
    const made = sqlite
      .prepare("SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE ? ESCAPE '\\'")
      .all(`${ownTables.replaceAll("_", "\\_")}%`) as { type: string; name: string }[];
    sqlite.exec("PRAGMA defer_foreign_keys = ON");
    for (const { type, name } of made) {
      if (!name.startsWith("sqlite_")) sqlite.exec(`DROP ${type} IF EXISTS "${name.replaceAll('"', '""')}"`);
    }
  }

  release(): void {
    this.#isReleased = true;
    if (this.#batch === undefined && !this.#isFlushing && !this.#isBracketed) this.#close();
  }

  #gathering(): Batch {
    this.#batch ??= new Batch();
    if (!this.#isScheduled && !this.#isFlushing) this.#schedule();
    return this.#batch;
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      // A handler's transaction is one batch, however long it takes; its end schedules again.
      if (!this.#isBracketed && !this.#isFlushing) this.#commit();
    });
  }

  #commit(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#isFlushing = true;
    this.#alarmFirst(batch, undefined);
  }

  /** Makes the alarm durable that the batch sets, as often as it is set anew meanwhile, and then the rest. */
  #alarmFirst(batch: Batch, durable: Alarm | undefined): void {
    const wanted = this.#source?.alarm ?? undefined;
    if (wanted === durable) {
      if (this.#isBracketed) this.#afterBracket = () => this.#alarmFirst(batch, durable);
      else this.#commitRows(batch);
    } else if (wanted === undefined) this.#alarmFirst(batch, wanted);
    else {
      this.#alarms.stage(alarmOnly(wanted)).tell({
        settled: (error) => (error === undefined ? this.#alarmFirst(batch, wanted) : this.#settle(batch, error)),
      });
    }
  }

  #commitRows(batch: Batch): void {
    const changes = this.#source?.take();
    const isAlarmGone = changes?.alarm === null;
    this.#batch = undefined;
    this.#source = undefined;
    // SQLite ends a transaction by itself when the disk is full; what SQL wrote in it is lost.
    const isLost = this.#usedSql && !this.#database.sqlite.isTransaction;
    this.#usedSql = false;
    if (isLost) {
      this.#settle(batch, new RefusedError("storage-full", "What the actor wrote by SQL could not be stored."));
      return;
    }
    if (changes === undefined && this.#stamp() === this.#before) {
      this.#database.rollback();
      this.#settle(batch, undefined);
      return;
    }
    try {
      this.#database.write(() => this.#write(changes?.wipe ?? false, changes?.entries ?? new Map()));
    } catch (error) {
      this.#settle(batch, error);
      return;
    }
    this.#database.flush(false, (error) => {
      if (error !== undefined || !isAlarmGone) this.#settle(batch, error);
      else this.#alarms.stage(alarmOnly(null)).tell({ settled: (lost) => this.#settle(batch, lost) });
    });
  }

  #begin(): void {
    if (this.#usedSql) return;
    this.#database.begin();
    this.#usedSql = true;
    this.#before = this.#stamp();
  }

  /** Differs after whatever SQL has changed, tables included. */
  #stamp(): string {
    const { changed, tables } = this.#statements;
    return this.#database.read(() => `${changed.get()} ${tables.get()}`);
  }

  #write(wipe: boolean, entries: ReadonlyMap<string, Stored | undefined>): void {
    const { write, remove, removeAll, setClock } = this.#statements;
    setClock.run(this.#now());
    if (wipe) removeAll.run();
    for (const [key, stored] of entries) {
      if (stored === undefined) remove.run(key);
      else write.run(key, stored);
    }
  }

  #settle(batch: Batch, error: unknown): void {
    this.#isFlushing = false;
    if (error === undefined) {
      batch.durable();
      if (!this.#isBracketed) this.#seal(false);
    } else {
      this.#database.rollback();
      batch.failed(error);
    }
    if (this.#batch !== undefined) this.#schedule();
    else if (this.#isReleased) this.#close();
  }

  /** History is worth less than service: a log that cannot be set aside stays where it is. */
  #seal(isLast: boolean): void {
    try {
      if (!this.#database.sqlite.isTransaction) this.#log?.seal(this.#database, this.#now(), isLast);
    } catch {
      // The next batch tries again; a full disk is reported by the batch that it stops.
    }
  }

  /** Comes twice when a batch that fails ends its actor. */
  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#database.rollback();
    this.#seal(true);
    this.#database.close();
  }
}

function alarmOnly(alarm: { at: number; failures: number; due: number } | null): Source<Stored> {
  return { alarm, take: () => ({ entries: new Map(), alarm, wipe: false }) };
}

function prepare({ sqlite }: Database) {
  const rows = (query: string): StatementSync => {
    const statement = sqlite.prepare(query);
    statement.setReturnArrays(true);
    return statement;
  };
  const listed = `SELECT key, value FROM ${ownTable} WHERE key >= ?1 AND (?2 IS NULL OR key < ?2) ORDER BY key`;
  return {
    read: rows(`SELECT value FROM ${ownTable} WHERE key = ?`),
    changed: rows("SELECT total_changes()"),
    tables: rows("PRAGMA schema_version"),
    up: rows(listed),
    down: rows(`${listed} DESC`),
    write: sqlite.prepare(`INSERT INTO ${ownTable} VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`),
    remove: sqlite.prepare(`DELETE FROM ${ownTable} WHERE key = ?`),
    removeAll: sqlite.prepare(`DELETE FROM ${ownTable}`),
    setClock: sqlite.prepare(`UPDATE ${clockTable} SET time = max(time, ?)`),
  };
}
