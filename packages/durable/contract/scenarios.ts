import type { Json, ListOptions, Storage } from "@satsuma/durable";
import { lineage } from "./lineage.ts";

/**
 * Programs over a storage whose outcome is JSON.
 *
 * They run in our actors on every runtime and in a plain Durable Object on workerd: a scenario that both run must come
 * out the same, which is how workerd answers questions of meaning.
 */
export type Scenario = (storage: Storage, given: Json) => Promise<unknown>;

export const scenarios = {
  lineage,

  async values(storage) {
    const shared = { n: 1 };
    const given = {
      date: new Date(12345),
      map: new Map<unknown, unknown>([
        ["a", 1],
        [{ k: 1 }, [1, 2]],
      ]),
      set: new Set([1, "x"]),
      bytes: new Uint8Array([1, 2, 255]),
      floats: new Float64Array([1.5, -0]),
      bigint: 2n ** 80n,
      nested: { a: [1, { b: null }], u: undefined },
      nan: Number.NaN,
      minusZero: -0,
      infinite: Number.NEGATIVE_INFINITY,
      text: "ä🌍\u0000",
      sparse: Object.assign(new Array(3), { 0: 1, 2: 3 }),
      twice: [shared, shared],
      regexp: /a+b/gi,
      nothing: null,
      no: false,
      error: new RangeError("far"),
    };
    for (const [key, value] of Object.entries(given)) await storage.put(key, value);
    const read = [...(await storage.list())].map(([key, value]) => [key, shown(value)]);
    const twice = await storage.get<{ n: number }[]>("twice");
    return { read, isShared: twice !== undefined && twice[0] === twice[1] };
  },

  async clones(storage) {
    const given = { list: [1], date: new Date(1) };
    const stored = storage.put("k", given);
    given.list.push(2);
    await stored;
    const first = await storage.get<typeof given>("k");
    first?.list.push(3);
    const second = await storage.get<typeof given>("k");
    return second?.list ?? null;
  },

  async order(storage) {
    const keys = ["b", "a", "aa", "", "Z", "ä", "\uffff", "🌍", "\ue000", "10", "9", "a\u0000b", "\ud7ff"];
    await storage.put(Object.fromEntries(keys.map((key) => [key, key.length])));
    return [...(await storage.list()).keys()];
  },

  async ranges(storage) {
    const keys = ["a", "b:1", "b:2", "b:3", "b:4", "b;", "c", "\u{10ffff}", "\u{10ffff}x"];
    await storage.put(Object.fromEntries(keys.map((key) => [key, 1])));
    const asked: ListOptions[] = [
      { prefix: "b:" },
      { prefix: "b:", limit: 2 },
      { prefix: "b:", reverse: true, limit: 3 },
      { start: "b:2", end: "c" },
      { start: "b:2", end: "c", reverse: true },
      { startAfter: "b:2" },
      { prefix: "b:", startAfter: "b:1", end: "b:4" },
      { prefix: "b:", start: "a", end: "z" },
      { start: "z", end: "a" },
      { prefix: "\u{10ffff}" },
      { prefix: "nothing" },
      { limit: 1, reverse: true },
    ];
    const found: string[][] = [];
    for (const options of asked) found.push([...(await storage.list(options)).keys()]);
    return found;
  },

  async many(storage) {
    const entries = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`key-${index}`, index]));
    const keys = Object.keys(entries);
    await storage.put(entries);
    const read = await storage.get<number>([...keys, "absent"]);
    const removed = await storage.delete([...keys.slice(0, 100), "absent"]);
    const left = await storage.list();
    return { read: read.size, first: [...read.keys()].slice(0, 3), removed, left: left.size };
  },

  async deleting(storage) {
    await storage.put({ a: 1, b: 2 });
    return [
      await storage.delete("a"),
      await storage.delete("a"),
      (await storage.get("a")) === undefined,
      await storage.delete(["b", "b"]),
      (await storage.list()).size,
    ];
  },

  async allOrNone(storage) {
    const outcome = await attempt(() => storage.put({ a: 1, b: () => 1, c: 3 }));
    return { outcome, stored: [...(await storage.list()).keys()] };
  },

  async rollbackByThrow(storage) {
    await storage.put({ kept: 1, changed: "before", removed: 1 });
    const outcome = await attempt(() =>
      storage.transaction(async (transaction) => {
        await transaction.put("changed", "after");
        await transaction.put("added", 1);
        await transaction.delete("removed");
        await transaction.setAlarm(Date.now() + 1_000_000);
        throw new Error("no");
      }),
    );
    return { outcome, left: entriesOf(await storage.list()), alarm: await storage.getAlarm() };
  },

  async rollbackByHand(storage) {
    await storage.put("k", "before");
    const answer = await storage.transaction(async (transaction) => {
      await transaction.put("k", "after");
      transaction.rollback();
      const late = await attempt(() => transaction.put("k", "late"));
      return { late };
    });
    return { answer, k: (await storage.get<string>("k")) ?? null };
  },

  async ownWrites(storage) {
    await storage.put({ a: 1, b: 1, d: 1 });
    const seen = await storage.transaction(async (transaction) => {
      await transaction.put({ b: 2, c: 3 });
      await transaction.delete("a");
      return {
        get: [(await transaction.get<number>("a")) ?? null, (await transaction.get<number>("b")) ?? null],
        list: entriesOf(await transaction.list()),
        reverse: entriesOf(await transaction.list({ reverse: true, limit: 2 })),
      };
    });
    return { seen, after: entriesOf(await storage.list()) };
  },

  async concurrent(storage) {
    await storage.put("n", 0);
    const add = () =>
      storage.transaction(async (transaction) => {
        const n = (await transaction.get<number>("n")) ?? 0;
        for (let turn = 0; turn < 5; turn++) await undefined;
        await transaction.put("n", n + 1);
      });
    await Promise.all([add(), add(), add(), add()]);
    return (await storage.get<number>("n")) ?? null;
  },

  async afterFailedTransaction(storage) {
    const failed = attempt(() =>
      storage.transaction(() => {
        throw new Error("no");
      }),
    );
    const next = storage.transaction(async (transaction) => {
      await transaction.put("k", 1);
      return "stored";
    });
    return [await failed, await next, (await storage.get<number>("k")) ?? null];
  },

  async deletingAll(storage) {
    await storage.put({ a: 1, b: 2 });
    await storage.setAlarm(Date.now() + 1_000_000);
    await storage.deleteAll();
    const empty = [(await storage.list()).size, await storage.getAlarm()];
    await storage.put("c", 3);
    return { empty, after: entriesOf(await storage.list()) };
  },

  async alarmTimes(storage) {
    const at = Date.now() + 5_000_000;
    await storage.setAlarm(at);
    const first = (await storage.getAlarm()) === at;
    await storage.setAlarm(new Date(at + 1));
    const moved = (await storage.getAlarm()) === at + 1;
    await storage.deleteAlarm();
    return [first, moved, await storage.getAlarm()];
  },

  async refusals(storage) {
    return [
      await attempt(() => storage.put("k", undefined)),
      await attempt(() => storage.put("k", () => 1)),
      await attempt(() => storage.put("k", { deep: [Symbol("s")] })),
      await attempt(() => storage.put("k", "x".repeat(2_300_000))),
      await attempt(() => storage.list({ limit: 0 })),
      await attempt(() => storage.list({ start: "a", startAfter: "b" })),
      await attempt(() => storage.setAlarm(-1)),
      await attempt(() => storage.get(["fine"])),
      (await storage.list()).size,
    ];
  },

  async limits(storage) {
    const longest = "k".repeat(2_048);
    return [
      await attempt(() => storage.put(longest, 1)),
      (await storage.get<number>(longest)) ?? null,
      await attempt(() => storage.put(`${longest}k`, 1)),
      await attempt(() => storage.get("ä".repeat(1_025))),
      await attempt(() => storage.put("large", "x".repeat(2_000_000))),
      (await storage.get<string>("large"))?.length ?? null,
      await attempt(() => storage.put("larger", "x".repeat(2_097_152))),
      await attempt(() => storage.put("\ud800", 1)),
      await attempt(() => storage.put("__satsuma:schema", 1)),
    ];
  },

  async coalesced(storage) {
    for (let n = 1; n <= 50; n++) void storage.put("n", n);
    void storage.delete("absent");
    return (await storage.get<number>("n")) ?? null;
  },

  async sql(storage) {
    const { sql } = storage;
    sql.exec("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, photo BLOB) STRICT");
    sql.exec("INSERT INTO people (name) VALUES (?), (?)", "Ada", "Grace");
    const written = sql.exec("INSERT INTO people (name, photo) VALUES (?, ?)", "Edsger", new Uint8Array([1, 2, 3]));
    const cursor = sql.exec("SELECT id, name FROM people ORDER BY id");
    const first = cursor.next();
    const photo = sql.exec("SELECT photo FROM people WHERE id = 3").one().photo;
    return {
      first: first.done === true ? null : first.value,
      rest: cursor.toArray(),
      raw: [...sql.exec("SELECT name, id FROM people WHERE id < 3 ORDER BY id DESC").raw()],
      columns: sql.exec("SELECT 1 AS a, 2 AS b").columnNames,
      several: sql
        .exec("UPDATE people SET name = 'Ada L.' WHERE id = 1; SELECT name FROM people WHERE id = ?", 1)
        .one(),
      iterated: [...sql.exec("SELECT count(*) AS n FROM people")],
      written: written.rowsWritten,
      photo: photo instanceof ArrayBuffer ? [...new Uint8Array(photo)] : "not bytes",
      bound: sql.exec("SELECT ? AS a, ? AS b, ? AS c, ? AS d", 1.5, null, "x", true).one(),
      function: sql.exec("SELECT json_extract('{\"a\":[1,2]}', '$.a[1]') AS v").one(),
    };
  },

  async sqlRefusals(storage) {
    const { sql } = storage;
    sql.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE)");
    const tried = async (query: string, ...bindings: (string | number)[]) =>
      attempt(async () => void sql.exec(query, ...bindings).toArray());
    return [
      await tried("SELEC 1"),
      await tried("SELECT * FROM absent"),
      await tried("INSERT INTO t VALUES (1, 'a')"),
      await tried("INSERT INTO t VALUES (2, 'a')"),
      await tried("BEGIN"),
      await tried("COMMIT"),
      await tried("SAVEPOINT s"),
      await tried("ATTACH ':memory:' AS other"),
      await attempt(async () => void sql.exec("SELECT 1 WHERE 0").one()),
      await attempt(async () => void sql.exec("SELECT 1 UNION SELECT 2").one()),
      sql.exec("SELECT id, v FROM t").toArray(),
    ];
  },

  async sqlRollback(storage) {
    const { sql } = storage;
    sql.exec("CREATE TABLE t (v INTEGER)");
    sql.exec("INSERT INTO t VALUES (1)");
    await storage.put("k", 1);
    const outcome = await attempt(() =>
      storage.transaction(async (transaction) => {
        sql.exec("INSERT INTO t VALUES (2)");
        sql.exec("CREATE TABLE u (v INTEGER)");
        await transaction.put("k", 2);
        throw new Error("no");
      }),
    );
    const kept = await storage.transaction(async (transaction) => {
      sql.exec("INSERT INTO t VALUES (3)");
      await transaction.put("k", 3);
      return "kept";
    });
    return {
      outcome,
      kept,
      rows: sql.exec("SELECT v FROM t ORDER BY v").toArray(),
      tables: sql.exec("SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('t', 'u')").toArray(),
      k: (await storage.get<number>("k")) ?? null,
    };
  },

  async sqlDeletingAll(storage) {
    const { sql } = storage;
    sql.exec("CREATE TABLE t (v INTEGER); CREATE VIEW w AS SELECT v FROM t; INSERT INTO t VALUES (1)");
    await storage.put("k", 1);
    await storage.deleteAll();
    const made = sql.exec("SELECT name FROM sqlite_schema WHERE name IN ('t', 'w')").toArray();
    return { made, keys: (await storage.list()).size };
  },

  /** A seeded program of puts, deletes, lists and transactions, some of which fail. */
  async program(storage, given) {
    const next = random(given as number);
    const key = () => `k${next(12)}`;
    const seen: Json[] = [];
    const step = async (on: Pick<Storage, "get" | "put" | "delete" | "list">) => {
      switch (next(6)) {
        case 0:
          await on.put(key(), next(100));
          return;
        case 1:
          await on.put({ [key()]: next(100), [key()]: [next(9)] });
          return;
        case 2:
          seen.push(await on.delete(key()));
          return;
        case 3:
          seen.push(await on.delete([key(), key()]));
          return;
        case 4:
          seen.push((await on.get<Json>(key())) ?? null);
          return;
        default: {
          const reverse = next(2) === 1;
          seen.push(entriesOf(await on.list({ start: key(), limit: 1 + next(5), reverse })));
        }
      }
    };
    for (let round = 0; round < 60; round++) {
      if (next(4) > 0) {
        await step(storage);
        continue;
      }
      const fails = next(3) === 0;
      await storage
        .transaction(async (transaction) => {
          for (let count = next(5); count >= 0; count--) await step(transaction);
          if (fails) throw new Error("no");
        })
        .catch(() => undefined);
    }
    return { seen, left: entriesOf(await storage.list()) };
  },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

/** What became of a call: "ok", or the code or name of its error. */
export async function attempt(call: () => Promise<unknown> | unknown): Promise<string> {
  try {
    await call();
    return "ok";
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: string };
    return typeof code === "string" ? code : (name ?? "error");
  }
}

function entriesOf(map: Map<string, unknown>): Json {
  return [...map].map(([key, value]) => [key, value as Json]);
}

function shown(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return `${typeof value} ${JSON.stringify(value) ?? String(value)}`;
  const type = Object.prototype.toString.call(value);
  if (value instanceof Date) return `${type} ${value.getTime()}`;
  if (value instanceof Map || value instanceof Set) return `${type} ${JSON.stringify([...value])}`;
  if (value instanceof RegExp) return `${type} ${value}`;
  if (value instanceof Error) return `${type} ${value.name} ${value.message}`;
  if (ArrayBuffer.isView(value))
    return `${type} ${[...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]}`;
  return `${type} ${Object.keys(value)} ${JSON.stringify(value)}`;
}

/** Numbers below a bound from a seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
