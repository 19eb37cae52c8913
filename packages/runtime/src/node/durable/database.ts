import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { basename } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { RefusedError } from "@satsuma/protocol";
import { storageError } from "./failure.ts";
import { Pace } from "./pace.ts";

/** Pages of 4 KiB after which SQLite moves the log into the file: 16 MiB, so that pages written often move rarely. */
const checkpointPages = 4_096;

/**
 * One SQLite file in WAL mode whose commits are made durable without holding up the event loop.
 *
 * SQLite's own `synchronous=FULL` syncs the log inside COMMIT and so stops every actor and all media in the process for
 * as long as the disk takes. Here COMMIT only writes the log (`synchronous=NORMAL`), and `flush` then syncs that same
 * file: on the spot while the disk is fast (pace.ts), in a thread otherwise. A commit counts as durable only after its
 * flush, and the rule is to tell nobody of it before.
 */
export class Database {
  readonly path: string;
  readonly file: string;
  readonly sqlite: DatabaseSync;
  readonly #pace = new Pace();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  #wal: number | undefined;
  #isOpen = true;

  constructor(path: string, schema: string) {
    this.path = path;
    this.file = basename(path);
    let sqlite: DatabaseSync | undefined;
    try {
      sqlite = new DatabaseSync(path);
      // Until the first commit SQLite syncs by itself, which also makes the new files' directory entries durable.
      sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
      sqlite.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
      const version = sqlite.prepare("PRAGMA user_version").get()?.user_version;
      if (version === 0) sqlite.exec(`BEGIN IMMEDIATE; ${schema}; PRAGMA user_version = 1; COMMIT`);
      else if (version !== 1) {
        throw new RefusedError("not-supported", `The store's file ${this.file} was made by a newer version.`);
      }
      this.#begin = sqlite.prepare("BEGIN IMMEDIATE");
      this.#commit = sqlite.prepare("COMMIT");
      this.#rollback = sqlite.prepare("ROLLBACK");
    } catch (error) {
      sqlite?.close();
      throw storageError(error, this.file);
    }
    this.sqlite = sqlite;
  }

  begin(): void {
    if (!this.sqlite.isTransaction) this.#begin.run();
  }

  commit(): void {
    if (!this.sqlite.isTransaction) return;
    this.#commit.run();
    if (this.#wal !== undefined) return;
    this.#wal = openSync(`${this.path}-wal`, "r");
    this.sqlite.exec("PRAGMA synchronous = NORMAL");
  }

  rollback(): void {
    if (this.sqlite.isTransaction) this.#rollback.run();
  }

  /** All of the work or nothing of it, written but not yet durable. */
  write(work: () => void): void {
    try {
      this.begin();
      work();
      this.commit();
    } catch (error) {
      this.rollback();
      throw storageError(error, this.file);
    }
  }

  read<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storageError(error, this.file);
    }
  }

  /**
   * Makes everything committed so far durable, and calls back when it is; perhaps before it returns. `isBusy` says that
   * there is other work to do meanwhile, so that a thread is worth its price.
   */
  flush(isBusy: boolean, done: (error: RefusedError | undefined) => void): void {
    const wal = this.#wal;
    const start = performance.now();
    if (wal === undefined) setImmediate(done, undefined);
    else if (this.#pace.isFast && !isBusy) {
      let failure: RefusedError | undefined;
      try {
        fdatasyncSync(wal);
      } catch (error) {
        failure = storageError(error, this.file);
      }
      this.#pace.took(performance.now() - start);
      done(failure);
    } else {
      fdatasync(wal, (error) => {
        // A busy event loop comes late to this call, which says nothing of the disk.
        if (!isBusy) this.#pace.took(performance.now() - start);
        done(error === null ? undefined : storageError(error, this.file));
      });
    }
  }

  /** Moves the whole log into the file and empties it. */
  checkpoint(): void {
    this.read(() => this.sqlite.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.sqlite.close();
    if (this.#wal !== undefined) closeSync(this.#wal);
  }
}
