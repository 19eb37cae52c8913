import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { HandClock } from "@satsuma/durable";
import { Store } from "@satsuma/runtime/node/durable";
import { expect } from "vitest";
import { Table } from "./ledger.ts";
import { test } from "./temporary.ts";

test("[J2] an actor that only reads by SQL writes nothing", async ({ directory }) => {
  const store = Store.open({ directory });
  const one = store.namespace("tables", Table, undefined).get("one");
  await one.ask({ do: "set", entries: { a: 1 } });
  const folder = join(directory, "tables", "actors");
  const log = (readdirSync(folder, { recursive: true }) as string[]).find((file) => file.endsWith("-wal")) ?? "";
  const before = statSync(join(folder, log)).size;
  for (let turn = 0; turn < 5; turn++) expect(await one.ask({ do: "read" })).toEqual({ a: 1, alarm: null });
  expect(statSync(join(folder, log)).size).toBe(before);
  await one.ask({ do: "set", entries: { a: 2 } });
  expect(statSync(join(folder, log)).size).toBeGreaterThan(before);
  await store.close();
});

test("[J8] the past of an actor by SQL is as long as its window, and no longer", async ({ directory }) => {
  const day = 24 * 60 * 60 * 1_000;
  const clock = new HandClock(1_000_000);
  const store = Store.open({ directory, clock, retentionMs: 2 * day });
  const one = store.namespace("tables", Table, undefined).get("one");
  const past = () =>
    (readdirSync(join(directory, "tables", "actors"), { recursive: true }) as string[]).filter((file) =>
      /\.(base|wal)$/.test(file),
    );
  for (let count = 0; count < 8; count++) {
    await one.ask({ do: "set", entries: { count } });
    await clock.advance(day);
  }
  // A base and a log a day: those of the window, the one before it that it begins with, and the day under way.
  expect(past().length).toBeLessThanOrEqual(8);
  await store.rewind("tables", "one", clock.now() - 1.5 * day);
  expect(await one.ask({ do: "read" })).toMatchObject({ count: 6 });
  await store.close();
});
