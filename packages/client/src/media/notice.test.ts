import { expect, test } from "vitest";
import { readNotice } from "./notice.ts";

test("reads what is watched, and nothing else", () => {
  const notice = { notice: "watched", trackName: "n", rids: ["a"] };
  expect(readNotice(JSON.stringify(notice))).toEqual(notice);
  expect(readNotice(JSON.stringify({ ...notice, rids: ["a", 1, null] }))).toEqual(notice);
  for (const other of [
    "",
    "null",
    "7",
    "{",
    '{"notice":"other"}',
    '{"notice":"watched","trackName":1,"rids":[]}',
    "[]",
  ])
    expect(readNotice(other)).toBeUndefined();
  expect(readNotice(new ArrayBuffer(3))).toBeUndefined();
});
