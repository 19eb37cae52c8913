import { expect } from "vitest";
import { crash } from "./crash.ts";
import { test } from "./temporary.ts";

/** The full form has 500 kills: `npm run nightly:crash`. */
const kills = Number(process.env.CRASH_KILLS ?? 60);
const seed = Number(process.env.CRASH_SEED ?? 1);

test(`[J2] after each of ${kills} kills, what was acknowledged is there, whole, and what was armed rings`, async ({
  directory,
}) => {
  const report = await crash(directory, kills, seed);
  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(kills);
  expect(report.alarms).toBeGreaterThan(0);
}, 3_600_000);
