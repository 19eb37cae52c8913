import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Actor, HandClock } from "@satsuma/durable";
import { restoreStore, Store } from "@satsuma/runtime/node/durable";
import { describe, expect } from "vitest";
import { Ledger, Table } from "./ledger.ts";
import { test } from "./temporary.ts";

const long = (text: string) => "same start ".repeat(200) + text;

class Bytes extends Actor {
  override async ask(): Promise<unknown> {
    const { storage } = this.context;
    await storage.put("bytes", new Uint8Array([1, 2, 3]));
    const seen: number[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const bytes = await storage.get<Uint8Array>("bytes");
      seen.push(bytes?.[0] ?? -1);
      bytes?.fill(9);
      await storage.sync();
    }
    return [...seen, ...((await storage.get<Uint8Array>("bytes")) ?? [])];
  }
}

class Stuck extends Actor {
  static override readonly sql: boolean = true;

  override async ask(question: "stick" | "read"): Promise<unknown> {
    const { storage } = this.context;
    if (question === "read") {
      storage.sql.exec("CREATE TABLE IF NOT EXISTS t (a)");
      return storage.sql.exec("SELECT * FROM t").toArray().length;
    }
    return storage.transaction(async ({ sql }) => {
      sql.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
      await new Promise(() => {});
    });
  }
}

test("[J3] bytes that an actor read are its own, and changing them changes nothing stored", async ({ directory }) => {
  const store = Store.open({ directory });
  expect(await store.namespace("bytes", Bytes, undefined).get("one").ask(undefined)).toEqual([1, 1, 1, 2, 3]);
  await store.close();
});

test("[G22] a handler cut off inside a transaction over SQL lets its file go", async ({ directory }) => {
  const store = Store.open({ directory, patience: { inputMs: 500 } });
  const one = store.namespace("stuck", Stuck, undefined).get("one");
  await expect(one.ask("stick")).rejects.toMatchObject({ code: "timed-out" });
  expect(await one.ask("read")).toBe(0);
  await store.close();
});

test("[J8] a backup comes to its end while others write", { timeout: 60_000 }, async ({ directory }) => {
  const store = Store.open({ directory: join(directory, "data"), shards: 1 });
  const ledgers = store.namespace("ledgers", Ledger, undefined);
  const block = "x".repeat(1_000_000);
  for (let part = 0; part < 48; part++) await ledgers.get("large").ask({ do: "set", entries: { [`k${part}`]: block } });
  let isDone = false;
  const backup = store.backup(join(directory, "backup")).finally(() => {
    isDone = true;
  });
  for (let n = 0; !isDone; n++) await ledgers.get("busy").ask({ do: "set", entries: { n } });
  await backup;
  await store.close();
  await restoreStore(join(directory, "backup"), join(directory, "restored"));
});

test("[J2] a file made by a newer version is refused, and left as it is", async ({ directory }) => {
  const newer = (version?: number) => {
    const database = new DatabaseSync(join(directory, "ledgers", "shard-0.db"));
    if (version !== undefined) database.exec(`PRAGMA user_version = ${version}`);
    const found = database.prepare("PRAGMA user_version").get()?.user_version;
    database.close();
    return found;
  };
  const once = async () => {
    const store = Store.open({ directory, shards: 1 });
    try {
      return await store.namespace("ledgers", Ledger, undefined).get("one").ask({ do: "read" });
    } finally {
      await store.close();
    }
  };
  await once();
  newer(2);
  await expect(once()).rejects.toMatchObject({ code: "not-supported" });
  expect(newer()).toBe(2);
});

describe.each([
  ["shared files", Ledger, Table],
  ["files of their own", Table, Ledger],
] as const)("[J2] actors in %s", (_where, type, other) => {
  test("are not opened by a class of the other kind", async ({ directory }) => {
    const store = Store.open({ directory });
    await store
      .namespace("ledgers", type, undefined)
      .get("one")
      .ask({ do: "set", entries: { a: 1 } });
    await store.close();
    const again = Store.open({ directory });
    expect(() => again.namespace("ledgers", other, undefined)).toThrow(/SQL/);
    await again.close();
  });

  test("lose their alarm for good with everything else", async ({ directory }) => {
    const store = Store.open({ directory });
    const one = store.namespace("ledgers", type, undefined).get("one");
    await one.ask({ do: "alarm", at: Date.now() + 1_000_000 });
    await one.ask({ do: "clear" });
    await store.close();
    const again = Store.open({ directory });
    expect(await again.namespace("ledgers", type, undefined).get("one").ask({ do: "read" })).toEqual({ alarm: null });
    await again.close();
  });

  test("have no past before a time without history", async ({ directory }) => {
    const clock = new HandClock(1_000_000);
    const set = async (retentionMs: number, text: string) => {
      const store = Store.open({ directory, clock, retentionMs });
      await store.namespace("ledgers", type, undefined).get("one").ask({ do: "set", entries: { text } });
      await store.close();
      await clock.advance(10);
    };
    await set(1_000_000, long("a"));
    const early = clock.now() - 5;
    await set(1_000_000, long("b"));
    await set(0, long("c".repeat(50)));
    const store = Store.open({ directory, clock, retentionMs: 1_000_000 });
    const one = store.namespace("ledgers", type, undefined).get("one");
    await expect(store.rewind("ledgers", "one", early)).rejects.toMatchObject({ code: "not-found" });
    expect(await one.ask({ do: "read" })).toMatchObject({ text: long("c".repeat(50)) });
    await store.close();
  });
});

test("[J8] after the clock was put back, an actor still goes back to a moment since then", async ({ directory }) => {
  const write = async (clock: HandClock, from: number, many: number) => {
    const store = Store.open({ directory, clock });
    const one = store.namespace("ledgers", Ledger, undefined).get("one");
    for (let n = from; n < from + many; n++) {
      await one.ask({ do: "set", entries: { n } });
      await clock.advance(100);
    }
    return { store, one };
  };
  await (await write(new HandClock(5_000_000), 0, 20)).store.close();
  const { store, one } = await write(new HandClock(1_000_000), 20, 5);
  await store.rewind("ledgers", "one", 1_000_250);
  expect(await one.ask({ do: "read" })).toMatchObject({ n: 22 });
  await store.close();
});

test("[J8] a backup that names files outside its folder is refused", async ({ directory }) => {
  const store = Store.open({ directory: join(directory, "data") });
  await store
    .namespace("ledgers", Ledger, undefined)
    .get("one")
    .ask({ do: "set", entries: { a: 1 } });
  await store.backup(join(directory, "backup"));
  await store.close();
  const manifest = join(directory, "backup", "manifest.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll("ledgers/", "../backup/ledgers/"));
  await expect(restoreStore(join(directory, "backup"), join(directory, "restored"))).rejects.toMatchObject({
    code: "bad-argument",
  });
});

test("[J8] pruning takes nothing that the window still needs", async ({ directory }) => {
  const minute = 60_000;
  const clock = new HandClock(1_000_000);
  const store = Store.open({ directory, clock, retentionMs: 2_880 * minute });
  const one = store.namespace("ledgers", Ledger, undefined).get("one");
  await one.ask({ do: "set", entries: { n: 1 } });
  await clock.advance(30 * minute);
  await one.ask({ do: "set", entries: { n: 2 } });
  await clock.advance(2_860 * minute);
  await store.rewind("ledgers", "one", clock.now() - 2_875 * minute);
  expect(await one.ask({ do: "read" })).toMatchObject({ n: 1 });
  await store.close();
});
