import type { Json } from "../actor.ts";

/**
 * The rule for concurrent edits: per field, the last writer wins.
 *
 * Last is by a logical clock: an edit's time is one more than the greatest its author had seen, and of equal times the
 * greater author wins. So the outcome depends neither on wall clocks nor on the order, grouping or repetition in which
 * edits arrive. A deletion is an edit too and leaves its stamp behind, or an older edit would bring the field back.
 */
export interface Stamp {
  readonly time: number;
  /** Unique to one author: a connection, not a person. */
  readonly by: string;
}

/** A field with its last edit; without a value it is deleted. */
export interface Field {
  readonly value?: Json;
  readonly stamp: Stamp;
}

export type Fields = ReadonlyMap<string, Field>;

export function wins(challenger: Field, holder: Field | undefined): boolean {
  if (holder === undefined) return true;
  const { stamp: a } = challenger;
  const { stamp: b } = holder;
  if (a.time !== b.time) return a.time > b.time;
  if (a.by !== b.by) return a.by > b.by;
  // One author uses a time once; if it does not, all replicas must still agree.
  return textOf(challenger) > textOf(holder);
}

/** The edits that change something, which is all of them that win. */
export function winning(fields: Fields, edits: Fields): Map<string, Field> {
  return new Map([...edits].filter(([name, edit]) => wins(edit, fields.get(name))));
}

export function merged(fields: Fields, edits: Fields): Map<string, Field> {
  return new Map([...fields, ...winning(fields, edits)]);
}

export function latest(fields: Fields): number {
  return Math.max(0, ...Array.from(fields.values(), ({ stamp }) => stamp.time));
}

function textOf({ value }: Field): string {
  return value === undefined ? "" : JSON.stringify(value);
}
