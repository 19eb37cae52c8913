import { beforeEach, expect, test } from "vitest";
import { Reporter, sampleInterval, statesInterval } from "./reporter.ts";

let reporter: Reporter;
beforeEach(() => {
  reporter = new Reporter();
});

test("one sample in ten seconds, the worst of them and the newest of equals", () => {
  const said: unknown[] = [];
  for (let now = 0; now <= 40_000; now += 2_000) {
    reporter.sampled({ quality: now === 4_000 ? "poor" : "good", duration: now }, now);
    const report = reporter.next(now);
    if (report) said.push([now, report.sample]);
  }
  expect(said).toEqual([
    [10_000, { quality: "poor", duration: 4_000 }],
    [22_000, { quality: "good", duration: 22_000 }],
    [34_000, { quality: "good", duration: 34_000 }],
  ]);
});

test("without a sample nothing is said, and nothing is waited for", () => {
  expect(reporter.next(1e9)).toBeUndefined();
  expect(reporter.nextDeadline()).toBeUndefined();
  reporter.sampled({ quality: "good" }, 500);
  expect(reporter.nextDeadline()).toBe(500 + sampleInterval);
});

test("states are said when they change, with what changed alone, and not more often than once a second", () => {
  reporter.states({ connection: "connecting", ice: "new", attempt: 1, why: "attempt" });
  expect(reporter.next(0)).toEqual({
    states: { connection: "connecting", ice: "new", attempt: 1, why: "attempt" },
  });
  reporter.states({ connection: "connecting", ice: "checking", attempt: 1, why: "attempt" });
  expect(reporter.next(statesInterval - 1)).toBeUndefined();
  expect(reporter.nextDeadline()).toBe(statesInterval);
  reporter.states({ connection: "connected", ice: "connected", attempt: 1, why: "up" });
  expect(reporter.next(statesInterval)).toEqual({ states: { connection: "connected", ice: "connected", why: "up" } });
  expect(reporter.next(9e9)).toBeUndefined();
});

test("what changed back before it was said is not said", () => {
  reporter.states({ connection: "connected" });
  reporter.next(0);
  reporter.states({ connection: "disconnected" });
  reporter.states({ connection: "connected" });
  expect(reporter.next(statesInterval)).toBeUndefined();
});
