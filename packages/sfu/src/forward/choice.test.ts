import type { Simulcast } from "@satsuma/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseLayer } from "./choice.ts";

test.each<[string, Simulcast | undefined, string[], string | undefined]>([
  ["no wish is the best layer there is", undefined, ["q", "f", "h"], "f"],
  ["an empty wish is none", { preferredRid: "" }, ["q", "h"], "h"],
  ["a wish is followed while its layer is there", { preferredRid: "h" }, ["f", "h", "q"], "h"],
  ["without leave for another, the layer is awaited", { preferredRid: "a" }, ["b", "c"], undefined],
  ["none is the default of that leave", { preferredRid: "a", ridNotAvailable: "none" }, ["b"], undefined],
  ["with leave, the next lower one", { preferredRid: "b", ridNotAvailable: "asciibetical" }, ["a", "c", "d"], "c"],
  ["with leave and none lower, the lowest", { preferredRid: "z", ridNotAvailable: "asciibetical" }, ["a", "b"], "b"],
  ["nothing is there", { preferredRid: "a", ridNotAvailable: "asciibetical" }, [], undefined],
  ["nothing is there and nothing is wished", undefined, [], undefined],
])("%s", (_, preference, active, chosen) => {
  expect(chooseLayer(preference, active)).toBe(chosen);
});

test("the choice is always a layer that is there, and does not depend on their order", () => {
  const rids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 4 });
  const wishes = fc.record(
    { preferredRid: fc.string({ maxLength: 3 }), ridNotAvailable: fc.constantFrom("none", "asciibetical") },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(rids, fc.option(wishes, { nil: undefined }), (active, wish) => {
      const chosen = chooseLayer(wish, active);
      expect(chooseLayer(wish, active.toReversed())).toBe(chosen);
      if (chosen !== undefined) expect(active).toContain(chosen);
      if (wish?.ridNotAvailable === "asciibetical" && active.length > 0) expect(chosen).toBeDefined();
    }),
  );
});
