import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { restoreStore, Store } from "@satsuma/runtime/node/durable";
import { describe, expect } from "vitest";
import { Ledger, Table } from "./ledger.ts";
import { test } from "./temporary.ts";

const names = Array.from({ length: 12 }, (_, index) => `actor ${index}`);

/** A closed store of three shared files per namespace, with data for every name. */
async function filled(directory: string): Promise<string> {
  const at = join(directory, "store");
  const store = Store.open({ directory: at, shards: 3 });
  for (const [namespace, type] of [
    ["ledgers", Ledger],
    ["tables", Table],
    ["others", Ledger],
  ] as const) {
    const actors = store.namespace(namespace, type, undefined);
    for (const name of names) await actors.get(name).ask({ do: "set", entries: { name } });
  }
  await store.backup(join(directory, "copy"));
  await store.close();
  return at;
}

/** What every actor of a namespace has; opened with another number of files than the store was made with. */
async function read(at: string, namespace: string, type: typeof Ledger | typeof Table = Ledger): Promise<unknown[]> {
  const store = Store.open({ directory: at, shards: 5 });
  try {
    const actors = store.namespace(namespace, type, undefined);
    return await Promise.all(names.map((name) => actors.get(name).ask({ do: "read" })));
  } finally {
    await store.close();
  }
}

const all = names.map((name) => ({ name, alarm: null }));

describe("[J2] a namespace's shared file", { timeout: 60_000 }, () => {
  test.for([0, 1, 2].flatMap((file) => [`ledgers/shard-${file}.db`, `tables/shard-${file}.db`]))(
    "%s that is missing or empty refuses the namespace by name, and no other",
    async (file, { directory }) => {
      const at = await filled(directory);
      const [namespace = "", ...rest] = file.split("/");
      const type = namespace === "tables" ? Table : Ledger;
      const path = join(at, namespace, ...rest);
      const good = readFileSync(path);
      const refusal = (what: string) => ({
        code: "storage-corrupt",
        message: `The store's file ${file} is ${what}; restore it from a backup.`,
      });
      truncateSync(path, 0);
      await expect(read(at, namespace, type)).rejects.toMatchObject(refusal("empty"));
      rmSync(path);
      for (let turn = 0; turn < 2; turn++) {
        await expect(read(at, namespace, type)).rejects.toMatchObject(refusal("missing"));
        expect(existsSync(path)).toBe(false);
      }
      expect(await read(at, "others")).toEqual(all);
      writeFileSync(path, good);
      expect(await read(at, namespace, type)).toEqual(all);
    },
  );

  test("is missed when all of them are gone", async ({ directory }) => {
    const at = await filled(directory);
    for (const [namespace, type] of [
      ["ledgers", Ledger],
      ["tables", Table],
    ] as const) {
      for (const file of [0, 1, 2]) rmSync(join(at, namespace, `shard-${file}.db`));
      await expect(read(at, namespace, type)).rejects.toMatchObject({ code: "storage-corrupt" });
    }
    rmSync(join(at, "tables", "shards.json"));
    await expect(read(at, "tables", Table)).rejects.toMatchObject({ code: "storage-corrupt" });
  });

  test("is counted in a store made before there was a number, which is written down then", async ({ directory }) => {
    const at = await filled(directory);
    rmSync(join(at, "ledgers", "shards.json"));
    expect(await read(at, "ledgers")).toEqual(all);
    rmSync(join(at, "ledgers", "shard-2.db"));
    await expect(read(at, "ledgers")).rejects.toMatchObject({ code: "storage-corrupt" });

    rmSync(join(at, "others", "shards.json"));
    rmSync(join(at, "others", "shard-1.db"));
    await expect(read(at, "others")).rejects.toThrow("others/shard-1.db is missing");
  });

  test.for(["", "{", "null", '{"format":2,"files":3}', '{"format":1,"files":0}'])(
    "is not looked for by a number that reads %j",
    async (text, { directory }) => {
      const at = await filled(directory);
      writeFileSync(join(at, "ledgers", "shards.json"), text);
      await expect(read(at, "ledgers")).rejects.toMatchObject({
        code: "storage-corrupt",
        message: "The store's file ledgers/shards.json is damaged; restore it from a backup.",
      });
    },
  );
});

describe("[J8] a restore", { timeout: 60_000 }, () => {
  test("brings the number of shared files along", async ({ directory }) => {
    await filled(directory);
    const there = join(directory, "there");
    await restoreStore(join(directory, "copy"), there);
    rmSync(join(there, "ledgers", "shard-2.db"));
    await expect(read(there, "ledgers")).rejects.toThrow("ledgers/shard-2.db is missing");
    expect(await read(there, "others")).toEqual(all);
  });

  test("that was cut off is refused in one sentence, until it is done again", async ({ directory }) => {
    const store = Store.open({ directory: join(directory, "store") });
    const ledgers = store.namespace("ledgers", Ledger, undefined);
    for (const name of names) await ledgers.get(name).ask({ do: "set", entries: { large: name.padEnd(50_000) } });
    await store.backup(join(directory, "copy"));
    await store.close();

    const there = join(directory, "there");
    const child = fileURLToPath(new URL("./restore.child.ts", import.meta.url));
    const node = [process.execPath, "--conditions=@satsuma/source", "--no-warnings", child, directory];
    // No file may grow beyond 64 blocks of 512 bytes, so that copying a shared file ends in its middle.
    const limited = ["-c", 'ulimit -f 64; exec "$@"', "sh", ...node];
    expect(execFileSync("sh", limited, { encoding: "utf8" })).toBe("cut off");
    expect(readdirSync(there)).toContain("ledgers");
    expect(() => Store.open({ directory: there })).toThrow(
      `The restore into ${there} was not finished; empty the folder and restore again.`,
    );
    rmSync(there, { recursive: true });
    await restoreStore(join(directory, "copy"), there);
    const found = await read(there, "ledgers");
    expect(found).toEqual(names.map((name) => ({ large: name.padEnd(50_000), alarm: null })));
  });
});
