import type { Simulcast } from "@satsuma/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseQuality } from "./choice.ts";
import { all, type Quality } from "./quality.ts";

const endless = Number.POSITIVE_INFINITY;

test.each<[string, Simulcast | undefined, string[], string | undefined]>([
  ["no wish is the best layer there is", undefined, ["f", "h", "q"], "f"],
  ["an empty wish is none", { preferredRid: "" }, ["h", "q"], "h"],
  ["a wish is followed while its layer is there", { preferredRid: "h" }, ["f", "h", "q"], "h"],
  ["without leave for another, the layer is awaited", { preferredRid: "a" }, ["b", "c"], undefined],
  ["none is the default of that leave", { preferredRid: "a", ridNotAvailable: "none" }, ["b"], undefined],
  ["with leave, the next lower one", { preferredRid: "b", ridNotAvailable: "asciibetical" }, ["a", "c", "d"], "c"],
  ["with leave and none lower, the lowest", { preferredRid: "z", ridNotAvailable: "asciibetical" }, ["a", "b"], "b"],
  ["nothing is there", { preferredRid: "a", ridNotAvailable: "asciibetical" }, [], undefined],
  ["nothing is there and nothing is wished", undefined, [], undefined],
])("%s", (_, preference, active, chosen) => {
  expect(chooseQuality(preference, active.map(quality), endless)?.rid).toBe(chosen);
});

test.each<[string, Simulcast | undefined, number, string]>([
  ["without a wish the best that can be paid is sent", undefined, 700, "b"],
  ["who wants one layer and no other gets it at any price", { preferredRid: "a" }, 0, "a"],
  [
    "leave for lower ones is used when the wish is too dear",
    { preferredRid: "a", priorityOrdering: "asciibetical" },
    700,
    "b",
  ],
  ["it is no leave for better ones", { preferredRid: "b", priorityOrdering: "asciibetical" }, 5_000, "b"],
  ["the cheapest is the last resort", undefined, 0, "c"],
])("%s", (_, preference, budget, chosen) => {
  expect(chooseQuality(preference, ["a", "b", "c"].map(quality), budget)?.rid).toBe(chosen);
});

test("the choice is always among what is there, and with leave for others there always is one", () => {
  const rids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 4 });
  const wishes = fc.record(
    { preferredRid: fc.string({ maxLength: 3 }), ridNotAvailable: fc.constantFrom("none", "asciibetical") },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      rids,
      fc.option(wishes, { nil: undefined }),
      fc.integer({ min: 0, max: 4_000 }),
      (active, wish, budget) => {
        const chosen = chooseQuality(wish, active.sort().map(quality), budget)?.rid;
        if (chosen !== undefined) expect(active).toContain(chosen);
        if (wish?.ridNotAvailable === "asciibetical" && active.length > 0) expect(chosen).toBeDefined();
      },
    ),
  );
});

/** Each costs half of the one before. */
function quality(rid: string, index: number): Quality {
  return { rid, spatial: all, temporal: all, bitrate: 1_000 / 2 ** index, height: undefined, framesPerSecond: 30 };
}
