import { expect, test } from "vitest";
import { parseRoomName } from "./name.ts";

test("two spellings of one word are one room", () => {
  expect(parseRoomName("cafe\u0301")).toEqual({ ok: true, value: "caf\u00e9" });
});

test.each(["", "a/b", "a\u0000b", "a\nb", "x".repeat(129)])("no room is called %j", (name) => {
  expect(parseRoomName(name)).toMatchObject({ ok: false, refusal: { code: "bad-message" } });
});
