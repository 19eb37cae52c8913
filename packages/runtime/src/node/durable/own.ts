import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Rows, Shelf } from "@satsuma/durable";
import type { Stored } from "./codec.ts";
import { Log, takePlace } from "./log.ts";
import { OwnRows } from "./own-rows.ts";
import type { SharedShelf } from "./shelf.ts";

/**
 * Actors that use SQL: a file each, holding their tables and their keys, open while the actor is awake.
 *
 * Alarms stand in the namespace's shared files, so that due ones are found without opening every actor. A batch that
 * sets an alarm makes the alarm durable first, and one that deletes it deletes it last: a crash between the two may ring
 * an alarm too much, never one too few.
 */
export class OwnShelf implements Shelf {
  readonly #directory: string;
  readonly #alarms: SharedShelf;
  readonly #now: () => number;
  readonly #retentionMs: number;

  constructor(directory: string, alarms: SharedShelf, now: () => number, retentionMs: number) {
    this.#directory = directory;
    this.#alarms = alarms;
    this.#now = now;
    this.#retentionMs = retentionMs;
  }

  open(name: string): Rows<Stored> {
    const path = this.pathOf(name);
    mkdirSync(dirname(path), { recursive: true });
    const log = this.logOf(name);
    // What is written without a log leaves a gap, and nothing before a gap can be told any more.
    if (this.#retentionMs <= 0) log.forget();
    return new OwnRows(path, this.#alarms.open(name), this.#now, this.#retentionMs > 0 ? log : undefined);
  }

  logOf(name: string): Log {
    const path = this.pathOf(name);
    return new Log(path.replace(/\.db$/, ".log"), path, this.#retentionMs);
  }

  /** Puts another file in the place of a sleeping actor's. */
  replace(name: string, from: string): void {
    const path = this.pathOf(name);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(from, `${path}.new`);
    takePlace(`${path}.new`, path);
    if (this.#retentionMs > 0) this.logOf(name).rebase(this.#now());
  }

  pathOf(name: string): string {
    const id = createHash("sha256").update(name).digest("hex");
    return join(this.#directory, id.slice(0, 2), `${id}.db`);
  }

  nextAlarm(now: number): number | undefined {
    return this.#alarms.nextAlarm(now);
  }

  dueAlarms(now: number, limit: number): string[] {
    return this.#alarms.dueAlarms(now, limit);
  }

  onAlarms(changed: () => void): void {
    this.#alarms.onAlarms(changed);
  }
}
