import { existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Alarm, Batch, Changes, Clock, Shelf, Source } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { copyDatabase, readEntries, writeEntries } from "./backup.ts";
import type { Stored } from "./codec.ts";
import { OwnShelf } from "./own.ts";
import { clockTable } from "./own-rows.ts";
import { alarmKey, everything } from "./shard.ts";
import { ShardFiles } from "./shard-files.ts";
import { SharedShelf } from "./shelf.ts";

export interface FolderOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly shards: number;
  /** Whether the namespace's class uses SQL, so that its actors have a file each. */
  readonly sql: boolean;
  /** A shared file that can no longer be used. */
  readonly failed: (error: RefusedError) => void;
}

/**
 * The files of one namespace:
 *
 * shard-0.db …   keys, alarms and history of all its actors; for a class with SQL the alarms alone
 * shards.json    how many of those there are
 * actors/ab/…db  for a class with SQL, a file for each actor, named by the SHA-256 of its name, and its past in …log
 */
export class Folder {
  readonly #options: FolderOptions;
  readonly #own: OwnShelf | undefined;
  readonly #shared: SharedShelf;
  #stopPruning: () => void = () => undefined;

  constructor(options: FolderOptions) {
    const { path, clock, retentionMs, shards, sql, failed } = options;
    if (!/^[a-z0-9-]+$/.test(basename(path))) {
      throw new RefusedError("bad-argument", "A namespace is named with lower-case letters, digits and dashes.");
    }
    mkdirSync(path, { recursive: true });
    const files = new ShardFiles(path, shards);
    const now = () => clock.now();
    this.#options = options;
    this.#shared = new SharedShelf({ files: files.paths, now, keepsHistory: retentionMs > 0, failed });
    const unmade = files.isNew ? this.#shared.unusable : undefined;
    if (unmade !== undefined) {
      void this.#shared.close();
      throw unmade;
    }
    // Keys of the one kind would be out of sight of the other.
    if (sql ? this.#shared.hasKeys : existsSync(join(path, "actors"))) {
      void this.#shared.close();
      throw new RefusedError(
        "bad-argument",
        `${basename(path)} was made by a class that ${sql ? "has no" : "uses"} SQL.`,
      );
    }
    files.number();
    this.#own = sql ? new OwnShelf(join(path, "actors"), this.#shared, now, retentionMs) : undefined;
    this.#prune();
  }

  get shelf(): Shelf {
    return this.#own ?? this.#shared;
  }

  /** Puts a sleeping actor back to how it was at `time`; its alarm too. */
  async rewind(name: string, time: number): Promise<void> {
    const { clock, retentionMs } = this.#options;
    if (!(time >= clock.now() - retentionMs && time <= clock.now())) {
      throw new RefusedError("not-found", `Moments of the last ${retentionMs} milliseconds can be restored.`);
    }
    const shard = this.#shared.shard(name);
    const seat = shard.seat(name);
    const entries = shard.before(seat, time);
    const alarm = entries.get(alarmKey);
    const hadAlarm = entries.delete(alarmKey);
    this.#own?.logOf(name).rewind(time, clockTable, clock.now());
    await durable(shard.stage(seat, staged({ entries, alarm: hadAlarm ? alarmOf(alarm) : undefined, wipe: false })));
  }

  /** Copies one sleeping actor's rows into a new file, and gives its alarm. */
  async save(name: string, path: string): Promise<Alarm | null> {
    const shard = this.#shared.shard(name);
    const seat = shard.seat(name);
    if (this.#own === undefined) writeEntries(path, shard.scan(seat, everything));
    else await copyDatabase(this.#own.pathOf(name), path);
    return shard.alarm(seat) ?? null;
  }

  /** Replaces a sleeping actor's rows by those of a file that `save` wrote. */
  async load(name: string, path: string, alarm: Alarm | null): Promise<void> {
    const shard = this.#shared.shard(name);
    const seat = shard.seat(name);
    this.#own?.replace(name, path);
    const entries = this.#own === undefined ? readEntries(path) : new Map<string, Stored>();
    await durable(shard.stage(seat, staged({ entries, alarm, wipe: true })));
  }

  close(): Promise<void> {
    this.#stopPruning();
    return this.#shared.close();
  }

  /** Forgets what is older than the retained window, a little at a time, and comes again in an hour. */
  #prune(): void {
    const { clock, retentionMs } = this.#options;
    if (retentionMs <= 0) return;
    const before = clock.now() - retentionMs;
    const isMore = this.#shared.prune(before);
    this.#stopPruning = clock.wake(clock.now() + (isMore ? 100 : 3_600_000), () => this.#prune());
  }
}

function alarmOf(stored: Stored | undefined): Alarm | null {
  if (stored === undefined) return null;
  const [at, failures, due] = JSON.parse(String(stored)) as [number, number, number];
  return { at, failures, due };
}

function staged(changes: Changes<Stored>): Source<Stored> {
  return { alarm: changes.alarm, take: () => changes };
}

function durable(batch: Batch): Promise<void> {
  return new Promise((resolve, reject) => {
    batch.tell({ settled: (error) => (error === undefined ? resolve() : reject(error)) });
  });
}
