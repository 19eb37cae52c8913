import fc from "fast-check";
import { expect, test } from "vitest";
import { copy, isPlain } from "./copy.ts";

test("[J2] what is called plain comes back from JSON as structured clone keeps it", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withSparseArray: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      if (isPlain(value)) expect(JSON.parse(JSON.stringify(value))).toStrictEqual(structuredClone(value));
    }),
    { numRuns: 5_000 },
  );
});

test("[J2] an object that stands twice in a value, or in itself, is not plain", () => {
  const shared = { a: 1 };
  const loop: { self?: unknown } = {};
  loop.self = loop;
  expect([isPlain([shared, shared]), isPlain(loop), isPlain([{ a: 1 }, { a: 1 }])]).toEqual([false, false, true]);
});

test("[J2] a copy shares nothing with its original, and refuses what cannot be copied", () => {
  const given = { list: [1], date: new Date(5) };
  const copied = copy(given);
  given.list.push(2);
  expect(copied).toEqual({ list: [1], date: new Date(5) });
  expect(() => copy({ run: () => 1 })).toThrow(expect.objectContaining({ code: "not-cloneable" }));
  expect(() => copy(Symbol("s"))).toThrow(expect.objectContaining({ code: "not-cloneable" }));
});
