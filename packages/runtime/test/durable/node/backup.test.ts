import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { restoreStore, Store } from "@satsuma/runtime/node/durable";
import { describe, expect } from "vitest";
import { Ledger, Table } from "./ledger.ts";
import { test } from "./temporary.ts";

describe("[J8] a backup", { timeout: 60_000 }, () => {
  test("of all, taken under load, opens elsewhere with every actor whole", async ({ directory }) => {
    const store = Store.open({ directory: join(directory, "here") });
    const ledgers = store.namespace("ledgers", Ledger, undefined);
    const tables = store.namespace("tables", Table, undefined);
    const names = Array.from({ length: 20 }, (_, index) => `actor ${index}`);
    const write = (n: number) =>
      Promise.all(
        names.flatMap((name) => [
          ledgers.get(name).ask({ do: "set", entries: { a: n, b: n, filler: "x".repeat(5_000) } }),
          tables.get(name).ask({ do: "set", entries: { a: n, b: n } }),
        ]),
      );
    await write(0);
    await ledgers.get("actor 3").ask({ do: "alarm", at: 10 ** 13 });
    let isDone = false;
    const load = (async () => {
      for (let n = 1; !isDone; n++) await write(n);
    })();
    await store.backup(join(directory, "copy"));
    isDone = true;
    await load;
    await store.close();

    await restoreStore(join(directory, "copy"), join(directory, "there"));
    const restored = Store.open({ directory: join(directory, "there") });
    for (const actors of [
      restored.namespace("ledgers", Ledger, undefined),
      restored.namespace("tables", Table, undefined),
    ]) {
      for (const name of names) {
        const { a, b } = (await actors.get(name).ask({ do: "read" })) as { a: number; b: number };
        expect(a).toBeTypeOf("number");
        expect(b).toBe(a);
      }
    }
    await restored.close();
  });

  test.for([Ledger, Table])(
    "of one actor is restored into another store, alarm included (%#)",
    async (type, { directory }) => {
      const from = Store.open({ directory: join(directory, "from") });
      const actor = from.namespace("actors", type, undefined).get("one");
      await actor.ask({ do: "set", entries: { a: 1, b: "two" } });
      await actor.ask({ do: "alarm", at: 10 ** 13 });
      await from.backupActor("actors", "one", join(directory, "copy"));
      await actor.ask({ do: "set", entries: { a: 9 } });
      await from.close();

      const to = Store.open({ directory: join(directory, "to") });
      const other = to.namespace("actors", type, undefined).get("another name");
      await other.ask({ do: "set", entries: { c: 3 } });
      await to.restoreActor("actors", "another name", join(directory, "copy"));
      expect(await other.ask({ do: "read" })).toEqual({ a: 1, b: "two", alarm: 10 ** 13 });
      await to.close();
    },
  );

  test("that was changed, cut short, never finished, or is of something else is refused", async ({ directory }) => {
    const store = Store.open({ directory: join(directory, "here") });
    await store
      .namespace("ledgers", Ledger, undefined)
      .get("one")
      .ask({ do: "set", entries: { a: 1 } });
    const copy = join(directory, "copy");
    await store.backup(copy);
    await expect(store.backup(copy)).rejects.toMatchObject({ code: "bad-argument" });
    await expect(store.restoreActor("ledgers", "one", copy)).rejects.toMatchObject({ code: "bad-argument" });
    await store.close();

    const target = join(directory, "there");
    const file = join(copy, "ledgers", "shard-1.db");
    const good = readFileSync(file);
    appendFileSync(file, "x");
    await expect(restoreStore(copy, target)).rejects.toMatchObject({ code: "storage-corrupt" });
    truncateSync(file, 100);
    await expect(restoreStore(copy, target)).rejects.toMatchObject({ code: "storage-corrupt" });
    rmSync(file);
    await expect(restoreStore(copy, target)).rejects.toMatchObject({ code: "storage-corrupt" });
    writeFileSync(file, good);
    await restoreStore(copy, target);
    await expect(restoreStore(copy, target)).rejects.toMatchObject({ code: "bad-argument" });
    rmSync(join(copy, "manifest.json"));
    await expect(restoreStore(copy, join(directory, "third"))).rejects.toMatchObject({ code: "not-found" });
  });
});
