import type { DurableObjectState, SqlStorage } from "@cloudflare/workers-types";
import {
  type Alarm,
  alarmAt,
  Batch,
  type Changes,
  copy,
  measure,
  type Range,
  type Rows,
  type Source,
  type Sql,
} from "@satsuma/durable";
import { sqlOver } from "./sql.ts";

/** A value on its way to the object's storage, or fresh from it. */
interface Stored {
  readonly value: unknown;
  readonly isFresh: boolean;
}

/**
 * What the object is called, beside the rows. workerd 2026-07-30 wakes an object for an alarm without its name when it has
 * been put out of memory meanwhile (workerd issue 6850); to be removed when all runtimes remember it.
 */
const nameKey = "\u0000name";

export function nameOf({ id, storage }: DurableObjectState): string {
  return id.name ?? storage.kv.get<string>(nameKey) ?? id.toString();
}

/**
 * An actor's rows in the storage of its Durable Object, backed by SQLite.
 *
 * Changes are stored the moment they are made: coalescing, the output gate and durability are the object's own, so a
 * batch here counts as durable at once.
 */
export function rowsOf(state: DurableObjectState): Rows<Stored> {
  const { storage } = state;
  const durable = new Batch();
  durable.durable();
  return {
    encode: (value) => ({ value: copy(value), isFresh: false }),
    decode: ({ value, isFresh }) => (isFresh ? value : copy(value)),
    size: ({ value }) => measure(value),
    read(key) {
      const value = storage.kv.get(key);
      return value === undefined ? undefined : { value, isFresh: true };
    },
    scan: (range) => scan(state, range),
    async alarm(): Promise<Alarm | undefined> {
      const at = await storage.getAlarm();
      return at === null ? undefined : alarmAt(at);
    },
    stage(source: Source<Stored>) {
      apply(state, source.take());
      return durable;
    },
    sync: () => storage.sync(),
    bracket: (run) => storage.transaction((transaction) => run(() => transaction.rollback())),
    dropTables: () => dropTables(storage.sql),
    sql: (): Sql => sqlOver(storage.sql),
    release: () => undefined,
  };
}

function* scan({ storage }: DurableObjectState, { from, to, reverse }: Range): Generator<readonly [string, Stored]> {
  for (const [key, value] of storage.kv.list({ start: from, ...(to === undefined ? {} : { end: to }), reverse })) {
    if (key !== nameKey) yield [key, { value, isFresh: true }];
  }
}

function apply({ storage, id }: DurableObjectState, { wipe, entries, alarm }: Changes<Stored>): void {
  if (wipe) for (const [key] of [...storage.kv.list()]) storage.kv.delete(key);
  for (const [key, stored] of entries) {
    if (stored === undefined) storage.kv.delete(key);
    else storage.kv.put(key, stored.value);
  }
  // Neither promise says more than the gate does: a write that fails resets the object.
  if (alarm === null) void storage.deleteAlarm();
  else if (alarm !== undefined) {
    if (id.name !== undefined && storage.kv.get(nameKey) === undefined) storage.kv.put(nameKey, id.name);
    void storage.setAlarm(alarm.at);
  }
}

function dropTables(sql: SqlStorage): void {
  const made = sql.exec("SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view')").toArray();
  sql.exec("PRAGMA defer_foreign_keys = ON");
  for (const { type, name } of made) {
    const table = String(name);
    if (!/^(_cf_|sqlite_)/.test(table)) sql.exec(`DROP ${type} IF EXISTS "${table.replaceAll('"', '""')}"`);
  }
}
