import { copyFile, mkdir, open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { RefusedError } from "@satsuma/protocol";
import type { Stored } from "./codec.ts";
import { storageError } from "./failure.ts";
import { entryOf, type FileEntry, verified, writeManifest } from "./manifest.ts";
import { ownSchema, ownTable } from "./own-rows.ts";

/**
 * Copies every database of a store while it is in use.
 *
 * SQLite copies each file as of one moment. An actor is in one file, so each actor is whole; two actors may be copied at
 * different moments. Files of single actors go first, and the shared ones with their alarms last, so that no alarm is
 * missing that an actor counts on.
 */
export async function backupStore(from: string, to: string, now: number): Promise<void> {
  await mkdir(to, { recursive: true });
  if ((await readdir(to)).length > 0) throw new RefusedError("bad-argument", "The folder for a backup must be empty.");
  const paths = (await readdir(from, { recursive: true })).filter((path) => path.endsWith(".db") && path !== "lock.db");
  paths.sort((a, b) => Number(isShard(a)) - Number(isShard(b)));
  const files: FileEntry[] = [];
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyDatabase(join(from, path), join(to, path));
    files.push(await entryOf(to, path));
  }
  await writeManifest(to, { format: 1, of: "store", madeAt: now, files });
}

/** Makes a store of a backup, in a folder that is empty or not there. */
export async function restoreStore(from: string, directory: string): Promise<void> {
  const { files } = await verified(from, "store");
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new RefusedError("bad-argument", "A store is restored into an empty folder only.");
  }
  for (const { path } of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(from, path), target);
    const file = await open(target, "r");
    await file.sync();
    await file.close();
  }
}

export async function copyDatabase(from: string, to: string): Promise<void> {
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { readOnly: true });
    // Without a reading transaction SQLite begins the copy again after every write from elsewhere.
    source.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
    await backup(source, to, { rate: 1_000 });
  } catch (error) {
    throw storageError(error, from.slice(from.lastIndexOf("/") + 1));
  } finally {
    source?.close();
  }
}

/** Writes one actor's keys as a database of its own, in the form of an actor with SQL. */
export function writeEntries(path: string, entries: Iterable<readonly [string, Stored]>): void {
  const database = new DatabaseSync(path);
  try {
    database.exec(`BEGIN; ${ownSchema}; PRAGMA user_version = 1`);
    const insert = database.prepare(`INSERT INTO ${ownTable} VALUES (?, ?)`);
    for (const [key, stored] of entries) insert.run(key, stored);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

export function readEntries(path: string): Map<string, Stored> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare(`SELECT key, value FROM ${ownTable}`).all() as { key: string; value: Stored }[];
    return new Map(rows.map(({ key, value }) => [key, value]));
  } catch (error) {
    throw storageError(error, "actor.db");
  } finally {
    database.close();
  }
}

function isShard(path: string): boolean {
  return /(^|\/)shard-\d+\.db$/.test(path);
}
