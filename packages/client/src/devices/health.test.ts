import { expect, test } from "vitest";
import { type DeviceTrouble, TrackHealth } from "./health.ts";

/** Looks twice a second; gives what was found at which ms, each change once. */
function found(kind: "microphone" | "camera", levelAt: (now: number) => number | "muted" | undefined, until: number) {
  const health = new TrackHealth(kind);
  const changes: [number, DeviceTrouble | undefined][] = [];
  let last: DeviceTrouble | undefined;
  for (let now = 0; now <= until; now += 500) {
    const level = levelAt(now);
    const trouble = health.handle(level === "muted" ? { muted: true, level: 0 } : { muted: false, level }, now);
    if (trouble !== last) changes.push([now, trouble]);
    last = trouble;
  }
  return changes;
}

test("digital silence is told after five seconds and taken back with the first sound", () => {
  expect(found("microphone", (now) => (now < 8000 ? 0 : 0.0001), 10_000)).toEqual([
    [5500, "silent"],
    [8000, undefined],
  ]);
});

test("the noise of a quiet room is not silence, nor is a gap of four seconds", () => {
  expect(found("microphone", () => 0.00001, 20_000)).toEqual([]);
  expect(found("microphone", (now) => (now % 5000 < 4000 ? 0 : 0.01), 30_000)).toEqual([]);
});

test("what the system mutes is told as that, not as silence", () => {
  expect(found("microphone", () => "muted", 6000)).toEqual([[5500, "muted-by-system"]]);
  expect(found("camera", (now) => (now < 7000 ? "muted" : 0.5), 9000)).toEqual([
    [5500, "muted-by-system"],
    [7000, undefined],
  ]);
});

test("a shutter before the camera is told, a dark room is not", () => {
  expect(found("camera", () => 0.02, 6000)).toEqual([[5500, "black"]]);
  expect(found("camera", () => 0.1, 20_000)).toEqual([]);
});

test("a page that cannot look makes nothing up, and keeps what it knew", () => {
  expect(found("microphone", () => undefined, 20_000)).toEqual([]);
  expect(found("microphone", (now) => (now < 6000 ? 0 : undefined), 20_000)).toEqual([[5500, "silent"]]);
});

test("a camera that gives the same picture again and again is told, whatever is on it", () => {
  const health = new TrackHealth("camera");
  const look = (now: number, moved: boolean | undefined) => health.handle({ muted: false, level: 0.5, moved }, now);
  for (let now = 0; now <= 10_000; now += 2_000) expect(look(now, true)).toBeUndefined();
  expect(look(12_000, false)).toBeUndefined();
  expect(look(16_000, false)).toBeUndefined();
  expect(look(18_000, false)).toBe("frozen");
  expect(look(20_000, true)).toBeUndefined();
});
