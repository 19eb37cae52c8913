/**
 * Lives of a call in virtual time: the real client, the real room and the real SFU over a model of the browser and of the
 * network, with faults wherever somebody waits. Whatever happened, in peace everything is as its people want it.
 *
 * A failure prints its seed; `CALL_SEED=<seed>` lives that one again. `CALL_LIVES=<n>` lives more of them, from other seeds.
 */
import { expect, test } from "vitest";
import { Life } from "./life.ts";

const seed = process.env.CALL_SEED;
const nightly = Number(process.env.CALL_LIVES ?? 0);
/** Seeds that stay, so that a red run means a change. */
const first = nightly > 0 ? 1_000_000 + Math.floor(Math.random() * 1e8) : 1;
const lives = seed === undefined ? nightly || 300 : 1;

test(`${lives} lives of a call end as their people want it`, { timeout: 3_600_000 }, async () => {
  const failed: string[] = [];
  let deeds = 0;
  const settled: number[] = [];
  for (let number = 0; number < lives && failed.length < 12; number += 1) {
    const own = seed === undefined ? first + number : Number(seed);
    const fought = await new Life(own, seed !== undefined).live();
    deeds += fought.deeds;
    settled.push(fought.settledIn);
    if (fought.story) process.stdout.write(`${fought.story.join("\n")}\n`);
    if (fought.complaints.length > 0) failed.push(`CALL_SEED=${own}\n  ${fought.complaints.slice(0, 6).join("\n  ")}`);
  }
  expect(failed.join("\n")).toBe("");
  // Lives in which nothing happens would prove nothing.
  expect(deeds).toBeGreaterThan(lives * 10);
});
