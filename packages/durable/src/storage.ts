/**
 * What an actor may do with its data: the words of a Durable Object's storage, with the same meaning on every runtime.
 *
 * Every call is atomic by itself. Writes with no await on anything but storage between them are stored together or not
 * at all. A write's promise says that the actor sees it; durability shows in the output gate (gate.ts) and in `sync`.
 */
export interface Storage {
  get<T = unknown>(key: string): Promise<T | undefined>;
  /** Absent keys are left out; the map is in key order. */
  get<T = unknown>(keys: readonly string[]): Promise<Map<string, T>>;
  /** The value is cloned at once (structured clone); later changes to it are not stored. */
  put(key: string, value: unknown): Promise<void>;
  put(entries: Readonly<Record<string, unknown>>): Promise<void>;
  delete(key: string): Promise<boolean>;
  delete(keys: readonly string[]): Promise<number>;
  /** Keys come in the order of their UTF-8 bytes. */
  list<T = unknown>(options?: ListOptions): Promise<Map<string, T>>;
  /**
   * Stores everything written inside together, or nothing if `run` throws or calls `rollback`. One transaction runs at a
   * time: a second one waits for the first, so one must not be started inside another.
   */
  transaction<T>(run: (transaction: Transaction) => Promise<T> | T): Promise<T>;
  /** Empties the actor: keys, SQL tables and alarm. Its migrations run again, so that it is as new. */
  deleteAll(): Promise<void>;
  /** Milliseconds since the epoch, or null: none is set, or its handler is running. */
  getAlarm(): Promise<number | null>;
  setAlarm(at: number | Date): Promise<void>;
  deleteAlarm(): Promise<void>;
  /** Resolves when everything written so far is durable. */
  sync(): Promise<void>;
  /** Refuses with `not-supported` unless the actor's class declares `static sql = true` and the runtime has SQL. */
  readonly sql: Sql;
}

/** The storage as seen inside `transaction`; unusable after `rollback`. */
export interface Transaction extends Omit<Storage, "transaction" | "deleteAll" | "sync"> {
  rollback(): void;
}

export interface ListOptions {
  readonly prefix?: string;
  /** Inclusive. */
  readonly start?: string;
  readonly startAfter?: string;
  /** Exclusive. */
  readonly end?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export type SqlValue = string | number | null | ArrayBuffer;
export type SqlBinding = SqlValue | Uint8Array | boolean | undefined;
export type SqlRow = Record<string, SqlValue>;

export interface Sql {
  /** Several statements may stand in one query; bindings belong to the last one, and so do the rows. */
  exec<T extends SqlRow = SqlRow>(query: string, ...bindings: SqlBinding[]): SqlCursor<T>;
}

/** Rows of one query, each read once. */
export interface SqlCursor<T extends SqlRow = SqlRow> extends Iterable<T> {
  next(): { done?: false; value: T } | { done: true; value?: undefined };
  toArray(): T[];
  /** Throws `bad-query` unless exactly one row is left. */
  one(): T;
  raw(): IterableIterator<SqlValue[]>;
  readonly columnNames: string[];
  readonly rowsRead: number;
  readonly rowsWritten: number;
}
