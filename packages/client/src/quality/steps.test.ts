import fc from "fast-check";
import { expect, test } from "vitest";
import { ladder, Steps, type Strain } from "./steps.ts";

/** A second a word. */
function live(steps: Steps, strain: Strain, seconds: number, from: number): number {
  for (let second = 0; second < seconds; second += 1) steps.handle(strain, (from + second) * 1_000);
  return from + seconds;
}

test("lasting strain goes down one step at a time, to sound alone and no further", () => {
  const steps = new Steps();
  let now = live(steps, "much", 7, 0);
  expect(steps.step).toEqual({ height: 400, frameRate: undefined, video: true });
  now = live(steps, "much", 6, now);
  expect(steps.step.frameRate).toBe(15);
  now = live(steps, "much", 60, now);
  expect(steps.step.video).toBe(false);
  expect(steps.rung).toBe(ladder.length - 1);
});

test("a short strain changes nothing", () => {
  const steps = new Steps();
  let now = 0;
  for (let round = 0; round < 10; round += 1) now = live(steps, "none", 2, live(steps, "much", 5, now));
  expect(steps.rung).toBe(0);
});

test("strain that is borne keeps the step where it is", () => {
  const steps = new Steps();
  live(steps, "some", 600, live(steps, "much", 7, 0));
  expect(steps.rung).toBe(1);
});

test("peace goes up again", () => {
  const steps = new Steps();
  live(steps, "none", 60, live(steps, "much", 20, 0));
  expect(steps.rung).toBe(0);
});

test("a step up that brings the strain back makes the next one wait twice as long", () => {
  const steps = new Steps();
  let now = live(steps, "much", 7, 0);
  const waits: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const from = now;
    while (steps.rung === 1) now = live(steps, "none", 1, now);
    waits.push(now - from);
    while (steps.rung === 0) now = live(steps, "much", 1, now);
  }
  expect(waits).toEqual([16, 31, 61, 121]);
});

test("whatever comes, two changes are never closer than the time that a step down takes", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Strain>("none", "some", "much"), { maxLength: 400 }), (strains) => {
      const steps = new Steps();
      let changedAt = Number.NEGATIVE_INFINITY;
      for (const [index, strain] of strains.entries()) {
        const before = steps.rung;
        steps.handle(strain, index * 1_000);
        if (steps.rung === before) continue;
        expect(Math.abs(steps.rung - before)).toBe(1);
        expect(index * 1_000 - changedAt).toBeGreaterThanOrEqual(6_000);
        changedAt = index * 1_000;
      }
    }),
  );
});
