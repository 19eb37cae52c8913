import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

function after(pace: Pace, times: number, ms: number): boolean {
  for (let time = 0; time < times; time++) pace.took(ms);
  return pace.isFast;
}

test("[J2] a disk counts as fast until it is slow for a while, and again when it is fast for a while", () => {
  const pace = new Pace();
  expect(after(pace, 100, 0.1)).toBe(true);
  expect(after(pace, 1, 8)).toBe(true);
  expect(after(pace, 5, 8)).toBe(false);
  expect(after(pace, 5, 0.1)).toBe(false);
  expect(after(pace, 40, 0.1)).toBe(true);
});
