import { beforeEach, expect, test } from "vitest";
import { OutageCount } from "./outages.ts";

let count: OutageCount;
beforeEach(() => {
  count = new OutageCount();
});

test("an outage is counted with its cause, its tries and its duration", () => {
  count.lost("socket-lost", 1_000);
  expect(count.view(1_500)).toMatchObject({ begun: 1, ended: 0, present: 500, last: undefined });
  count.tried();
  count.tried();
  count.back(4_000);
  expect(count.view(9_000)).toEqual({
    begun: 1,
    ended: 1,
    tries: 2,
    causes: { "socket-lost": 1 },
    total: 3_000,
    longest: 3_000,
    last: 3_000,
    present: undefined,
  });
});

test("what goes wrong on the way is a further cause of one outage", () => {
  count.lost("socket-lost", 0);
  count.lost("no-answer", 5_000);
  count.back(6_000);
  expect(count.view(6_000)).toMatchObject({ begun: 1, causes: { "socket-lost": 1, "no-answer": 1 }, total: 6_000 });
});

test("several add up, and the longest stays", () => {
  for (const [from, to] of [
    [0, 100],
    [1_000, 3_000],
    [5_000, 5_500],
  ] as const) {
    count.lost("transport-failed", from);
    count.tried();
    count.back(to);
  }
  expect(count.view(6_000)).toMatchObject({ begun: 3, ended: 3, tries: 3, total: 2_600, longest: 2_000, last: 500 });
});

test("what was never lost is neither tried nor back", () => {
  count.tried();
  count.back(100);
  expect(count.view(100)).toMatchObject({ begun: 0, ended: 0, tries: 0, total: 0, last: undefined });
});
