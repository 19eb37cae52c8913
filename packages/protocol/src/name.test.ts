import { expect, test } from "vitest";
import { nameIn } from "./name.ts";

test("a name is bounded, on one line, and in the direction of its own letters", () => {
  expect(nameIn(" An\u0000n\n ")).toBe("Ann");
  expect(nameIn("\u202aAnna\u202c")).toBe("Anna");
  expect(nameIn("\u202eannA")).toBe("annA");
  expect(nameIn("x".repeat(500))).toHaveLength(128);
});

test("what cannot be seen is no name, and joiners within one stay", () => {
  for (const nothing of ["\n", "", "\u200b\u3164", "\u202e"]) expect(nameIn(nothing)).toBeUndefined();
  const family = "\u{1f469}\u200d\u{1f467}";
  expect(nameIn(family)).toBe(family);
});
