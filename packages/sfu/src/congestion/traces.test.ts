/** The estimator on what real Chromium told of real packets (traces/README.md), beside the courses of virtual time. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { replay, type Told } from "../../test/downlink/replay.ts";

const told = (name: string): Told[] => replay(readFileSync(new URL(`traces/${name}.txt`, import.meta.url), "utf8"));
const targets = (all: readonly Told[], from = 0, to = Number.POSITIVE_INFINITY) =>
  all.filter(({ at }) => at >= from && at < to).map(({ target }) => target);
/** What the session is told to send while packets wait for long. */
const queued = (all: readonly Told[]) => all.filter(({ queue }) => queue > 300).map(({ target }) => target);

describe("on a steady 1 Mbit/s", () => {
  const all = told("steady-1000k");

  test("the target never is far above what the way carries, and never under half of it while less is sent", () => {
    expect(all.length).toBeGreaterThan(100);
    expect(Math.max(...targets(all))).toBeLessThan(1_150_000);
    expect(Math.min(...targets(all, 0, 7_500))).toBeGreaterThan(500_000);
  });

  test("a picture that becomes larger than that, and fills the way for a second, is told of", () => {
    expect(queued(all).length).toBeGreaterThan(5);
    expect(Math.max(...queued(all))).toBeLessThan(800_000);
  });
});

describe("where one packet in twenty is lost", () => {
  const all = told("loss-5-percent");

  test("that is told, and not taken for a limit: the target has room for all that is wanted", () => {
    const losses = all.filter(({ at }) => at > 1_000).map(({ loss }) => loss);
    expect(Math.min(...losses)).toBeGreaterThan(0.02);
    expect(Math.max(...losses)).toBeLessThan(0.07);
    expect(Math.min(...targets(all))).toBeGreaterThanOrEqual(1_000_000);
    expect(Math.min(...targets(all, 5_000))).toBeGreaterThan(2_700_000);
  });
});

describe("when 5 Mbit/s become 1", () => {
  const all = told("drop-5000k-1000k");

  test("the target had room for the best layer, and is less than the way carries within a second", () => {
    expect(Math.min(...targets(all, 2_500, 3_800))).toBeGreaterThan(2_500_000);
    const dropped = all.find(({ at, target }) => at > 3_800 && target < 1_000_000)?.at;
    expect(dropped).toBeLessThan(5_000);
  });

  test("it stays there and uses half of it at the least, and the queue is gone two seconds later", () => {
    expect(Math.max(...targets(all, 5_000))).toBeLessThan(1_100_000);
    expect(Math.min(...targets(all, 5_000))).toBeGreaterThan(500_000);
    expect(Math.max(...queued(all))).toBeLessThan(800_000);
    expect(Math.max(...all.filter(({ at }) => at > 6_000).map(({ queue }) => queue))).toBeLessThan(200);
  });
});
