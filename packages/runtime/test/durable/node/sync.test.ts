import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Store } from "@satsuma/runtime/node/durable";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { Ledger, Table } from "./ledger.ts";
import { test } from "./temporary.ts";

type Synced = (error: NodeJS.ErrnoException | null) => void;

const { fdatasync, fdatasyncSync } = fs;
/** More than a batch may have for its sync to be done on the spot. */
const many = Array.from({ length: 20 }, (_, index) => `actor ${index}`);

/** The disk's syncs: real ones, written down, which can be held up or fail as a dying disk's do. */
let isBroken = false;
let isHeld = false;
let events: string[] = [];
let held: (() => void)[] = [];

beforeEach(() => {
  isBroken = false;
  isHeld = false;
  events = [];
  held = [];
  const broken = () => Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO", errno: -5 });
  const later = (fd: number, synced: Synced) => {
    const noted: Synced = (error) => {
      events.push("synced");
      synced(error);
    };
    const sync = () => {
      if (isBroken) synced(broken());
      else fdatasync(fd, noted);
    };
    if (isHeld) held.push(sync);
    else sync();
  };
  fs.fdatasync = later as typeof fs.fdatasync;
  fs.fdatasyncSync = (fd) => {
    if (isBroken) throw broken();
    fdatasyncSync(fd);
    events.push("synced");
  };
  syncBuiltinESMExports();
});

afterEach(() => {
  Object.assign(fs, { fdatasync, fdatasyncSync });
  syncBuiltinESMExports();
});

describe("[J2] an acknowledgement", { timeout: 30_000 }, () => {
  test.for([Ledger, Table])("comes after a sync of its own (%#)", async (type, { directory }) => {
    const store = Store.open({ directory });
    const one = store.namespace("actors", type, undefined).get("one");
    for (let n = 0; n < 10; n++) {
      events = [];
      await one.ask({ do: "set", entries: { n } });
      expect(events).toContain("synced");
    }
    await store.close();
  });

  test("waits for as long as the sync of its batch takes", async ({ directory }) => {
    const store = Store.open({ directory, shards: 1 });
    const ledgers = store.namespace("ledgers", Ledger, undefined);
    await Promise.all(many.map((name) => ledgers.get(name).ask({ do: "read" })));
    isHeld = true;
    const asked = many.map((name) => {
      return ledgers
        .get(name)
        .ask({ do: "set", entries: { name } })
        .then(() => events.push("acknowledged"));
    });
    await vi.waitFor(() => expect(held.length).toBe(1));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual([]);
    isHeld = false;
    for (const sync of held) sync();
    await Promise.all(asked);
    expect(events).toEqual(["synced", ...many.map(() => "acknowledged")]);
    await store.close();
  });
});

describe("[J2] a sync that fails", { timeout: 30_000 }, () => {
  const refusal = {
    code: "storage-failed",
    message: "The store's file shard-0.db cannot be read or written.",
  };

  test.for([["one actor"], many])(
    "refuses every write of its batch and the file from then on (%#)",
    async (names, { directory }) => {
      const store = Store.open({ directory, shards: 1 });
      const ledgers = store.namespace("ledgers", Ledger, undefined);
      const others = store.namespace("others", Ledger, undefined);
      const set = (name: string, n: number) => ledgers.get(name).ask({ do: "set", entries: { n } });
      await Promise.all(names.map((name) => set(name, 1)));
      isBroken = true;
      const refused = await Promise.allSettled(names.map((name) => set(name, 2)));
      for (const each of refused) expect(each).toMatchObject({ status: "rejected", reason: refusal });
      isBroken = false;
      // The kernel may have dropped what it could not write, and says so only once.
      for (const name of [...names, "another"]) await expect(set(name, 3)).rejects.toMatchObject(refusal);
      await others.get("one").ask({ do: "set", entries: { n: 1 } });
      await store.close();
    },
  );

  test("refuses the write of an actor with a file of its own", async ({ directory }) => {
    const store = Store.open({ directory });
    const table = store.namespace("tables", Table, undefined).get("one");
    await table.ask({ do: "set", entries: { n: 1 } });
    isBroken = true;
    await expect(table.ask({ do: "set", entries: { n: 2 } })).rejects.toMatchObject({ code: "storage-failed" });
    isBroken = false;
    await table.ask({ do: "set", entries: { n: 3 } });
    expect(await table.ask({ do: "read" })).toEqual({ n: 3, alarm: null });
    await store.close();
  });
});
