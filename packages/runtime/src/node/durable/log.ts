import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RefusedError } from "@satsuma/protocol";
import type { Database } from "./database.ts";

/** A log this long is set aside; a restore reads a few of them, and each costs one checkpoint. */
const sealedBytes = 1_048_576;
/** Milliseconds after which a new base spares a restore the logs before it, and lets those go when they are too old. */
const baseEveryMs = 24 * 60 * 60 * 1_000;

/**
 * The past of one actor's own file: copies of it (bases), and every write-ahead log since, set aside before SQLite
 * reuses it.
 *
 *   000001795154588-000003.base   the file when it held every commit up to that time
 *   000001795154999-000004.wal    a log that follows it
 *
 * A WAL frame carries a whole page, and a commit's last frame says so (sqlite.org/fileformat2.html, 4.1). So any prefix
 * of a log that ends at a commit, laid beside the file it followed, is the database as of that commit; the time of the
 * commit stands in it. A log set aside twice because of a crash between does no harm: the same pages are written again.
 */
export class Log {
  readonly #directory: string;
  readonly #path: string;
  readonly #retentionMs: number;

  constructor(directory: string, path: string, retentionMs: number) {
    this.#directory = directory;
    this.#path = path;
    this.#retentionMs = retentionMs;
  }

  /** To be called when the file is open and nothing is written yet. */
  begin(database: Database, now: number): void {
    if (!this.#needsBase(now)) return;
    this.seal(database, now);
    if (this.#needsBase(now)) this.rebase(now);
  }

  /** Sets the log aside if it is long enough; at the last chance, whenever there is one. */
  seal(database: Database, now: number, isLast = true): void {
    const log = `${this.#path}-wal`;
    const bytes = existsSync(log) ? statSync(log).size : 0;
    if (bytes === 0 || (!isLast && bytes < sealedBytes)) return;
    mkdirSync(this.#directory, { recursive: true });
    copyFileSync(log, this.#name(now, "wal"));
    database.checkpoint();
    // The file holds every commit now, and nobody else writes to it.
    if (this.#needsBase(now)) this.rebase(now);
  }

  /** Puts the closed file back to its last commit up to `time`. */
  rewind(time: number, clock: string, now: number): void {
    const files = this.#files();
    const start = files.findLastIndex((file) => file.endsWith(".base") && timeOf(file) <= time);
    const base = files[start];
    if (base === undefined) throw new RefusedError("not-found", "No state of the actor is kept from that moment.");
    const copy = `${this.#path}.rewind`;
    copyFileSync(join(this.#directory, base), copy);
    for (const file of files.slice(start + 1)) {
      if (file.endsWith(".base")) break;
      const log = readFileSync(join(this.#directory, file));
      // A log is named by when it was set aside, which no commit in it is later than.
      const bytes = timeOf(file) <= time ? log.byteLength : lastCommitUpTo(time, copy, log, clock);
      applyLog(copy, log.subarray(0, bytes));
      if (bytes < log.byteLength) break;
    }
    takePlace(copy, this.#path);
    this.rebase(now);
  }

  /** Begins anew from the file as it is, and forgets what no moment of the window needs any more. */
  rebase(now: number): void {
    mkdirSync(this.#directory, { recursive: true });
    copyFileSync(this.#path, this.#name(now, "base"));
    const files = this.#files();
    const window = now - this.#retentionMs;
    const needed = files.findLastIndex((file) => file.endsWith(".base") && timeOf(file) <= window);
    for (const file of files.slice(0, Math.max(needed, 0))) rmSync(join(this.#directory, file));
  }

  forget(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #needsBase(now: number): boolean {
    const last = this.#files(".base").at(-1);
    return last === undefined || now - timeOf(last) >= baseEveryMs;
  }

  #files(end = ""): string[] {
    if (!existsSync(this.#directory)) return [];
    return readdirSync(this.#directory)
      .filter((file) => file.endsWith(end))
      .sort(byNumber);
  }

  #name(now: number, end: string): string {
    const number = numberOf(this.#files().at(-1) ?? "0-0.") + 1;
    return join(this.#directory, `${String(now).padStart(15, "0")}-${String(number).padStart(6, "0")}.${end}`);
  }
}

/** Puts a database file in the place of one that is closed, so that a crash leaves the one or the other. */
export function takePlace(from: string, path: string): void {
  const file = openSync(from, "r");
  fsyncSync(file);
  closeSync(file);
  for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
  renameSync(from, path);
}

function timeOf(file: string): number {
  return Number(file.slice(0, file.indexOf("-")));
}

function numberOf(file: string): number {
  return Number(file.slice(file.indexOf("-") + 1, file.indexOf(".")));
}

function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

/** The bytes of the log up to its last commit that is not later than `time`, by halving among its commits. */
function lastCommitUpTo(time: number, path: string, log: Buffer, clock: string): number {
  const ends = commitEnds(log);
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (clockWith(path, log.subarray(0, ends[middle - 1]), clock) <= time) low = middle;
    else high = middle - 1;
  }
  return low === ends.length ? log.byteLength : (ends[low - 1] ?? 0);
}

/** Where the commits of a log end. Header of 32 bytes, the page size at 8; frames of 24 bytes and a page. */
function commitEnds(log: Buffer): number[] {
  const frame = 24 + (log.byteLength < 32 ? 0 : log.readUInt32BE(8));
  const salt = log.subarray(16, 24);
  const ends: number[] = [];
  for (let at = 32; at + frame <= log.byteLength; at += frame) {
    // Frames of an earlier round of the log have another salt.
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    const pagesAfterCommit = log.readUInt32BE(at + 4);
    if (pagesAfterCommit > 0) ends.push(at + frame);
  }
  return ends;
}

function clockWith(path: string, log: Buffer, clock: string): number {
  const probe = `${path}.probe`;
  copyFileSync(path, probe);
  applyLog(probe, log);
  const database = new DatabaseSync(probe, { readOnly: true });
  try {
    return Number(database.prepare(`SELECT time FROM ${clock}`).get()?.time);
  } finally {
    database.close();
    rmSync(probe);
  }
}

function applyLog(path: string, log: Uint8Array): void {
  writeFileSync(`${path}-wal`, log);
  const database = new DatabaseSync(path);
  // Only copies are written here; the one that is kept is synced when it takes the file's place.
  database.exec("PRAGMA synchronous = OFF; PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
