import fc from "fast-check";
import { expect, test } from "vitest";
import type { Stored } from "./codec.ts";
import { read, undone, written } from "./undo.ts";

const stored: fc.Arbitrary<Stored | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  // Long and alike, so that they are patched; cut next to characters whose first halves are the same.
  fc
    .tuple(fc.nat({ max: 3 }), fc.string({ unit: fc.constantFrom("🌍", "🌎", "a"), maxLength: 4 }), fc.nat({ max: 3 }))
    .map(([before, middle, after]) => `${"🌍".repeat(600 + before)}${middle}${"🌎".repeat(after)}`),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);

test("[J8] every change is undone, through storage that knows only whole characters", () => {
  const change = fc.tuple(fc.nat(), fc.string({ unit: "grapheme" }), stored, stored);
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const text = changes.map((each) => written(...each)).join("");
      const undos = [...read(new TextDecoder().decode(new TextEncoder().encode(text)))];
      expect(undos.map(({ actor, key }) => [actor, key])).toEqual(changes.map(([actor, key]) => [actor, key]));
      changes.forEach(([, , before, after], index) => {
        const undo = undos[index];
        expect(undo && undone(undo, after)).toEqual(before);
      });
    }),
    { numRuns: 1_000 },
  );
});
