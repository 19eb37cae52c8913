/** Random lives on bad networks: `npm run nightly:network` lives 100,000 of them. */
import { expect, test } from "vitest";
import { type Lived, live } from "./life.ts";

const nightly = Number(process.env.LIVES ?? 0);
const seed = nightly > 0 ? Date.now() % 1_000_000_007 : 20_261_128;
const lives = nightly || 1_000;

/** Lives that once broke something, by seed and number. */
const broken = [
  // The packets of a closed m-line that pacing had held back went out after it was closed.
  [20_261_128, 1_538],
  // A packet that came very late took the place of a newer one in the list of those that can be sent again.
  [20_261_128, 3_074],
  // A probe that a packet of media came into found a tenth of what the way carries.
  [20_261_128, 108],
  // What was lost before a way became wide held the estimate down after a probe had shown that it is.
  [20_261_128, 2_825],
  // A keyframe whose first packet came late answered a request that was made while its others came, and raised nobody.
  [872_996_319, 470],
  // Losses of four seconds ago became a limit when more was sent and nothing of it was lost.
  [875_173_693, 1_209],
] as const;

async function lived(of: number, number: number): Promise<Lived> {
  try {
    return await live(of, number);
  } catch (cause) {
    throw new Error(`life ${number} of seed ${of}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

test(`${lives} lives on bad networks keep every promise (seed ${seed})`, { timeout: 3 * 3_600_000 }, async () => {
  const total = { packets: 0, emitted: 0, answered: 0, thinned: 0, stretches: 0, decoded: 0 };
  for (let number = 0; number < lives; number += 1) {
    const { packets, emitted, answered, thinned, stretches, decoded } = await lived(seed, number);
    total.packets += packets;
    total.emitted += emitted;
    total.answered += answered;
    total.thinned += thinned;
    total.stretches += stretches;
    total.decoded += decoded;
  }
  // Lives in which nothing is forwarded, repeated or switched would prove nothing.
  expect(total.decoded).toBeGreaterThan(lives * 100);
  expect(total.answered).toBeGreaterThan(lives);
  expect(total.thinned).toBeGreaterThan(lives);
  expect(total.stretches).toBeGreaterThan(lives * 3);
});

test.each(broken)("life %i/%i is good again", async (of, number) => {
  await lived(of, number);
});
