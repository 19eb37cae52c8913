import { expect, test } from "vitest";
import { parseRoomPath } from "./room-path.ts";

test.each([
  ["/parties/rooms/Ab3-_x?_pk=1", "Ab3-_x", "1"],
  ["/parties/rooms/a%20b?_pk=1", "a b", "1"],
  ["/parties/rooms/a-b?_pk=1", "a-b", "1"],
  ["/parties/rooms/caf%C3%A9/deeper?_pk=1&more=2", "café", "1"],
  ["/parties/rooms/cafe%CC%81", "café", undefined],
  ["/parties/rooms/a%2Fb?_pk=%41-1", "a%2Fb", "A-1"],
  ["/parties/rooms/%ZZ?_pk=1", "%ZZ", "1"],
])("%s is room %s", (url, room, id) => {
  expect(parseRoomPath(url)).toEqual({ ok: true, value: { room, id } });
});

test.each([
  ["/parties/lobbies/a?_pk=1", "not-found"],
  ["/parties/rooms/?_pk=1", "not-found"],
  ["/parties/rooms", "not-found"],
  [`/parties/rooms/${"x".repeat(129)}?_pk=1`, "bad-message"],
  ["/parties/rooms/a?_pk=", "bad-message"],
  [`/parties/rooms/a?_pk=${"x".repeat(129)}`, "bad-message"],
  ["/parties/rooms/a?_pk=%00", "bad-message"],
])("%s is refused", (url, code) => {
  expect(parseRoomPath(url)).toMatchObject({ ok: false, refusal: { code } });
});

test("the path of another dialect is left to it", () => {
  expect(parseRoomPath("/rooms/a")).toBeUndefined();
});
