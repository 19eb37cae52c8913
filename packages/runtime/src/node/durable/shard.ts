import type { StatementSync } from "node:sqlite";
import { type Alarm, Batch, type Changes, type Range, type Source } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import type { Stored } from "./codec.ts";
import { Database } from "./database.ts";
import { History } from "./history.ts";
import { Seat } from "./seat.ts";

/**
 * One file that many actors share, and their group commit.
 *
 * kv       what actors stored: one row per key.
 * alarms   one row per actor with an alarm.
 * history  how to undo each batch (history.ts).
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
  ${History.schema}`;

/** The history's key for the alarm; handlers cannot store under it. */
export const alarmKey = "__satsuma:alarm";

/** Of a batch with more actors than that, some have their next inputs waiting while it is made durable. */
const fewActors = 16;

interface Staged {
  readonly seat: Seat;
  readonly source: Source<Stored>;
  readonly batch: Batch;
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
  #flushed: (() => void)[] = [];

  constructor(path: string, now: () => number, keepsHistory: boolean, onAlarms: () => void) {
    this.#database = new Database(path, schema);
    this.#now = now;
    this.#keepsHistory = keepsHistory;
    this.#onAlarms = onAlarms;
    this.#sql = this.#database.read(() => prepare(this.#database));
    this.history = new History(this.#database);
    if (keepsHistory) this.history.begin(now());
    else this.history.leaveGap(now());
  }

  seat(name: string): Seat {
    const row = this.#database.read(() => this.#sql.actor.get(name)) as [number] | undefined;
    return new Seat(name, row?.[0]);
  }

  read(seat: Seat, key: string): Stored | undefined {
    const known = seat.get(key);
    if (known !== undefined) return known ?? undefined;
    const { id } = seat;
    if (id === undefined) return undefined;
    const row = this.#database.read(() => this.#sql.read.get(id, key)) as [Stored] | undefined;
    seat.set(key, row?.[0]);
    return row?.[0];
  }

  /** An actor's changed rows as they were, its alarm under `alarmKey`. */
  before(seat: Seat, time: number): Map<string, Stored | undefined> {
    const { id } = seat;
    if (id === undefined) return new Map();
    const now = (key: string) => (key === alarmKey ? textOf(this.alarm(seat)) : this.read(seat, key));
    return this.history.before(id, time, now);
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

  get hasKeys(): boolean {
    return this.#database.read(() => this.#sql.any.get()) !== undefined;
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
    this.#database.flush(taken.length > fewActors, (error) => {
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
    const time = this.#now();
    const fresh: Seat[] = [];
    try {
      this.#database.write(() => {
        for (const { seat, changes } of taken) this.#write(seat, changes, time, fresh);
        this.history.store(time);
      });
      return taken.map(({ batch }) => batch);
    } catch (error) {
      this.history.forget();
      for (const { seat } of taken) seat.forget();
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
    if (changes.wipe) this.#wipe(seat, id, time);
    for (const [key, stored] of changes.entries) {
      if (this.#keepsHistory) this.history.remember(time, id, key, this.read(seat, key), stored);
      if (stored === undefined) sql.remove.run(id, key);
      // A write gives no row; unlike run(), get() then builds no answer either, which is a tenth of its cost.
      else sql.write.get(id, key, stored);
      seat.set(key, stored);
    }
    if (changes.alarm === undefined) return;
    if (this.#keepsHistory) this.history.remember(time, id, alarmKey, textOf(this.alarm(seat)), undefined);
    if (changes.alarm === null) sql.removeAlarm.run(id);
    else sql.setAlarm.run(id, changes.alarm.at, changes.alarm.failures, changes.alarm.due);
  }

  #wipe(seat: Seat, id: number, time: number): void {
    if (this.#keepsHistory) {
      for (const [key, stored] of this.scan(seat, everything)) this.history.remember(time, id, key, stored, undefined);
    }
    this.#sql.removeAll.run(id);
    seat.forget();
  }
}

export const everything: Range = { from: "", to: undefined, reverse: false, limit: Number.POSITIVE_INFINITY };

/** An alarm as the history keeps it. */
function textOf(alarm: Alarm | undefined): string | undefined {
  return alarm === undefined ? undefined : JSON.stringify([alarm.at, alarm.failures, alarm.due]);
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
    any: sqlite.prepare("SELECT 1 FROM kv LIMIT 1"),
    write: sqlite.prepare("INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"),
    remove: sqlite.prepare("DELETE FROM kv WHERE actor = ? AND key = ?"),
    removeAll: sqlite.prepare("DELETE FROM kv WHERE actor = ?"),
    alarm: rows("SELECT at, failures, due FROM alarms WHERE actor = ?"),
    setAlarm: sqlite.prepare("INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?)"),
    removeAlarm: sqlite.prepare("DELETE FROM alarms WHERE actor = ?"),
    next: rows("SELECT min(due) FROM alarms WHERE due > ?"),
    due: rows("SELECT name, due FROM alarms JOIN actors ON id = actor WHERE due <= ? ORDER BY due LIMIT ?"),
  };
}
