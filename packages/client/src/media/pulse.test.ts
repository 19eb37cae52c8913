import { expect, test } from "vitest";
import { doubtAfter, lookEvery, Pulse } from "./pulse.ts";

/** Looks at the pulse for so long, and gives the last word. */
function look(pulse: Pulse, from: number, lasts: number, given: { came?: boolean; expected?: boolean }) {
  let last: string | undefined;
  for (let now = from; now <= from + lasts; now += lookEvery) {
    last = pulse.handle({ came: false, expected: true, ...given }, now);
  }
  return last;
}

test("silence after sound is doubtful after a while, and not before", () => {
  const pulse = new Pulse();
  expect(look(pulse, 0, 0, { came: true })).toBe("beating");
  expect(look(pulse, lookEvery, doubtAfter - 2 * lookEvery, {})).toBe("resting");
  expect(look(pulse, doubtAfter, 0, {})).toBe("doubtful");
  expect(look(pulse, 5_000, 0, { came: true })).toBe("beating");
});

test("what never came is not missed, nor what nobody sends", () => {
  expect(look(new Pulse(), 0, 60_000, {})).toBe("resting");
  const pulse = new Pulse();
  look(pulse, 0, 0, { came: true });
  expect(look(pulse, lookEvery, 60_000, { expected: false })).toBe("resting");
  expect(look(pulse, 61_000, 0, {})).toBe("resting");
});

test("a page that slept for an hour begins to count when it wakes", () => {
  const pulse = new Pulse();
  look(pulse, 0, 0, { came: true });
  expect(look(pulse, 3_600_000, 0, {})).toBe("resting");
  expect(look(pulse, 3_600_250, doubtAfter, {})).toBe("doubtful");
});
