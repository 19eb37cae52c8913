import fc from "fast-check";
import { expect, test } from "vitest";
import { heightOfH264 } from "./h264-size.ts";

test("the height is read from a parameter set, whatever stands before it", () => {
  const sets = fc.record({
    high: fc.boolean(),
    order: fc.constantFrom(0, 1, 2),
    units: fc.integer({ min: 1, max: 300 }),
    fields: fc.boolean(),
    cut: fc.option(fc.integer({ min: 0, max: 7 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(sets, ({ high, order, units, fields, cut }) => {
      const text = [
        bits(high ? 100 : 66, 8) + bits(0xe0, 8) + bits(31, 8) + golomb(0),
        ...(high ? [golomb(1), golomb(0), golomb(0), "0", "0"] : []),
        golomb(4) + golomb(order),
        ...(order === 0
          ? [golomb(2)]
          : order === 1
            ? ["0", golomb(1), golomb(2), golomb(2), golomb(3), golomb(4)]
            : []),
        `${golomb(1)}0${golomb(39)}${golomb(units - 1)}${fields ? "00" : "1"}1`,
        cut === undefined ? "0" : `1${golomb(0)}${golomb(0)}${golomb(0)}${golomb(cut)}`,
      ].join("");
      const lines = units * 16 - (cut ?? 0) * 2;
      const bytes = emulated(`${text}1`);
      expect(heightOfH264(bytes, 0, bytes.length)).toBe(fields ? lines * 2 : lines);
    }),
  );
});

test("half a set, and any bytes at all, are read without harm", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(heightOfH264(bytes, 0, bytes.length)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1_000 },
  );
});

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, "0");
}

function golomb(value: number): string {
  const binary = (value + 1).toString(2);
  return "0".repeat(binary.length - 1) + binary;
}

/** As bytes, with a 3 wherever two zeros stand before what could be taken for a start code. */
function emulated(text: string): Uint8Array {
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, "0");
  const bytes: number[] = [];
  for (const byte of padded.match(/.{8}/g) ?? []) {
    const value = Number.parseInt(byte, 2);
    if (value <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}
