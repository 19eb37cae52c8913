import { RefusedError } from "@satsuma/protocol";
import { afterPrefix, compareKeys } from "./key.ts";
import type { ListOptions } from "./storage.ts";

/** What to list, in one form: keys from `from` (inclusive) up to `to` (exclusive). */
export interface Range {
  readonly from: string;
  readonly to: string | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}

export function rangeOf(options: ListOptions = {}): Range {
  const { prefix, start, startAfter, end, limit = Number.POSITIVE_INFINITY, reverse = false } = options;
  if (start !== undefined && startAfter !== undefined) {
    throw new RefusedError("bad-argument", "A list takes start or startAfter, not both.");
  }
  if (!(limit > 0)) throw new RefusedError("bad-argument", "The limit of a list must be positive.");
  for (const bound of [prefix, start, startAfter, end]) {
    if (bound?.isWellFormed() === false) {
      throw new RefusedError("bad-argument", "The bounds of a list must be well-formed Unicode, as keys are.");
    }
  }
  // The least key after `startAfter` is that key with a NUL behind it.
  let from = startAfter === undefined ? (start ?? "") : `${startAfter}\0`;
  let to = end;
  if (prefix !== undefined && prefix !== "") {
    if (compareKeys(prefix, from) > 0) from = prefix;
    const beyond = afterPrefix(prefix);
    if (beyond !== undefined && (to === undefined || compareKeys(beyond, to) < 0)) to = beyond;
  }
  return { from, to, reverse, limit };
}

export function inRange(key: string, range: Range): boolean {
  return compareKeys(key, range.from) >= 0 && (range.to === undefined || compareKeys(key, range.to) < 0);
}

/**
 * Lays changes that are not stored yet over stored rows, keeping the order.
 *
 * Both sides come in the range's order; where both have a key the change wins, and a change to undefined hides the row.
 */
export function* laidOver<S>(
  rows: Iterable<readonly [string, S]>,
  changes: ReadonlyArray<readonly [string, S | undefined]>,
  reverse: boolean,
): Generator<readonly [string, S]> {
  let next = 0;
  for (const row of rows) {
    for (let change = changes[next]; change !== undefined; change = changes[++next]) {
      const order = reverse ? compareKeys(row[0], change[0]) : compareKeys(change[0], row[0]);
      if (order >= 0) break;
      if (change[1] !== undefined) yield [change[0], change[1]];
    }
    const change = changes[next];
    if (change !== undefined && change[0] === row[0]) {
      next++;
      if (change[1] !== undefined) yield [change[0], change[1]];
    } else yield row;
  }
  for (; next < changes.length; next++) {
    const change = changes[next];
    if (change?.[1] !== undefined) yield [change[0], change[1]];
  }
}

/** The changes of a range, sorted in its order. */
export function changesIn<S>(changes: ReadonlyMap<string, S | undefined>, range: Range): [string, S | undefined][] {
  const found = [...changes].filter(([key]) => inRange(key, range));
  found.sort(([a], [b]) => (range.reverse ? compareKeys(b, a) : compareKeys(a, b)));
  return found;
}
