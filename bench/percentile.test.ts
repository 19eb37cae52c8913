import { expect, test } from "vitest";
import { percentile, spread } from "./percentile.ts";

const tens = [50, 10, 40, 20, 30, 60, 100, 80, 70, 90];

test.each([
  [0, 10],
  [0.1, 10],
  [0.11, 20],
  [0.5, 50],
  [0.95, 100],
  [1, 100],
])("the %f percentile of ten values is the nearest rank", (share, value) => {
  expect(percentile(tens, share)).toBe(value);
});

test("one value is every percentile, and none is an error", () => {
  expect(percentile([7], 0.95)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow();
});

test("a spread is rounded to a tenth of a millisecond", () => {
  expect(spread([1.26, 1.26])).toEqual({ p50_ms: 1.3, p95_ms: 1.3 });
});
