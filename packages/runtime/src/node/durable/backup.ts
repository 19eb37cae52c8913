import { existsSync } from "node:fs";
import { copyFile, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { RefusedError } from "@satsuma/protocol";
import type { Stored } from "./codec.ts";
import { storageError } from "./failure.ts";
import { entryOf, type FileEntry, verified, writeManifest } from "./manifest.ts";
import { ownSchema, ownTable } from "./own-rows.ts";
import { numberFile } from "./shard-files.ts";

/** Stands in a folder while a store is restored into it; no namespace can have its name. */
const restoring = "restore.unfinished";

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
  const all = await readdir(from, { recursive: true });
  const paths = all.filter((path) => (path.endsWith(".db") && path !== "lock.db") || isNumber(path));
  paths.sort((a, b) => Number(isShard(a)) - Number(isShard(b)));
  const files: FileEntry[] = [];
  for (const path of paths) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    if (isNumber(path)) await copyFile(join(from, path), join(to, path));
    else await copyDatabase(join(from, path), join(to, path));
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
  const mark = join(directory, restoring);
  await writeFile(mark, "");
  await synced(mark);
  await synced(directory);
  const folders = new Set<string>();
  for (const { path } of files) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(from, path), target);
    await synced(target);
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of folders) await synced(join(directory, folder));
  await synced(directory);
  await rm(mark);
  await synced(directory);
}

/** Refuses a folder whose restore was cut off: actors whose files are not there yet would begin anew. */
export function checkRestored(directory: string): void {
  if (!existsSync(join(directory, restoring))) return;
  const sentence = `The restore into ${directory} was not finished; empty the folder and restore again.`;
  throw new RefusedError("storage-corrupt", sentence);
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

function isNumber(path: string): boolean {
  return basename(path) === numberFile;
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
