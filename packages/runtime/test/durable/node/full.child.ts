import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { Store } from "@satsuma/runtime/node/durable";
import { Ledger } from "./ledger.ts";

/** Fills a disk of 6 MB, in a mount namespace of its own, and prints what its actors could still do. */
const directory = process.argv[2] ?? "";
mkdirSync(directory, { recursive: true });
execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", directory]);
writeFileSync(`${directory}/ballast`, Buffer.alloc(1_000_000));

const open = () => Store.open({ directory: `${directory}/store`, shards: 2 });
let store = open();
let ledgers = store.namespace("ledgers", Ledger, undefined);
await ledgers.get("other").ask({ do: "set", entries: { safe: 1 } });
const code = (asked: Promise<unknown>) =>
  asked.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

let acknowledged = 0;
let refused = "ok";
while (refused === "ok") {
  const n = acknowledged + 1;
  refused = await code(ledgers.get("writer").ask({ do: "set", entries: { n, [`filler ${n}`]: "x".repeat(100_000) } }));
  if (refused === "ok") acknowledged = n;
}
const numberOf = async () => ((await ledgers.get("writer").ask({ do: "read" })) as { n: number }).n;
const whileFull = { refused, n: await numberOf(), other: await ledgers.get("other").ask({ do: "read" }) };
rmSync(`${directory}/ballast`);
const afterwards = await code(ledgers.get("writer").ask({ do: "set", entries: { n: acknowledged + 1 } }));
await store.close();
store = open();
ledgers = store.namespace("ledgers", Ledger, undefined);
process.stdout.write(JSON.stringify({ acknowledged, whileFull, afterwards, reopened: await numberOf() }));
await store.close();
