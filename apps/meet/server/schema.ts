/** The parts that a schema of settings is made of. */
import * as v from "valibot";

export function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries);
}

export function setting<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: v.InferInput<Schema>,
  reason: string,
) {
  return v.optional(v.pipe(schema, v.description(reason)), value);
}

export function option<const Schema extends v.GenericSchema>(schema: Schema, reason: string) {
  return v.optional(v.pipe(schema, v.description(reason)));
}

/** One to sixteen of them; the environment brings them in one text. */
export function list(each: v.GenericSchema<string>) {
  const split = v.transform((text: string) => text.split(/[\s,]+/));
  return v.pipe(v.union([v.array(each), v.pipe(v.string(), split, v.array(each))]), v.minLength(1), v.maxLength(16));
}

/** A whole number; the environment brings it as text. */
export function whole(least: number, most: number) {
  const message = `expected a whole number from ${least} to ${most}`;
  return v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number))], message),
    v.integer(message),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
}
