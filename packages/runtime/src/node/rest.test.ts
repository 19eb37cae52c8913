import { expect, test } from "vitest";
import { Rest } from "./rest.ts";

/** A loop that waits for a share of each ms, and what is known of its rest every 5 ms. */
function watch(shares: readonly (readonly [ms: number, share: number])[]): number {
  let idle = 1_000;
  let now = 5_000;
  const rest = new Rest(() => idle);
  rest.at(now);
  for (const [ms, share] of shares) {
    for (const end = now + ms; now < end; ) {
      now += 5;
      idle += 5 * share;
      rest.at(now);
    }
  }
  return now - rest.at(now);
}

test("a loop that waits now and then has rested just now", () => {
  expect(watch([[3_000, 0.3]])).toBeLessThanOrEqual(20);
  expect(watch([[3_000, 0.08]])).toBeLessThanOrEqual(20);
});

test("one that only looks for work between its turns has not rested since it began to do so", () => {
  const without = watch([
    [1_000, 0.5],
    [700, 0.02],
  ]);
  expect(without).toBeGreaterThanOrEqual(680);
  expect(without).toBeLessThanOrEqual(740);
});

test("after a rest what was before is forgotten", () => {
  expect(
    watch([
      [700, 0],
      [40, 0.9],
      [100, 0],
    ]),
  ).toBeLessThanOrEqual(120);
});

test("the event loop of this process can be asked", () => {
  const rest = new Rest();
  const now = performance.now();
  expect(rest.at(now)).toBe(now);
});
