import { expect, test } from "vitest";
import { Rate } from "./rate.ts";

test("a steady stream shows its rate from early on, and for as long as it lasts", () => {
  const rate = new Rate();
  for (let now = 5_030; now < 20_000; now += 10) {
    rate.add(1_250, now);
    if (now > 5_500) expect(rate.bitrate(now) / 1_000_000).toBeCloseTo(1, 0);
    if (now > 9_000) expect(Math.abs(rate.bitrate(now) / 1_000_000 - 1)).toBeLessThan(0.01);
  }
});

test("a keyframe of six pictures adds a twentieth", () => {
  const rate = new Rate();
  for (let now = 0; now < 5_000; now += 40) rate.add(now === 4_000 ? 6_000 : 1_000, now);
  expect(rate.bitrate(5_000) / 200_000).toBeLessThan(1.08);
});

test("what stopped is nothing after three seconds, and begins anew", () => {
  const rate = new Rate();
  expect(rate.bitrate(100)).toBe(0);
  for (let now = 0; now < 5_000; now += 10) rate.add(1_250, now);
  expect(rate.bitrate(6_500)).toBeLessThan(600_000);
  expect(rate.bitrate(8_100)).toBe(0);
  for (let now = 9_000; now < 9_500; now += 10) rate.add(1_250, now);
  expect(rate.bitrate(9_500)).toBeGreaterThan(900_000);
});
