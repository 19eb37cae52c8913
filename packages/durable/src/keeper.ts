import { RefusedError } from "@satsuma/protocol";
import { type Alarm, alarmAt, retried } from "./alarm.ts";
import { Changeset } from "./changeset.ts";
import type { Gate } from "./gate.ts";
import { checkKey, compareKeys, reserved, utf8Bytes } from "./key.ts";
import { limits } from "./limits.ts";
import { changesIn, inRange, laidOver, type Range, rangeOf } from "./range.ts";
import type { Changes, Rows, Source } from "./rows.ts";
import type { ListOptions, Sql, Storage, Transaction } from "./storage.ts";
import { TransactionView } from "./transaction.ts";

const done = Promise.resolve();

/**
 * An actor's storage over its runtime's rows: checks, transactions, and the changes that wait for the next batch.
 *
 * It lives as long as one waking of the actor and refuses everything after `close`. It knows nothing of durability but
 * the batch that `Rows.stage` names, which it hands to the gate.
 */
export class Keeper<S = unknown> implements Storage, Source<S> {
  readonly #rows: Rows<S>;
  readonly #gate: Gate;
  readonly #usesSql: boolean;
  #pending = new Changeset<S>();
  /** What was taken last; its maps are used again for the batch after the next. */
  #spare = new Changeset<S>();
  #open: Changeset<S> | undefined;
  #staged = false;
  #closed = false;
  #turn: Promise<unknown> = done;
  /** Ends the transaction under way, which may wait for something that never comes. */
  #cut: (error: unknown) => void = () => undefined;
  #ringing: Alarm | undefined;
  #sql: Sql | undefined;
  /** Brings an emptied actor to its newest schema; set by whoever starts it. */
  migrate: (transaction: Transaction) => Promise<void> = () => done;

  constructor(rows: Rows<S>, gate: Gate, usesSql: boolean) {
    this.#rows = rows;
    this.#gate = gate;
    this.#usesSql = usesSql;
  }

  get<T>(key: string): Promise<T | undefined>;
  get<T>(keys: readonly string[]): Promise<Map<string, T>>;
  get(asked: string | readonly string[]): Promise<unknown> {
    return this.#answer(() => {
      if (typeof asked === "string") return this.#valueOf(checked(asked));
      const keys = asked.map(checked).sort(compareKeys);
      const found = keys.map((key) => [key, this.#valueOf(key)] as const);
      return new Map(found.filter(([, value]) => value !== undefined));
    });
  }

  put(key: string, value: unknown): Promise<void>;
  put(entries: Readonly<Record<string, unknown>>): Promise<void>;
  put(given: string | Readonly<Record<string, unknown>>, value?: unknown): Promise<void> {
    try {
      this.#check();
      if (typeof given === "string") this.#change(given, this.#encoded(given, value));
      else {
        // All are checked before any is written, so that a bad one stores none.
        const entries = Object.entries(given).map(([key, each]) => [key, this.#encoded(key, each)] as const);
        for (const [key, stored] of entries) this.#change(key, stored);
      }
      return done;
    } catch (error) {
      return refused(error);
    }
  }

  delete(key: string): Promise<boolean>;
  delete(keys: readonly string[]): Promise<number>;
  delete(asked: string | readonly string[]): Promise<boolean | number> {
    return this.#answer(() => {
      if (typeof asked === "string") return this.#remove(checked(asked));
      return asked.map(checked).filter((key) => this.#remove(key)).length;
    });
  }

  list<T>(options?: ListOptions): Promise<Map<string, T>> {
    return this.#answer(() => {
      const range = rangeOf(options);
      const found = new Map<string, T>();
      for (const [key, stored] of this.#scan(range)) {
        if (key.startsWith(reserved)) continue;
        found.set(key, this.#rows.decode(stored) as T);
        if (found.size >= range.limit) break;
      }
      return found;
    });
  }

  transaction<T>(run: (transaction: Transaction) => Promise<T> | T): Promise<T> {
    const result = this.#turn.then(() => {
      this.#check();
      const rows = this.#rows;
      return rows.bracket === undefined
        ? this.#transact(run, () => undefined)
        : rows.bracket((rollback) => this.#transact(run, rollback));
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async deleteAll(): Promise<void> {
    await this.transaction((transaction) => {
      this.#open?.empty();
      this.#ringing = undefined;
      this.#rows.dropTables?.();
      return this.migrate(transaction);
    });
  }

  async getAlarm(): Promise<number | null> {
    this.#check();
    if (this.#ringing !== undefined) return null;
    const set = this.#open?.alarm === undefined ? this.#pending.alarm : this.#open.alarm;
    return (set === undefined ? await this.#rows.alarm() : set)?.at ?? null;
  }

  setAlarm(at: number | Date): Promise<void> {
    return this.#answer(() => {
      const time = typeof at === "number" ? at : at.getTime();
      if (!(time > 0 && Number.isFinite(time))) {
        throw new RefusedError("bad-argument", "An alarm needs a time after 0, in milliseconds since the epoch.");
      }
      this.#setAlarm(alarmAt(Math.ceil(time)));
    });
  }

  deleteAlarm(): Promise<void> {
    return this.#answer(() => this.#setAlarm(null));
  }

  sync(): Promise<void> {
    if (this.#rows.sync !== undefined) return this.#rows.sync();
    return new Promise((resolve, reject) => {
      this.#gate.pass({ settled: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  }

  get sql(): Sql {
    this.#check();
    if (!this.#usesSql) {
      throw new RefusedError("not-supported", "SQL is for classes that declare it: static sql = true.");
    }
    this.#sql ??= this.#rows.sql?.((batch) => this.#gate.wrote(batch));
    if (this.#sql === undefined) throw new RefusedError("not-supported", "This runtime has no SQL.");
    return this.#sql;
  }

  get alarm(): Alarm | null | undefined {
    return this.#pending.alarm;
  }

  take(): Changes<S> {
    const taken = this.#pending;
    this.#pending = this.#spare;
    this.#pending.clear();
    this.#spare = taken;
    this.#staged = false;
    return taken;
  }

  /** The alarm whose handler should run now, or undefined when it was moved or deleted meanwhile. */
  async ring(now: number): Promise<Alarm | undefined> {
    const alarm = this.#pending.alarm === undefined ? await this.#rows.alarm() : (this.#pending.alarm ?? undefined);
    if (alarm === undefined || alarm.due > now) return undefined;
    this.#ringing = alarm;
    return alarm;
  }

  /** The handler returned or threw: the alarm goes or is tried again, unless the handler set another. */
  rang(failed: boolean, now: number): void {
    const alarm = this.#ringing;
    this.#ringing = undefined;
    if (alarm !== undefined && !this.#closed) this.#setAlarm(failed ? (retried(alarm, now) ?? null) : null);
  }

  /** Refuses everything from now on and rolls back an open transaction. Resolves when what was written is stored. */
  close(): Promise<void> {
    this.#closed = true;
    this.#open = undefined;
    this.#cut(new RefusedError("closed", "This actor's storage is closed."));
    this.#rows.release();
    return this.#turn.then(() => this.sync());
  }

  /** Reads and writes bookkeeping, which handlers cannot name. */
  note<T>(name: string): T | undefined {
    return this.#valueOf(reserved + name) as T | undefined;
  }

  setNote(name: string, value: unknown): void {
    this.#change(reserved + name, this.#rows.encode(value));
  }

  async #transact<T>(run: (transaction: Transaction) => Promise<T> | T, rollback: () => void): Promise<T> {
    const mine = new Changeset<S>();
    const ringing = this.#ringing;
    this.#open = mine;
    this.#gate.hold();
    const undo = () => {
      mine.clear();
      this.#ringing = ringing;
      rollback();
    };
    const view = new TransactionView(this, undo);
    const cut = new Promise<never>((_, reject) => {
      this.#cut = reject;
    });
    try {
      const result = await Promise.race([run(view), cut]);
      this.#check();
      this.#merge(mine);
      return result;
    } catch (error) {
      this.#ringing = ringing;
      throw error;
    } finally {
      view.end();
      if (this.#open === mine) this.#open = undefined;
      this.#gate.unhold();
    }
  }

  #merge(changes: Changeset<S>): void {
    if (changes.isEmpty) return;
    this.#open = undefined;
    this.#pending.add(changes);
    this.#stage();
  }

  #answer<T>(work: () => T): Promise<T> {
    try {
      this.#check();
      const value = work();
      return value === undefined ? (done as Promise<T>) : Promise.resolve(value);
    } catch (error) {
      return refused(error);
    }
  }

  #check(): void {
    if (this.#closed) throw new RefusedError("closed", "This actor's storage is closed.");
  }

  #encoded(key: string, value: unknown): S {
    checkKey(key);
    if (value === undefined) throw new RefusedError("bad-argument", "A value must not be undefined; delete the key.");
    const stored = this.#rows.encode(value);
    const bytes = this.#rows.size(stored);
    if (bytes + key.length * 3 > limits.entryBytes && bytes + utf8Bytes(key) > limits.entryBytes) {
      throw new RefusedError("too-large", `A key and its value may have ${limits.entryBytes} bytes together.`);
    }
    return stored;
  }

  #change(key: string, stored: S | undefined): void {
    if (this.#open !== undefined) this.#open.set(key, stored);
    else {
      this.#pending.set(key, stored);
      this.#stage();
    }
  }

  #remove(key: string): boolean {
    const existed = this.#stored(key) !== undefined;
    if (existed) this.#change(key, undefined);
    return existed;
  }

  #setAlarm(alarm: Alarm | null): void {
    this.#ringing = undefined;
    if (this.#open !== undefined) this.#open.alarm = alarm;
    else {
      this.#pending.alarm = alarm;
      this.#stage();
    }
  }

  #stage(): void {
    if (this.#staged) return;
    this.#staged = true;
    this.#gate.wrote(this.#rows.stage(this));
  }

  #valueOf(key: string): unknown {
    const stored = this.#stored(key);
    return stored === undefined ? undefined : this.#rows.decode(stored);
  }

  #stored(key: string): S | undefined {
    if (this.#open?.has(key)) return this.#open.get(key);
    if (this.#open?.wipe) return undefined;
    if (this.#pending.has(key)) return this.#pending.get(key);
    return this.#pending.wipe ? undefined : this.#rows.read(key);
  }

  #scan(range: Range): Iterable<readonly [string, S]> {
    const changes = new Map<string, S | undefined>();
    let base: Iterable<readonly [string, S]> = [];
    if (!this.#open?.wipe) {
      for (const [key, stored] of this.#pending.entries) if (inRange(key, range)) changes.set(key, stored);
      if (!this.#pending.wipe) base = this.#rows.scan(range);
    }
    for (const [key, stored] of this.#open?.entries ?? []) changes.set(key, stored);
    return changes.size === 0 ? base : laidOver(base, changesIn(changes, range), range.reverse);
  }
}

/** A handler that does not await a refused call must not end the process and with it every other actor. */
function refused(error: unknown): Promise<never> {
  const rejected = Promise.reject(error);
  rejected.catch(() => undefined);
  return rejected;
}

function checked(key: unknown): string {
  checkKey(key);
  return key;
}
