import fc from "fast-check";
import { expect, test } from "vitest";
import { afterPrefix, compareKeys } from "./key.ts";
import { changesIn, inRange, laidOver, rangeOf } from "./range.ts";

const key = fc.string({
  unit: fc.constantFrom("a", "b", "\u0000", "ä", "\ud7ff", "\ue000", "\uffff", "🌍", "\u{10ffff}"),
  maxLength: 4,
});

function bytesOrder(a: string, b: string): number {
  return Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

test("[J2] keys are ordered as their UTF-8 bytes are", () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(bytesOrder(a, b));
    }),
    { numRuns: 2_000 },
  );
});

test("[J2] the keys of a prefix are those before the end of its range", () => {
  fc.assert(
    fc.property(key, key, (prefix, each) => {
      const range = rangeOf({ prefix });
      expect(inRange(each, range)).toBe(each.startsWith(prefix));
      const beyond = afterPrefix(prefix);
      if (beyond !== undefined) expect(beyond.isWellFormed()).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("[J2] changes laid over rows list as the two together would", () => {
  const rows = fc.dictionary(key, fc.constant("row"));
  const changes = fc.dictionary(key, fc.constantFrom("change", undefined));
  fc.assert(
    fc.property(rows, changes, fc.boolean(), (stored, changed, reverse) => {
      const range = rangeOf({ reverse });
      const order = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
        reverse ? bytesOrder(b, a) : bytesOrder(a, b);
      const base = Object.entries(stored).sort(order);
      const over = changesIn(new Map(Object.entries(changed)), range);
      const expected = Object.entries({ ...stored, ...changed }).filter(([, value]) => value !== undefined);
      expect([...laidOver(base, over, reverse)]).toEqual(expected.sort(order));
    }),
    { numRuns: 2_000 },
  );
});

test("[J3] bounds that no key can have are refused, whether rows are stored or waiting", () => {
  for (const name of ["prefix", "start", "startAfter", "end"]) {
    expect(() => rangeOf({ [name]: "\ud83d" })).toThrow(/well-formed/);
  }
});
