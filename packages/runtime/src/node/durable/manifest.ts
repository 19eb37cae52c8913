import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { RefusedError } from "@satsuma/protocol";

/**
 * What a backup is made of, with a checksum of each file; `manifest.json` in the backup's folder.
 *
 * It is written last, so that a folder without one is a backup that was not finished.
 */
export interface Manifest {
  readonly format: 1;
  readonly of: "store" | "actor";
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  readonly files: readonly FileEntry[];
  /** Of an actor alone: its alarm, which stands in no file of its own. */
  readonly alarm?: { readonly at: number; readonly failures: number; readonly due: number } | null;
}

export interface FileEntry {
  /** Below the backup's folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export async function entryOf(directory: string, path: string): Promise<FileEntry> {
  const file = join(directory, path);
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { path, bytes: (await stat(file)).size, sha256: hash.digest("hex") };
}

export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  await writeFile(join(directory, "manifest.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  const folder = await open(directory, "r");
  await folder.sync();
  await folder.close();
}

/** Reads a manifest and compares every file with it; throws `storage-corrupt` at the first that differs. */
export async function verified(directory: string, of: Manifest["of"]): Promise<Manifest> {
  const manifest = await read(directory);
  if (manifest?.format !== 1 || manifest.of !== of) {
    throw new RefusedError("bad-argument", `The folder holds no backup of one ${of} in a format known here.`);
  }
  for (const entry of manifest.files) {
    // A backup may come from elsewhere; it must not name files outside its folder, nor outside the store's.
    if (isAbsolute(entry.path) || entry.path.split(/[\\/]/).includes("..")) {
      throw new RefusedError("bad-argument", "The backup names a file outside its folder.");
    }
    const found = await entryOf(directory, entry.path).catch(() => undefined); // A missing file differs, too.
    if (found?.sha256 === entry.sha256) continue;
    throw new RefusedError("storage-corrupt", `The backup's file ${entry.path} is missing or damaged.`);
  }
  return manifest;
}

async function read(directory: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(join(directory, "manifest.json"), "utf8")) as Manifest;
  } catch (cause) {
    throw new RefusedError("not-found", "The folder holds no finished backup.", { cause });
  }
}
