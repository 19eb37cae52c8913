import { expect, test } from "vitest";
import { bestOf, commonRate, mostOf, nextRate, overall } from "./search.ts";
import type { Cell } from "./station.ts";

/** A cell of one second with one receiver; `busy` is the contender's share of its core. */
function cell(packetsPerSecond: number, busy: number, loss = 0, generatorBusy = 0.2): Cell {
  const forwarded = packetsPerSecond * (1 - loss);
  return {
    packetsPerSecond,
    receivers: 1,
    loss,
    forwarded,
    forwardedPerSecond: forwarded,
    contenderCpuMs: busy * 1_000,
    packetsPerCpuSecond: forwarded / busy,
    elapsedMs: 1_000,
    generatorBusy,
    others: 0,
    p50Ms: 0.1,
    p99Ms: 1,
    residentBytes: 0,
  };
}

test("a search begins where every contender keeps up, and goes as far as the time that is left allows", () => {
  expect(nextRate([], 50)).toBe(100);
  expect(nextRate([cell(100, 0.1)], 1)).toBe(1_000);
  expect(nextRate([cell(100, 0.1), cell(1_000, 0.97)], 1)).toBe(1_150);
});

test("between a rate that was kept up with and one that was too much, a search halves", () => {
  expect(nextRate([cell(1_000, 0.9), cell(2_000, 1, 0.3)], 1)).toBe(1_500);
  expect(nextRate([cell(2_000, 1, 0.3)], 1)).toBe(1_500);
});

test("losses of a contender that had time left are no bound", () => {
  const disturbed = [cell(500, 0.3), cell(1_000, 0.4, 0.2)];
  expect(nextRate(disturbed, 1)).toBe(1_000);
  expect(nextRate([...disturbed, cell(1_000, 0.4, 0.2)], 1)).toBe(750);
  expect(nextRate([...disturbed, cell(1_000, 0.5)], 1)).toBe(2_000);
});

test("cells with losses or with a generator that had no time are not counted", () => {
  const cells = [cell(1_000, 0.5), cell(2_000, 0.9), cell(3_000, 1, 0.01), cell(4_000, 1, 0, 0.8)];
  expect(mostOf(cells)).toBe(cells[1]);
  expect(bestOf(cells)).toBe(cells[1]);
  expect(bestOf([cell(3_000, 1, 0.01)])).toBeUndefined();
});

test("what several are compared at is the highest rate that all of them kept up with", () => {
  expect(
    commonRate([
      [cell(1_000, 0.5), cell(2_000, 0.9)],
      [cell(1_500, 0.8), cell(1_700, 1, 0.2)],
    ]),
  ).toBe(1_500);
  expect(commonRate([[cell(1_000, 0.5)], [cell(1_500, 1, 0.3)]])).toBeUndefined();
  expect(commonRate([])).toBeUndefined();
});

test("cells of one rate count together, but for those with losses", () => {
  expect(overall([cell(1_000, 0.5), cell(1_000, 0.3), cell(1_000, 0.1, 0.5)])).toBe(2_500);
  expect(overall([cell(1_000, 0.5, 0.5)])).toBeUndefined();
});
