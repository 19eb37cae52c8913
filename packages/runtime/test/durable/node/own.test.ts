import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
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
