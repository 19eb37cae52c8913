import { beforeEach, expect, test } from "vitest";
import { IdleLayers, restAfter } from "./idle.ts";

let idle: IdleLayers;
beforeEach(() => {
  idle = new IdleLayers();
  idle.sent("camera", "n1", ["a", "b", "c"]);
});

const resting = (now: number) => [...idle.of("camera", now)];

test("before the media server has said anything every layer is sent", () => {
  expect(resting(1e9)).toEqual([]);
  expect(idle.nextDeadline(0)).toBeUndefined();
});

test("a layer rests once it was unwatched for five seconds", () => {
  idle.told("n1", ["b", "c"], 1_000);
  expect(resting(1_000 + restAfter - 1)).toEqual([]);
  expect(idle.nextDeadline(1_000)).toBe(1_000 + restAfter);
  expect(resting(1_000 + restAfter)).toEqual(["a"]);
  expect(idle.nextDeadline(1_000 + restAfter)).toBeUndefined();
});

test("one that is wanted again is sent at once, and its patience begins anew", () => {
  idle.told("n1", [], 0);
  expect(resting(restAfter)).toEqual(["a", "b", "c"]);
  idle.told("n1", ["a"], restAfter + 1);
  expect(resting(restAfter + 1)).toEqual(["b", "c"]);
  idle.told("n1", [], restAfter + 2);
  expect(resting(restAfter + 3)).toEqual(["b", "c"]);
  expect(resting(2 * restAfter + 2)).toEqual(["a", "b", "c"]);
});

test("wishes that come and go within the patience change nothing", () => {
  for (let now = 0; now < 60_000; now += 4_000) {
    idle.told("n1", now % 8_000 === 0 ? ["c"] : ["a", "b", "c"], now);
    expect(resting(now)).toEqual([]);
  }
});

test("being told the same again does not begin the patience anew", () => {
  idle.told("n1", ["c"], 0);
  idle.told("n1", ["c"], 4_000);
  expect(resting(restAfter)).toEqual(["a", "b"]);
});

test("what is told of another name, or of one before, is not for this track", () => {
  idle.told("other", [], 0);
  idle.sent("camera", "n2", ["a", "b", "c"]);
  idle.told("n1", [], 0);
  expect(resting(1e9)).toEqual([]);
  idle.told("n2", [], 0);
  expect(resting(1e9)).toEqual(["a", "b", "c"]);
  idle.forget();
  expect(resting(1e9)).toEqual([]);
});

test("what is told before the answer to the push holds from when it was told", () => {
  idle.told("n2", ["c"], 1_000);
  idle.told("n2", ["b", "c"], 2_000);
  idle.sent("camera", "n2", ["a", "b", "c"]);
  expect(idle.nextDeadline(2_500)).toBe(2_000 + restAfter);
  expect(resting(2_000 + restAfter)).toEqual(["a"]);
  for (let early = 0; early < 17; early++) idle.told(`e${early}`, [], 0);
  idle.sent("other", "e0", ["a"]);
  idle.sent("another", "e16", ["a"]);
  expect(idle.of("other", 1e9).size).toBe(0);
  expect(idle.of("another", 1e9).size).toBe(1);
});
