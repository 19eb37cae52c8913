import fc from "fast-check";
import { expect, test } from "vitest";
import { Allowance } from "./allowance.ts";

test("a second's calls may come at once, and the next only when one was earned", () => {
  const allowance = new Allowance(50, 1_000);
  for (let call = 0; call < 50; call += 1) expect(allowance.take(1_000)).toBe(true);
  expect(allowance.take(1_000)).toBe(false);
  expect(allowance.take(1_019)).toBe(false);
  expect(allowance.take(1_020)).toBe(true);
  expect(allowance.take(1_020)).toBe(false);
});

test("an hour of rest earns no more than a second's calls", () => {
  const allowance = new Allowance(3, 0);
  expect([1, 2, 3, 4].map(() => allowance.take(3_600_000))).toEqual([true, true, true, false]);
});

test("in no stretch of time do more get through than its length and one bucket allow", () => {
  const perSecond = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(perSecond, fc.array(fc.nat(300), { minLength: 1, maxLength: 300 }), (rate, pauses) => {
      const allowance = new Allowance(rate, 0);
      const taken: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        if (allowance.take(now)) taken.push(now);
      }
      taken.forEach((from, first) => {
        taken.forEach((to, last) => {
          if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(rate + ((to - from) * rate) / 1_000 + 1e-6);
        });
      });
    }),
    { numRuns: 50 },
  );
});
