import type { SqlStorage, SqlStorageCursor, SqlStorageValue } from "@cloudflare/workers-types";
import type { Sql, SqlBinding, SqlCursor, SqlRow, SqlValue } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";

/** The object's own SQL, with its errors given codes. */
export function sqlOver(sql: SqlStorage): Sql {
  return {
    exec: <T extends SqlRow>(query: string, ...bindings: SqlBinding[]) =>
      refusing(() => new Cursor<T>(sql.exec(query, ...(bindings as SqlStorageValue[])))),
  };
}

class Cursor<T extends SqlRow> implements SqlCursor<T> {
  readonly #cursor: SqlStorageCursor<T>;

  constructor(cursor: SqlStorageCursor<T>) {
    this.#cursor = cursor;
  }

  get columnNames(): string[] {
    return this.#cursor.columnNames;
  }

  get rowsRead(): number {
    return this.#cursor.rowsRead;
  }

  get rowsWritten(): number {
    return this.#cursor.rowsWritten;
  }

  next(): ReturnType<SqlCursor<T>["next"]> {
    return refusing(() => this.#cursor.next());
  }

  toArray(): T[] {
    return refusing(() => this.#cursor.toArray());
  }

  one(): T {
    return refusing(() => this.#cursor.one());
  }

  raw(): IterableIterator<SqlValue[]> {
    return refusing(() => this.#cursor.raw() as IterableIterator<SqlValue[]>);
  }

  *[Symbol.iterator](): Generator<T> {
    for (let row = this.next(); row.done !== true; row = this.next()) yield row.value;
  }
}

function refusing<R>(work: () => R): R {
  try {
    return work();
  } catch (cause) {
    throw new RefusedError("bad-query", cause instanceof Error ? cause.message : "The query failed.", { cause });
  }
}
