import fc from "fast-check";
import { expect, test } from "vitest";
import { Gauge, type Grade, isWorse, worst, worstBut } from "./gauge.ts";

const options = {
  fair: { enter: 0.03, leave: 0.02 },
  poor: { enter: 0.08, leave: 0.05 },
  worseAfter: 4_000,
  betterAfter: 8_000,
};

/** Feeds a value a second, and gives the grade after each. */
function feed(gauge: Gauge, values: readonly number[], from = 0): string[] {
  return values.map((value, index) => gauge.handle(value, from + index * 1_000));
}

test("trouble is believed after it lasted", () => {
  expect(feed(new Gauge(options), [0.1, 0.1, 0.1, 0.1, 0.1])).toEqual(["good", "good", "good", "good", "poor"]);
});

test("a moment of trouble changes nothing", () => {
  const grades = feed(new Gauge(options), [0.2, 0.2, 0.2, 0, 0.2, 0.2, 0.2, 0]);
  expect(new Set(grades)).toEqual(new Set(["good"]));
});

test("relief is believed later than trouble, and only beyond the milder threshold", () => {
  const gauge = new Gauge(options);
  feed(gauge, [0.1, 0.1, 0.1, 0.1, 0.1]);
  // Between the two sides of "poor": still poor.
  expect(feed(gauge, Array(20).fill(0.06), 5_000).at(-1)).toBe("poor");
  expect(feed(gauge, Array(8).fill(0), 25_000).at(-1)).toBe("poor");
  expect(gauge.handle(0, 33_000)).toBe("good");
});

test("what gets worse while it is about to be fair becomes what it is then", () => {
  const gauge = new Gauge(options);
  expect(feed(gauge, [0.04, 0.04, 0.04, 0.1, 0.1]).at(-1)).toBe("poor");
});

test("where less is worse, the sides are turned round", () => {
  const gauge = new Gauge({ ...options, fair: { enter: 12, leave: 14 }, poor: { enter: 5, leave: 7 } });
  expect(feed(gauge, [30, 4, 4, 4, 4, 4]).at(-1)).toBe("poor");
  expect(feed(gauge, Array(9).fill(6), 6_000).at(-1)).toBe("poor");
  expect(feed(gauge, Array(9).fill(30), 16_000).at(-1)).toBe("good");
});

test("no sequence of values changes the grade faster than its patience allows", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 0, max: 0.2, noNaN: true }), fc.integer({ min: 1, max: 3_000 }))),
      (steps) => {
        const gauge = new Gauge(options);
        let now = 0;
        let changedAt = Number.NEGATIVE_INFINITY;
        let before = gauge.grade;
        for (const [value, elapsed] of steps) {
          now += elapsed;
          const grade = gauge.handle(value, now);
          if (grade !== before) {
            const patience = isWorse(grade, before) ? options.worseAfter : options.betterAfter;
            expect(now - changedAt).toBeGreaterThanOrEqual(patience);
            changedAt = now;
          }
          before = grade;
        }
      },
    ),
  );
});

test("the worst of all others is what it is by looking at each of them", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Grade[]>("good", "fair", "poor"), { maxLength: 6 }), (grades) => {
      const others = worstBut(grades);
      for (const [at, grade] of grades.entries()) expect(others(grade)).toBe(worst(...grades.toSpliced(at, 1)));
      // Somebody of whom there is no grade is taken for good.
      expect(others("good")).toBe(worst(...grades));
    }),
  );
});
