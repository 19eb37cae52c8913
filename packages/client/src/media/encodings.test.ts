import { expect, test } from "vitest";
import { ladder, type Step } from "../quality/steps.ts";
import { applied, cameraEncodings, rested, ridFor } from "./encodings.ts";

const all = ladder[0] as Step;

test.each([
  [
    1080,
    [
      ["a", 1],
      ["b", 3],
      ["c", 6],
    ],
  ],
  [
    720,
    [
      ["a", 1],
      ["b", 2],
      ["c", 4],
    ],
  ],
  [
    360,
    [
      ["b", 1],
      ["c", 2],
    ],
  ],
  [
    240,
    [
      ["b", 1],
      ["c", 4 / 3],
    ],
  ],
  [120, [["c", 1]]],
])("a camera of %i lines has these layers", (height, layers) => {
  const encodings = cameraEncodings(height, all);
  expect(encodings.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual(layers);
  expect(encodings.every(({ active }) => active)).toBe(true);
});

test("steps down take the largest layers away first, then frames, then the picture", () => {
  const sent = ladder.map((step) => cameraEncodings(720, step).flatMap(({ rid, active }) => (active ? [rid] : [])));
  expect(sent).toEqual([["a", "b", "c"], ["b", "c"], ["b", "c"], ["c"], []]);
});

test("the last layer is sent however small the step, unless it leaves sound alone", () => {
  const step = ladder.at(-2) as Step;
  expect(
    cameraEncodings(240, step)
      .filter(({ active }) => active)
      .map(({ rid }) => rid),
  ).toEqual(["c"]);
});

test("a layer that nobody watches is not sent, but for the least", () => {
  const encodings = cameraEncodings(720, all);
  const sent = (...idle: string[]) => rested(encodings, new Set(idle)).map(({ active }) => active);
  expect(sent("a")).toEqual([false, true, true]);
  expect(sent("a", "b", "c")).toEqual([false, false, true]);
  expect(rested(encodings, new Set())).toBe(encodings);
});

test("what has one layer is sent, watched or not", () => {
  const screen = [{ maxBitrate: 2_500_000 }];
  expect(rested(screen, new Set(["a"]))).toEqual(screen);
});

test.each([
  [720, "a"],
  [401, "a"],
  [400, "b"],
  [201, "b"],
  [90, "c"],
  [0, "c"],
])("a view of %i device pixels needs layer %s", (height, rid) => {
  expect(ridFor(height)).toBe(rid);
});

test("parameters of a sender change only where they differ, and keep what is not ours", () => {
  const current = {
    transactionId: "1",
    codecs: [],
    headerExtensions: [],
    rtcp: {},
    encodings: [{ rid: "a", active: true, maxBitrate: 1_700_000, networkPriority: "high" as const }],
  };
  const [a] = cameraEncodings(720, all);
  if (a === undefined) throw new Error("A 720p camera has a layer.");
  expect(applied(current, [a])).toBeUndefined();
  expect(applied(current, [{ ...a, active: false }])?.encodings).toEqual([{ ...current.encodings[0], active: false }]);
  expect(applied(current, [{ ...a, maxFramerate: 15 }])?.encodings[0]?.maxFramerate).toBe(15);
  expect(applied(current, [{ ...a, maxBitrate: 9_000 }])?.encodings[0]?.maxBitrate).toBe(9_000);
});
