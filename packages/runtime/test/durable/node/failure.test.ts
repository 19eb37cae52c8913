import { execFile, execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { restoreStore, Store } from "@satsuma/runtime/node/durable";
import { describe, expect } from "vitest";
import { Ledger, Table } from "./ledger.ts";
import { test } from "./temporary.ts";

const node = [process.execPath, "--conditions=@satsuma/source", "--no-warnings"] as const;
const run = promisify(execFile);

async function output(script: string, directory: string, before: readonly string[] = []): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const [command = "", ...rest] = [...before, ...node, path, directory];
  return (await run(command, rest)).stdout;
}

describe("[J2] a store that is open", { timeout: 60_000 }, () => {
  test("is refused to a second process in one sentence, and free again after", async ({ directory }) => {
    const store = Store.open({ directory });
    const sentence = `store-locked: The store in ${directory} is already open in another process.`;
    expect(await output("./lock.child.ts", directory)).toBe(sentence);
    expect(() => Store.open({ directory })).toThrow(/already open/);
    await store.close();
    expect(await output("./lock.child.ts", directory)).toBe("opened");
  });

  test("takes nothing after its close, and closes twice", async ({ directory }) => {
    const store = Store.open({ directory });
    const ledgers = store.namespace("ledgers", Ledger, undefined);
    const late = ledgers.get("one").ask({ do: "set", entries: { a: 1 } });
    await store.close();
    await store.close();
    await expect(late).rejects.toMatchObject({ code: "closed" });
    await expect(ledgers.get("one").ask({ do: "read" })).rejects.toMatchObject({ code: "closed" });
    expect(() => store.namespace("others", Ledger, undefined)).toThrow(/closed/);
  });
});

// A small disk to fill is a mount of its own, which not every machine allows.
if (canMount()) {
  test("[J2] a full disk refuses writes with a code, keeps what was acknowledged, and serves reads", async ({
    directory,
  }) => {
    const printed = await output("./full.child.ts", join(directory, "disk"), ["unshare", "--map-root-user", "--mount"]);
    const { acknowledged, whileFull, afterwards, reopened } = JSON.parse(printed);
    expect(acknowledged).toBeGreaterThan(3);
    expect(whileFull).toEqual({ refused: "storage-full", n: acknowledged, other: { safe: 1, alarm: null } });
    expect(afterwards).toBe("ok");
    expect(reopened).toBe(acknowledged + 1);
  });
}

describe("[J2] a damaged file", { timeout: 60_000 }, () => {
  const names = Array.from({ length: 24 }, (_, index) => `actor ${index}`);

  /** A closed store with data in every file, and a backup of it. */
  async function filled(directory: string): Promise<{ at: string; copy: string }> {
    const at = join(directory, "store");
    const copy = join(directory, "copy");
    const store = Store.open({ directory: at, shards: 4 });
    const ledgers = store.namespace("ledgers", Ledger, undefined);
    const tables = store.namespace("tables", Table, undefined);
    for (const name of names) {
      const entries = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key ${index}`, "x".repeat(500)]));
      await ledgers.get(name).ask({ do: "set", entries });
      if (name < "actor 13") await tables.get(name).ask({ do: "set", entries: { a: 1 } });
    }
    await store.backup(copy);
    await store.close();
    return { at, copy };
  }

  async function outcomes(at: string, namespace: "ledgers" | "tables", asked: readonly string[]): Promise<string[]> {
    const store = Store.open({ directory: at });
    const actors = store.namespace(namespace, namespace === "ledgers" ? Ledger : Table, undefined);
    const found = await Promise.all(
      asked.map((name) =>
        actors
          .get(name)
          .ask({ do: "read" })
          .then(
            () => "ok",
            (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
          ),
      ),
    );
    await store.close();
    return found;
  }

  test.for(["its head", "its middle", "all after the first page"])(
    "whose damage is in %s takes down its own actors only, says so, and is restored from a backup",
    async (where, { directory }) => {
      const { at, copy } = await filled(directory);
      const file = join(at, "ledgers", "shard-2.db");
      const bytes = readFileSync(file);
      const from = where === "its head" ? 0 : 4_096;
      const to = where === "its head" ? 100 : bytes.byteLength;
      if (where === "all after the first page") truncateSync(file, 4_096);
      else writeFileSync(file, bytes.fill(0xa5, from, to));

      const after = await outcomes(at, "ledgers", names);
      const lost = after.filter((outcome) => outcome !== "ok");
      expect(new Set(lost)).toEqual(
        new Set(["storage-corrupt: The store's file shard-2.db is damaged; restore it from a backup."]),
      );
      expect(lost.length).toBeLessThan(names.length / 2);

      const restored = join(directory, "restored");
      await restoreStore(copy, restored);
      expect(new Set(await outcomes(restored, "ledgers", names))).toEqual(new Set(["ok"]));
    },
  );

  test("of one actor with SQL leaves every other served", async ({ directory }) => {
    const { at } = await filled(directory);
    const folder = join(at, "tables", "actors");
    const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith(".db"));
    writeFileSync(join(folder, files[0] ?? ""), Buffer.alloc(8_192, 0xa5));
    const after = await outcomes(
      at,
      "tables",
      names.filter((name) => name < "actor 13"),
    );
    expect(after.filter((outcome) => outcome.startsWith("storage-corrupt")).length).toBe(1);
    expect(after.filter((outcome) => outcome === "ok").length).toBe(files.length - 1);
  });

  test("whose log was torn in the middle of a write opens with everything before it", async ({ directory }) => {
    const at = join(directory, "store");
    const torn = join(directory, "torn");
    const store = Store.open({ directory: at, shards: 1 });
    const ledgers = store.namespace("ledgers", Ledger, undefined);
    const log = join(at, "ledgers", "shard-0.db-wal");
    const ends: number[] = [];
    for (let n = 1; n <= 20; n++) {
      await ledgers.get("one").ask({ do: "set", entries: { n, same: n } });
      ends.push(statSync(log).size);
    }
    for (const [index, end] of ends.entries()) {
      mkdirSync(join(torn, "ledgers"), { recursive: true });
      for (const file of ["shard-0.db", "shard-0.db-wal"]) {
        copyFileSync(join(at, "ledgers", file), join(torn, "ledgers", file));
      }
      truncateSync(join(torn, "ledgers", "shard-0.db-wal"), end - 1 - index * 17);
      const opened = Store.open({ directory: torn });
      const { n, same } = (await opened.namespace("ledgers", Ledger, undefined).get("one").ask({ do: "read" })) as {
        n?: number;
        same?: number;
      };
      expect([index + 1, index]).toContain((n ?? 0) + 1);
      expect(same).toBe(n);
      await opened.close();
      cpSync(join(torn, "ledgers"), join(torn, `seen ${index}`), { recursive: true });
    }
    await store.close();
  });
});

/** Whether this machine lets a process mount a disk of its own. */
function canMount(): boolean {
  try {
    execFileSync("unshare", ["--map-root-user", "--mount", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
