import { expect, test } from "vitest";
import { isRoomName, newRoomName, roomIn } from "./names.ts";

test("a new name is three words of two syllables, and another one each time", () => {
  expect(newRoomName()).toMatch(/^([a-z][aeiou]){2}(-([a-z][aeiou]){2}){2}$/);
  expect(newRoomName()).not.toBe(newRoomName());
});

test.each([
  ["kuna-refo-dalu", "kuna-refo-dalu"],
  ["  Monday standup ", "Monday standup"],
  ["https://meet.example/r/kuna-refo-dalu?x=1#y", "kuna-refo-dalu"],
  ["meet.example/r/Gr%C3%BC%C3%9Fe", "Grüße"],
])("%j leads to the room %j", (typed, room) => {
  expect(roomIn(typed)).toBe(room);
});

test.each(["", "   ", "a/b", "https://meet.example/", "x/r/%E0%A4%A", "a".repeat(129)])("%j leads nowhere", (typed) => {
  expect(roomIn(typed)).toBeUndefined();
});

test("a name may hold 128 characters, and none that cannot be seen", () => {
  expect(isRoomName("a".repeat(128))).toBe(true);
  expect(isRoomName("a\u0007b")).toBe(false);
});
