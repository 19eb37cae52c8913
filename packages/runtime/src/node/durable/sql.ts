import { constants, type StatementSync } from "node:sqlite";
import type { Sql, SqlBinding, SqlCursor, SqlRow, SqlValue } from "@satsuma/durable";
import { RefusedError } from "@satsuma/protocol";
import type { Database } from "./database.ts";
import { storageError } from "./failure.ts";

/** Tables of the store itself; handlers neither see nor touch them. */
export const ownTables = "_satsuma_";

/** SQLite's primary result codes for which the query is to blame and not the store. */
const queryFaults = new Set([1, 18, 19, 20, 21, 23, 25]); // ERROR, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, AUTH, RANGE

/**
 * `sql.exec` over one actor's own file.
 *
 * `enter` opens the actor's transaction before each query; the store ends it with the batch. So handlers may not begin,
 * end or nest transactions in SQL, and an authorizer refuses that, other files, and the store's own tables.
 */
export function sqlOver(database: Database, enter: () => void): Sql {
  let isHandler = false;
  database.sqlite.setAuthorizer((action, first, second) => {
    return !isHandler || isAllowed(action, first, second) ? constants.SQLITE_OK : constants.SQLITE_DENY;
  });
  return {
    exec<T extends SqlRow>(query: string, ...bindings: SqlBinding[]): SqlCursor<T> {
      const values = bindings.map(bound);
      enter();
      isHandler = true;
      try {
        return run<T>(database, query, values);
      } catch (error) {
        throw queryError(error, database.file);
      } finally {
        isHandler = false;
      }
    },
  };
}

function isAllowed(action: number, first: string | null, second: string | null): boolean {
  switch (action) {
    case constants.SQLITE_TRANSACTION:
    case constants.SQLITE_SAVEPOINT:
    case constants.SQLITE_ATTACH:
    case constants.SQLITE_DETACH:
      return false;
    case constants.SQLITE_PRAGMA:
      return first === "table_info" || first === "table_list" || first === "foreign_key_list";
    default:
      return !first?.startsWith(ownTables) && !second?.startsWith(ownTables);
  }
}

function run<T extends SqlRow>(database: Database, query: string, bindings: readonly Bound[]): SqlCursor<T> {
  let rest = query;
  for (;;) {
    const statement = database.sqlite.prepare(rest);
    const after = rest.slice(statement.sourceSQL.length);
    const isLast = isBlank(after);
    const cursor = Rows.of<T>(database, statement, isLast ? bindings : []);
    if (isLast) return cursor;
    rest = after;
  }
}

/** Whether only white space and comments are left of a query. */
function isBlank(query: string): boolean {
  return query.replace(/--[^\n]*(\n|$)|\/\*[\s\S]*?\*\//g, "").trim() === "";
}

type Bound = null | number | string | Uint8Array;

function bound(value: SqlBinding): Bound {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return String(value); // As Durable Objects bind it (workerd 2026-07-30).
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value === "number" || typeof value === "string" || value instanceof Uint8Array) return value;
  throw new RefusedError("bad-argument", `A query cannot be given a ${typeof value}.`);
}

function queryError(error: unknown, file: string): unknown {
  if (error instanceof RefusedError) return error;
  const { errcode, message } = error as { errcode?: number; message: string };
  if (errcode === undefined || queryFaults.has(errcode & 0xff)) {
    return new RefusedError("bad-query", message, { cause: error });
  }
  return storageError(error, file);
}

/** All rows are read at once, since a statement left half read would keep the transaction open. */
class Rows<T extends SqlRow> implements SqlCursor<T> {
  readonly columnNames: string[];
  readonly rowsWritten: number;
  readonly #rows: SqlValue[][];
  #next = 0;

  private constructor(columnNames: string[], rows: SqlValue[][], rowsWritten: number) {
    this.columnNames = columnNames;
    this.#rows = rows;
    this.rowsWritten = rowsWritten;
  }

  static of<T extends SqlRow>({ sqlite }: Database, statement: StatementSync, bindings: readonly Bound[]): Rows<T> {
    const counter = sqlite.prepare("SELECT total_changes() AS n");
    const changed = () => Number(counter.get()?.n);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const before = changed();
    const rows = statement.all(...bindings) as unknown as unknown[][];
    const columns = statement.columns().map(({ name }) => name);
    return new Rows<T>(
      columns,
      rows.map((row) => row.map(shown)),
      changed() - before,
    );
  }

  get rowsRead(): number {
    return this.#next;
  }

  next(): { done?: false; value: T } | { done: true; value?: undefined } {
    const row = this.#rows[this.#next];
    if (row === undefined) return { done: true };
    this.#next++;
    return { value: Object.fromEntries(this.columnNames.map((name, column) => [name, row[column]])) as T };
  }

  *[Symbol.iterator](): Generator<T> {
    for (let row = this.next(); row.done !== true; row = this.next()) yield row.value;
  }

  toArray(): T[] {
    return [...this];
  }

  one(): T {
    const rows = this.toArray();
    const [row] = rows;
    if (row !== undefined && rows.length === 1) return row;
    throw new RefusedError("bad-query", `The query should give one row and gave ${rows.length}.`);
  }

  *raw(): Generator<SqlValue[]> {
    for (let row = this.#rows[this.#next]; row !== undefined; row = this.#rows[this.#next]) {
      this.#next++;
      yield row;
    }
  }
}

function shown(value: unknown): SqlValue {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return value.slice().buffer;
  return value as SqlValue;
}
