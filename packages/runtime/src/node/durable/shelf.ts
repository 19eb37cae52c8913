import { basename } from "node:path";
import type { Rows, Shelf } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import { decode, encode, type Stored, size } from "./codec.ts";
import { storageError } from "./failure.ts";
import { Shard } from "./shard.ts";

export interface SharedShelfOptions {
  readonly files: readonly string[];
  readonly now: () => number;
  readonly keepsHistory: boolean;
  /** A file that can no longer be used. */
  readonly failed: (error: RefusedError) => void;
}

/**
 * The actors of one namespace in shared files, each actor in the file its name falls to.
 *
 * A file that cannot be opened takes down its own actors only: they are refused with the reason.
 */
export class SharedShelf implements Shelf {
  readonly #shards: (Shard | RefusedError)[];
  readonly #givenUp: Shard[] = [];
  readonly #failed: (error: RefusedError) => void;
  #changed: () => void = () => undefined;

  constructor({ files, now, keepsHistory, failed }: SharedShelfOptions) {
    this.#failed = failed;
    this.#shards = files.map((file) => {
      try {
        return new Shard(file, now, keepsHistory, () => this.#changed());
      } catch (error) {
        const refused = storageError(error, basename(file));
        failed(refused);
        return refused;
      }
    });
  }

  open(name: string): Rows<Stored> {
    const shard = this.shard(name);
    const seat = shard.seat(name);
    return {
      encode,
      decode,
      size,
      read: (key) => shard.read(seat, key),
      scan: (range) => shard.scan(seat, range),
      alarm: () => shard.alarm(seat),
      stage: (source) => shard.stage(seat, source),
      release: () => undefined,
    };
  }

  /** The shard of a name; throws why it cannot be used. */
  shard(name: string): Shard {
    const shard = this.#shards[hash(name) % this.#shards.length];
    if (shard instanceof Shard) return shard;
    throw shard ?? new RefusedError("internal", "A namespace has at least one file.");
  }

  /** Why a file could not be opened, if there is such a file. */
  get unusable(): RefusedError | undefined {
    return this.#shards.find((shard) => shard instanceof RefusedError);
  }

  get hasKeys(): boolean {
    return this.#each((shard) => shard.hasKeys).some((has) => has);
  }

  nextAlarm(now: number): number | undefined {
    const next = this.#each((shard) => shard.nextAlarm(now)).filter((due) => due !== undefined);
    return next.length === 0 ? undefined : Math.min(...next);
  }

  dueAlarms(now: number, limit: number): string[] {
    const due = this.#each((shard) => shard.dueAlarms(now, limit)).flat();
    due.sort((a, b) => a.due - b.due);
    return due.slice(0, limit).map(({ name }) => name);
  }

  /** Forgets some of what is older than `time`; true when more is left to forget. */
  prune(time: number): boolean {
    return this.#each((shard) => shard.history.prune(time)).some((isMore) => isMore);
  }

  onAlarms(changed: () => void): void {
    this.#changed = changed;
  }

  async close(): Promise<void> {
    await Promise.all(this.#each((shard) => shard.drained()));
    this.#each((shard) => shard.close());
    for (const shard of this.#givenUp) shard.close();
  }

  /** What concerns no single actor must not end with the first bad file: that one is given up, the others serve. */
  #each<T>(work: (shard: Shard) => T): T[] {
    const results: T[] = [];
    this.#shards.forEach((shard, index) => {
      if (!(shard instanceof Shard)) return;
      try {
        results.push(work(shard));
      } catch (error) {
        const refused = storageError(error, `shard-${index}.db`);
        shard.fail(refused);
        this.#givenUp.push(shard);
        this.#shards[index] = refused;
        this.#failed(refused);
      }
    });
    return results;
  }
}

/** FNV-1a over UTF-16 units: which file a name falls to, for the life of a store. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    value = Math.imul(value ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
