import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Pacer } from "./pacer.ts";

function paced(target: number): Pacer {
  const pacer = new Pacer();
  pacer.follow(target, true);
  pacer.passed(0, 0);
  return pacer;
}

function packet(mark: number, size = 1_000): Uint8Array {
  return new Uint8Array(size).fill(mark);
}

/** Releases until nothing waits; gives when each packet left, and its first byte. */
function drain(pacer: Pacer): { at: number; mark: number | undefined }[] {
  const left: { at: number; mark: number | undefined }[] = [];
  for (let at = pacer.nextDeadline(); at !== undefined; at = pacer.nextDeadline()) {
    for (const waiting of pacer.release(at)) left.push({ at, mark: waiting.packet[0] });
  }
  return left;
}

test("without a target everything passes", () => {
  const pacer = new Pacer();
  for (let count = 0; count < 10_000; count += 1) expect(pacer.passes(1_500, 0)).toBe(true);
});

test("under the rate everything passes", () => {
  const pacer = paced(1_000_000);
  for (let now = 0; now < 2_000; now += 8) expect(pacer.passes(1_000, now)).toBe(true);
});

describe("a burst", () => {
  test("passes in part, and the rest leaves in order at two and a half times the target", () => {
    const pacer = paced(1_000_000);
    let passed = 0;
    for (let mark = 0; mark < 60; mark += 1) {
      if (pacer.passes(1_000, 10)) passed += 1;
      else pacer.keep(packet(mark), 0, 10);
    }
    expect(passed).toBeLessThan(10);
    const left = drain(pacer);
    expect(left.map(({ mark }) => mark)).toEqual(Array.from({ length: 60 - passed }, (_, index) => index + passed));
    const took = (left.at(-1)?.at ?? 0) - 10;
    expect((left.length * 8_000) / took).toBeGreaterThan(2_000);
    expect((left.length * 8_000) / took).toBeLessThan(3_000);
  });

  test("waits for a quarter of a second at the most", () => {
    const pacer = paced(0);
    for (let mark = 0; mark < 200; mark += 1) if (!pacer.passes(1_000, 0)) pacer.keep(packet(mark), 0, 0);
    expect(drain(pacer).at(-1)?.at).toBeLessThanOrEqual(255);
  });

  test("of more than there is room for loses its end, and counts it", () => {
    const pacer = paced(0);
    while (pacer.passes(1_000, 0)) {
      // Fills what may leave at once.
    }
    for (let count = 0; count < 2_000; count += 1) pacer.keep(packet(1), 0, 0);
    expect(pacer.waiting).toBeLessThanOrEqual(1_048_576);
    expect(pacer.dropped).toBe(2_000 - drain(pacer).length);
  });
});

test("where no limit was found, a tenth of a second passes on at once, as a machine that was held up has it", () => {
  const pacer = new Pacer();
  pacer.follow(4_000_000, false);
  pacer.passed(0, 0);
  let passed = 0;
  // A tenth of a second at that rate, all of it at the same time.
  while (pacer.passes(1_000, 1_000)) passed += 1;
  expect(passed).toBeGreaterThanOrEqual(50);
  pacer.follow(4_000_000, true);
  passed = 0;
  while (pacer.passes(1_000, 2_000)) passed += 1;
  expect(passed).toBeLessThan(15);
});

test("what waits is a copy, and nothing overtakes it", () => {
  const pacer = paced(0);
  while (pacer.passes(1_000, 0)) {
    // Fills what may leave at once.
  }
  const bytes = packet(7);
  pacer.keep(bytes, 5, 0);
  bytes.fill(9);
  expect(pacer.passes(1, 200)).toBe(false);
  expect(pacer.release(250)).toMatchObject([{ transportAt: 5, packet: packet(7) }]);
});

test("whatever comes, all of it leaves, and nothing waits much longer than it may", () => {
  const arrival = fc.record({ gap: fc.nat(20), size: fc.integer({ min: 1, max: 1_500 }), sound: fc.boolean() });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 300 }), (arrivals) => {
      const pacer = paced(2_000_000);
      let now = 0;
      let kept = 0;
      let released = 0;
      for (const { gap, size, sound } of arrivals) {
        now += gap;
        for (const waiting of pacer.release(now)) {
          released += 1;
          expect(now - waiting.since).toBeLessThanOrEqual(275);
        }
        if (sound) pacer.passed(size, now);
        else if (!pacer.passes(size, now)) {
          pacer.keep(packet(1, size), 0, now);
          kept += 1;
        }
      }
      expect(released + drain(pacer).length).toBe(kept);
      expect(pacer.waiting).toBe(0);
    }),
  );
});

test("paces again after it had no target for a moment, in which something waited", () => {
  const pacer = paced(1_000_000);
  while (pacer.passes(1_000, 10)) {}
  pacer.keep(packet(1), 0, 10);
  pacer.follow(Number.POSITIVE_INFINITY, false);
  pacer.passed(0, 15);
  pacer.follow(1_000_000, true);
  pacer.passed(0, 15);
  pacer.follow(Number.POSITIVE_INFINITY, false);
  expect(pacer.release(15)).toHaveLength(1);
  pacer.follow(1_000_000, true);
  let passed = 0;
  while (passed < 1_000 && pacer.passes(1_000, 20)) passed += 1;
  expect(passed).toBeLessThan(10);
});
