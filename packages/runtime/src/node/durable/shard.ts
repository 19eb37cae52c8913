import type { StatementSync } from "node:sqlite";
import { type Alarm, Batch, type Changes, type Range, type Source } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import type { Stored } from "./codec.ts";
import { Database } from "./database.ts";
import { History } from "./history.ts";

/**
 * One file that many actors share, and their group commit.
 *
 * kv       what actors stored: one row per key.
 * alarms   one row per actor with an alarm.
 * history  what each row was before each change, oldest first; null where there was none. Restores go back along it.
 *
 * Writer: everything staged in one turn of the event loop is written in one transaction, then flushed once. While a flush
 * runs, the next batch gathers. A batch that fails is tried again actor by actor, so that one bad page or value takes
 * down only its owner.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS actors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS kv (
    actor INTEGER NOT NULL, key TEXT NOT NULL, value ANY NOT NULL, PRIMARY KEY (actor, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS alarms (
    actor INTEGER PRIMARY KEY, at INTEGER NOT NULL, failures INTEGER NOT NULL, due INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS alarms_by_due ON alarms (due);
  CREATE TABLE IF NOT EXISTS history (
    seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor INTEGER NOT NULL, key TEXT NOT NULL, value ANY
  ) STRICT`;

/** The history's key for the alarm; handlers cannot store under it. */
export const alarmKey = "__satsuma:alarm";

interface Staged {
  readonly seat: Seat;
  readonly source: Source<Stored>;
  readonly batch: Batch;
}

/** An actor's place in a shard: its id is given with its first write. */
export interface Seat {
  readonly name: string;
  id: number | undefined;
}

export class Shard {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #keepsHistory: boolean;
  readonly #onAlarms: () => void;
  readonly #sql: ReturnType<typeof prepare>;
  readonly history: History;
  #staged: Staged[] = [];
  #isScheduled = false;
  #isFlushing = false;
  #failure: RefusedError | undefined;
  #lastTime = 0;
  #flushed: (() => void)[] = [];

  constructor(path: string, now: () => number, keepsHistory: boolean, onAlarms: () => void) {
    this.#database = new Database(path, schema);
    this.#now = now;
    this.#keepsHistory = keepsHistory;
    this.#onAlarms = onAlarms;
    this.#sql = this.#database.read(() => prepare(this.#database));
    this.history = new History(this.#database);
  }

  seat(name: string): Seat {
    const row = this.#database.read(() => this.#sql.actor.get(name)) as [number] | undefined;
    return { name, id: row?.[0] };
  }

  read(seat: Seat, key: string): Stored | undefined {
    if (seat.id === undefined) return undefined;
    const { id } = seat;
    const row = this.#database.read(() => this.#sql.read.get(id, key)) as [Stored] | undefined;
    return row?.[0];
  }

  *scan(seat: Seat, range: Range): Generator<readonly [string, Stored]> {
    if (seat.id === undefined) return;
    const { id } = seat;
    const { from, to, reverse } = range;
    const bound = to === undefined ? "open" : "bounded";
    const statement = this.#sql.scan[bound][reverse ? "down" : "up"];
    const rows = this.#database.read(() => (to === undefined ? statement.all(id, from) : statement.all(id, from, to)));
    yield* rows as unknown as [string, Stored][];
  }

  alarm(seat: Seat): Alarm | undefined {
    if (seat.id === undefined) return undefined;
    const { id } = seat;
    const row = this.#database.read(() => this.#sql.alarm.get(id)) as [number, number, number] | undefined;
    return row === undefined ? undefined : { at: row[0], failures: row[1], due: row[2] };
  }

  nextAlarm(now: number): number | undefined {
    const row = this.#database.read(() => this.#sql.next.get(now)) as [number | null] | undefined;
    return row?.[0] ?? undefined;
  }

  dueAlarms(now: number, limit: number): { name: string; due: number }[] {
    const rows = this.#database.read(() => this.#sql.due.all(now, limit)) as unknown as [string, number][];
    return rows.map(([name, due]) => ({ name, due }));
  }

  stage(seat: Seat, source: Source<Stored>): Batch {
    const batch = new Batch();
    this.#staged.push({ seat, source, batch });
    this.#schedule();
    return batch;
  }

  /** Resolves when nothing staged is left unflushed. */
  drained(): Promise<void> {
    if (this.#staged.length === 0 && !this.#isFlushing) return Promise.resolve();
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  /** Refuses every batch from now on. */
  fail(error: RefusedError): void {
    this.#failure ??= error;
  }

  close(): void {
    this.#failure ??= new RefusedError("closed", "The store is closed.");
    this.#database.close();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isFlushing) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#commit();
    });
  }

  #commit(): void {
    const staged = this.#staged;
    this.#staged = [];
    let alarmsChanged = false;
    const taken = staged.map(({ seat, source, batch }) => ({ seat, batch, changes: source.take() }));
    for (const { changes } of taken) alarmsChanged ||= changes.alarm !== undefined || changes.wipe;
    const written = this.#failure === undefined ? this.#writeAll(taken) : [];
    if (this.#failure !== undefined) for (const { batch } of taken) batch.failed(this.#failure);
    this.#isFlushing = true;
    this.#database.flush((error) => {
      this.#isFlushing = false;
      // After a failed sync the kernel may have dropped the pages; nothing later in this file can be trusted.
      if (error !== undefined) this.#failure ??= error;
      for (const batch of written) {
        if (error === undefined) batch.durable();
        else batch.failed(error);
      }
      if (alarmsChanged) this.#onAlarms();
      if (this.#staged.length > 0) this.#schedule();
      else for (const resolve of this.#flushed.splice(0)) resolve();
    });
  }

  #writeAll(taken: readonly { seat: Seat; batch: Batch; changes: Changes<Stored> }[]): Batch[] {
    const time = Math.max(this.#now(), this.#lastTime);
    this.#lastTime = time;
    const fresh: Seat[] = [];
    try {
      this.#database.write(() => {
        for (const { seat, changes } of taken) this.#write(seat, changes, time, fresh);
      });
      return taken.map(({ batch }) => batch);
    } catch (error) {
      for (const seat of fresh) seat.id = undefined;
      if (taken.length === 1) {
        taken[0]?.batch.failed(error);
        return [];
      }
      return taken.flatMap((one) => this.#writeAll([one]));
    }
  }

  #write(seat: Seat, changes: Changes<Stored>, time: number, fresh: Seat[]): void {
    const sql = this.#sql;
    if (seat.id === undefined) {
      seat.id = (sql.addActor.get(seat.name) as unknown as [number])[0];
      fresh.push(seat);
    }
    const { id } = seat;
    if (changes.wipe) {
      if (this.#keepsHistory) sql.rememberAll.run(time, id);
      sql.removeAll.run(id);
    }
    for (const [key, stored] of changes.entries) {
      if (this.#keepsHistory) sql.remember.run(time, id, key);
      if (stored === undefined) sql.remove.run(id, key);
      else sql.write.run(id, key, stored);
    }
    if (changes.alarm === undefined) return;
    if (this.#keepsHistory) sql.rememberAlarm.run(time, id, alarmKey);
    if (changes.alarm === null) sql.removeAlarm.run(id);
    else sql.setAlarm.run(id, changes.alarm.at, changes.alarm.failures, changes.alarm.due);
  }
}

function prepare({ sqlite }: Database) {
  const rows = (query: string): StatementSync => {
    const statement = sqlite.prepare(query);
    statement.setReturnArrays(true);
    return statement;
  };
  const listed = "SELECT key, value FROM kv WHERE actor = ? AND key >= ?";
  return {
    actor: rows("SELECT id FROM actors WHERE name = ?"),
    addActor: rows("INSERT INTO actors (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id"),
    read: rows("SELECT value FROM kv WHERE actor = ? AND key = ?"),
    scan: {
      open: { up: rows(`${listed} ORDER BY key`), down: rows(`${listed} ORDER BY key DESC`) },
      bounded: {
        up: rows(`${listed} AND key < ? ORDER BY key`),
        down: rows(`${listed} AND key < ? ORDER BY key DESC`),
      },
    },
    write: sqlite.prepare("INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"),
    remove: sqlite.prepare("DELETE FROM kv WHERE actor = ? AND key = ?"),
    removeAll: sqlite.prepare("DELETE FROM kv WHERE actor = ?"),
    remember: sqlite.prepare(
      `INSERT INTO history (time, actor, key, value)
       VALUES (?1, ?2, ?3, (SELECT value FROM kv WHERE actor = ?2 AND key = ?3))`,
    ),
    rememberAll: sqlite.prepare(
      "INSERT INTO history (time, actor, key, value) SELECT ?1, actor, key, value FROM kv WHERE actor = ?2",
    ),
    rememberAlarm: sqlite.prepare(
      `INSERT INTO history (time, actor, key, value)
       VALUES (?1, ?2, ?3, (SELECT json_array(at, failures, due) FROM alarms WHERE actor = ?2))`,
    ),
    alarm: rows("SELECT at, failures, due FROM alarms WHERE actor = ?"),
    setAlarm: sqlite.prepare("INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?)"),
    removeAlarm: sqlite.prepare("DELETE FROM alarms WHERE actor = ?"),
    next: rows("SELECT min(due) FROM alarms WHERE due > ?"),
    due: rows("SELECT name, due FROM alarms JOIN actors ON id = actor WHERE due <= ? ORDER BY due LIMIT ?"),
  };
}
