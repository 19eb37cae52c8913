import { expect, test } from "vitest";
import { hueOf, initialsOf } from "./initials.ts";

test.each([
  ["Ada Lovelace", "AL"],
  ["  ada   king lovelace ", "AL"],
  ["Zoë", "Z"],
  ["👩‍🚀 Eva", "👩‍🚀E"],
  ["李小龍", "李"],
])("%j is shown as %j", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test("a person keeps their colour", () => {
  expect(hueOf("p-1")).toBe(hueOf("p-1"));
  expect(hueOf("p-1")).not.toBe(hueOf("p-2"));
});
