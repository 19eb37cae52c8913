import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isStamped, stampOf, writeStamp } from "./stamp.mjs";

let folder = "";
let lock = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stamp-"));
  lock = join(folder, "package-lock.json");
  writeFileSync(lock, "one");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a stamp holds while contents and facts stay, whatever the times of the files", () => {
  const place = join(folder, "stamp");
  expect(isStamped(place, stampOf([lock]))).toBe(false);
  writeStamp(place, stampOf([lock], ["linux"]));
  utimesSync(lock, new Date(0), new Date(0));
  expect(isStamped(place, stampOf([lock], ["linux"]))).toBe(true);
  expect(isStamped(place, stampOf([lock], ["darwin"]))).toBe(false);
});

test("another content, a new file and a missing file make another stamp", () => {
  const before = stampOf([lock]);
  const other = join(folder, "package.json");
  writeFileSync(other, "");
  expect(stampOf([lock, other])).not.toBe(before);
  writeFileSync(lock, "two");
  expect(stampOf([lock])).not.toBe(before);
  rmSync(lock);
  expect(stampOf([lock])).not.toBe(before);
});

test("the order in which files are named does not count", () => {
  const other = join(folder, "package.json");
  writeFileSync(other, "x");
  expect(stampOf([lock, other])).toBe(stampOf([other, lock]));
});
