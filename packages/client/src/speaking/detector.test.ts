import { expect, test } from "vitest";
import { SpeakingDetector } from "./detector.ts";

test("begins at once with a loud sound, and not with a murmur", () => {
  const detector = new SpeakingDetector();
  expect(detector.handle(0.02, 0)).toBe(false);
  expect(detector.handle(0.03, 100)).toBe(true);
});

test("once begun, a murmur keeps it up", () => {
  const detector = new SpeakingDetector();
  detector.handle(0.1, 0);
  for (let now = 100; now <= 3000; now += 100) expect(detector.handle(0.02, now)).toBe(true);
});

test("a pause between words does not end it, a longer one does", () => {
  const detector = new SpeakingDetector();
  detector.handle(0.1, 0);
  expect(detector.handle(0, 599)).toBe(true);
  expect(detector.handle(0, 600)).toBe(false);
  expect(detector.handle(0.02, 700)).toBe(false);
});

test("a level that swings around one threshold does not flicker", () => {
  const detector = new SpeakingDetector();
  const answers = Array.from({ length: 50 }, (_, index) => detector.handle(index % 2 ? 0.028 : 0.032, index * 100));
  expect(new Set(answers)).toEqual(new Set([true]));
});
