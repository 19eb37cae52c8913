import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Shelf } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { OwnShelf } from "./own.ts";
import { SharedShelf } from "./shelf.ts";

export interface FolderOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly shards: number;
  /** Whether the namespace's class uses SQL, so that its actors have a file each. */
  readonly sql: boolean;
}

/**
 * The files of one namespace:
 *
 * shard-0.db …   keys, alarms and history of all its actors; for a class with SQL the alarms alone
 * actors/ab/…db  for a class with SQL, a file for each actor, named by the SHA-256 of its name
 */
export class Folder {
  readonly shared: SharedShelf;
  readonly shelf: Shelf;

  constructor({ path, clock, retentionMs, shards, sql }: FolderOptions) {
    if (!/^[a-z0-9-]+$/.test(path.slice(path.lastIndexOf("/") + 1))) {
      throw new RefusedError("bad-argument", "A namespace is named with lower-case letters, digits and dashes.");
    }
    mkdirSync(path, { recursive: true });
    // Names fall to files by their number, so a store keeps the number it was made with.
    const made = readdirSync(path).filter((file) => /^shard-\d+\.db$/.test(file)).length;
    const files = Array.from({ length: made || shards }, (_, index) => join(path, `shard-${index}.db`));
    this.shared = new SharedShelf({ files, now: () => clock.now(), keepsHistory: retentionMs > 0 });
    this.shelf = sql ? new OwnShelf(join(path, "actors"), this.shared) : this.shared;
  }

  close(): Promise<void> {
    return this.shared.close();
  }
}
