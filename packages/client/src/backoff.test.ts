import { expect, test } from "vitest";
import { backoff } from "./backoff.ts";

const late = backoff({ random: () => 0.999_999 });
const early = backoff({ random: () => 0 });

test("the first retry comes within 100 ms, the next ones twice as late each, up to 8 s", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((failures) => late({ failures, worked: true }));
  expect(waits).toEqual([100, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("half of each wait is drawn by chance", () => {
  expect(early({ failures: 1, worked: true })).toBe(0);
  expect(early({ failures: 7, worked: true })).toBe(4000);
});

test("what never worked is given up after four tries, what worked once never", () => {
  expect(late({ failures: 3, worked: false })).toBe(500);
  expect(late({ failures: 4, worked: false })).toBeUndefined();
  expect(late({ failures: 1000, worked: true })).toBe(8000);
});
