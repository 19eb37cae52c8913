import { expect, test } from "vitest";
import { Ewma } from "./ewma.ts";

test("a value that lasts one half-life counts half, after two three quarters", () => {
  const average = new Ewma(2_000, 0);
  expect(average.handle(1, 2_000)).toBeCloseTo(0.5);
  expect(average.handle(1, 4_000)).toBeCloseTo(0.75);
});

test("many short intervals weigh as much as a long one", () => {
  const often = new Ewma(2_000, 0);
  for (let now = 100; now <= 3_000; now += 100) often.handle(8, now);
  expect(often.value).toBeCloseTo(new Ewma(2_000, 0).handle(8, 3_000));
});

test("a clock that stands still or goes back changes nothing", () => {
  const average = new Ewma(2_000, 1_000, 3);
  expect(average.handle(9, 1_000)).toBe(3);
  expect(average.handle(9, 500)).toBe(3);
});

// Losses a second as percentages, smoothed by 2 s of half-life from 0: what Orange's warning of high loss would show.
test("the figures of Orange's warning on a burst of loss", () => {
  const average = new Ewma(2_000, 0);
  const shown = [0, 0, 10, 10, 10, 0, 0, 0].map((loss, index) => average.handle(loss, (index + 1) * 1_000).toFixed(2));
  expect(shown).toEqual(["0.00", "0.00", "2.93", "5.00", "6.46", "4.57", "3.23", "2.29"]);
});
