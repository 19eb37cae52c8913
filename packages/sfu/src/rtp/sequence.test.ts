import fc from "fast-check";
import { expect, test } from "vitest";
import { sequenceDistance } from "./sequence.ts";

const sequence = fc.integer({ min: 0, max: 0xffff });

test("the distance leads from one number to the other, the short way round", () => {
  fc.assert(
    fc.property(sequence, sequence, (from, to) => {
      const distance = sequenceDistance(from, to);
      expect((from + distance) & 0xffff).toBe(to);
      expect(distance).toBeGreaterThanOrEqual(-0x8000);
      expect(distance).toBeLessThan(0x8000);
    }),
  );
});

test("the way back is the same distance, except for the opposite point", () => {
  fc.assert(
    fc.property(sequence, sequence, (from, to) => {
      if (((to - from) & 0xffff) === 0x8000) expect(sequenceDistance(from, to)).toBe(sequenceDistance(to, from));
      else expect(sequenceDistance(from, to) + sequenceDistance(to, from)).toBe(0);
    }),
  );
});

test("numbers go on after the wrap", () => {
  expect(sequenceDistance(0xffff, 0)).toBe(1);
  expect(sequenceDistance(0, 0xffff)).toBe(-1);
  expect(sequenceDistance(0xff00, 0x00ff)).toBe(0x1ff);
});
