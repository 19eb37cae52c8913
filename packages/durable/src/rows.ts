import type { Alarm } from "./alarm.ts";
import type { Batch } from "./gate.ts";
import type { Range } from "./range.ts";
import type { Sql } from "./storage.ts";

/**
 * One actor's rows as a runtime keeps them: the port behind `Keeper`.
 *
 * All of it is synchronous, since SQLite is; only durability takes time, and `stage` says when it is there. `S` is the
 * stored form of a value, made and read by the runtime and never looked into here.
 */
export interface Rows<S = unknown> {
  /** Clones the value into its stored form, or throws `not-cloneable`. */
  encode(value: unknown): S;
  /** A fresh clone each time. */
  decode(stored: S): unknown;
  /** Bytes the value takes. */
  size(stored: S): number;

  read(key: string): S | undefined;
  scan(range: Range): Iterable<readonly [string, S]>;
  alarm(): Alarm | undefined | Promise<Alarm | undefined>;

  /** Promises to take the source's changes into the next batch; called when the first change of a batch is made. */
  stage(source: Source<S>): Batch;
  /** Present where batches count as durable at once because the runtime holds outputs back by itself. */
  sync?(): Promise<void>;
  /** Present where the runtime itself must bracket a transaction, because SQL takes part in it. */
  bracket?<T>(run: (rollback: () => void) => Promise<T>): Promise<T>;
  /** Drops what SQL made; called inside a bracket. */
  dropTables?(): void;
  /** Where SQL runs outside `stage`, the batch its writes are in. */
  readonly sql?: ((wrote: (batch: Batch) => void) => Sql) | undefined;
  /** The actor sleeps: whatever was held for it may go. */
  release(): void;
}

export interface Source<S = unknown> {
  /** The alarm that `take` would give now. */
  readonly alarm: Alarm | null | undefined;
  /** What is given is good until the next call. */
  take(): Changes<S>;
}

/** A change to undefined deletes; an alarm of null deletes the alarm, and undefined leaves it. */
export interface Changes<S = unknown> {
  readonly entries: ReadonlyMap<string, S | undefined>;
  readonly alarm: Alarm | null | undefined;
  /** Everything stored before goes first, SQL tables included. */
  readonly wipe: boolean;
}
