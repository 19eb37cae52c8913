import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { RefusedError } from "@satsuma/protocol";

/** Where a namespace keeps the number of its shared files; part of a backup. */
export const numberFile = "shards.json";

/**
 * Which shared files a namespace has.
 *
 * Names fall to files by their number, so the number is written down once all files are made, and never changes. With a
 * file missing the namespace is refused: its actors would begin anew, and with another number all of them would move.
 */
export class ShardFiles {
  readonly paths: readonly string[];
  /** Nothing was there yet. */
  readonly isNew: boolean;
  readonly #folder: string;
  readonly #isNumbered: boolean;

  /** `wanted` is the number for a new namespace. */
  constructor(folder: string, wanted: number) {
    const numbered = numberIn(folder);
    // A store made before the number was written down has as many files as the last one says.
    const seen = readdirSync(folder).map((file) => Number(/^shard-(\d+)\.db$/.exec(file)?.[1] ?? -1) + 1);
    const made = numbered ?? Math.max(...seen, 0);
    this.#folder = folder;
    this.#isNumbered = numbered !== undefined;
    this.isNew = made === 0;
    this.paths = Array.from({ length: made || wanted }, (_, index) => join(folder, `shard-${index}.db`));
    // Actors' own files are made after the shared ones.
    if (this.isNew && existsSync(join(folder, "actors"))) throw unusable(folder, "shard-0.db", "missing");
    if (this.isNew) return;
    for (const path of this.paths) {
      // SQLite would take an empty file for a new database.
      const bytes = statSync(path, { throwIfNoEntry: false })?.size;
      const what = bytes === undefined ? "missing" : "empty";
      if (bytes === undefined || (bytes === 0 && this.#isNumbered)) throw unusable(folder, basename(path), what);
    }
  }

  /** To be called when all files are there, and before an actor uses them. */
  number(): void {
    if (this.#isNumbered) return;
    const path = join(this.#folder, numberFile);
    writeFileSync(`${path}.new`, `${JSON.stringify({ format: 1, files: this.paths.length })}\n`);
    sync(`${path}.new`);
    renameSync(`${path}.new`, path);
    sync(this.#folder);
    sync(join(this.#folder, ".."));
  }
}

function numberIn(folder: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, numberFile), "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
  const { format, files } = parsed(text);
  if (format === 1 && Number.isSafeInteger(files) && Number(files) > 0) return Number(files);
  throw unusable(folder, numberFile, "damaged");
}

function parsed(text: string): { format?: unknown; files?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {}; // Refused as any other content that says no number.
  }
}

function unusable(folder: string, file: string, what: "missing" | "empty" | "damaged"): RefusedError {
  const sentence = `The store's file ${basename(folder)}/${file} is ${what}; restore it from a backup.`;
  return new RefusedError("storage-corrupt", sentence);
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
