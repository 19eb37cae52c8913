import { expect, test } from "vitest";
import { MutedSpeech } from "./muted.ts";

const loud = 0.1;

/** Ten levels a second; gives at which of them the answer changed, in ms. */
function changes(levelAt: (now: number) => number, until: number): number[] {
  const speech = new MutedSpeech();
  const found: number[] = [];
  let last = false;
  for (let now = 0; now <= until; now += 100) {
    const said = speech.handle(levelAt(now), now);
    if (said !== last) found.push(now);
    last = said;
  }
  return found;
}

test("a cough is no speech, a sentence is", () => {
  expect(changes((now) => (now < 300 ? loud : 0), 5000)).toEqual([]);
  expect(changes(() => loud, 5000)).toEqual([1000]);
});

test("it is said once for a sentence with pauses, and until three seconds of quiet", () => {
  const sentence = (now: number) => (now < 4000 && now % 800 < 400 ? loud : 0);
  expect(changes(sentence, 10_000)).toEqual([1000, 7000]);
});

test("a level that swings around the threshold does not make it flicker", () => {
  expect(changes((now) => (now % 200 === 0 ? 0.032 : 0.028), 20_000)).toEqual([1000]);
});
