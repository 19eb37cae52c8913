import fc from "fast-check";
import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("forty calls leave at once, and from then on one every 20 ms", () => {
  const pace = new Pace(50);
  const delays = Array.from({ length: 43 }, () => pace.delay("s", 1_000));
  expect(delays.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 0));
  expect(delays.slice(40)).toEqual([20, 40, 60]);
});

test("sessions do not wait for each other", () => {
  const pace = new Pace(50);
  for (let call = 0; call < 100; call += 1) pace.delay("busy", 0);
  expect(pace.delay("other", 0)).toBe(0);
});

test("sessions at rest are forgotten", () => {
  const pace = new Pace(50);
  for (let session = 0; session < 1_000; session += 1) pace.delay(`s${session}`, session * 20);
  expect(pace.size).toBeLessThan(5);
});

test("no second sees more than fifty calls of a session, and they leave in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 300 }), (pauses) => {
      const pace = new Pace(50);
      let now = 0;
      const left = pauses.map((pause) => {
        now += pause;
        return now + pace.delay("s", now);
      });
      left.forEach((at, index) => {
        expect(at).toBeGreaterThanOrEqual(left[index - 1] ?? 0);
        // A token bucket of fifty, as the service has: a window of w ms lets 50 + w/20 through.
        left.slice(0, index + 1).forEach((from, first) => {
          expect(index - first + 1).toBeLessThanOrEqual(50 + (at - from) / 20);
        });
      });
    }),
    { numRuns: 50 },
  );
});
