import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rtcp } from "../../test/packets.ts";
import { mostStatuses, newTransportFeedback, readTransportFeedback } from "./transport-feedback.ts";
import { writeTransportFeedback } from "./transport-feedback-write.ts";

const address = { senderSsrc: 1, mediaSsrc: 0xfedc_ba98, feedbackCount: 200 };
const feedback = newTransportFeedback();

/** What a packet says: the arrival of each packet reported on in ms, NaN for those that did not come. */
function read(packet: Uint8Array): { base: number; arrivals: number[] } | undefined {
  if (!readTransportFeedback(packet, 0, packet.length, feedback)) return undefined;
  const arrivals = Array.from({ length: feedback.count }, () => Number.NaN);
  for (let index = 0; index < feedback.received; index += 1) {
    arrivals[feedback.offsets[index] ?? 0] = feedback.referenceTime + (feedback.times[index] ?? 0);
  }
  return { base: feedback.base, arrivals };
}

/** Gaps in ms, and which packets are lost. */
const trace = fc
  .array(
    fc.record({
      gap: fc.oneof(
        fc.double({ min: 0, max: 60, noNaN: true }),
        fc.constantFrom(0, 63.75, 64, 8_000, -3, -200),
        fc.double({ min: -30, max: 3_000, noNaN: true }),
      ),
      lost: fc.boolean(),
    }),
    { minLength: 1, maxLength: 600 },
  )
  .map((steps) => {
    let now = 1_000_000;
    return steps.map(({ gap, lost }, index) => {
      now += gap;
      return lost && index < steps.length - 1 ? Number.NaN : now;
    });
  });

describe("what we write", () => {
  test("is read with the same packets, times to a quarter of a millisecond, across the wrap of the numbers", () => {
    fc.assert(
      fc.property(trace, fc.integer({ min: 0, max: 0xffff }), (arrivals, base) => {
        const { packet, count } = writeTransportFeedback(address, base, arrivals);
        const got = read(packet);
        expect(got?.base).toBe(base);
        expect(got?.arrivals).toHaveLength(count);
        expect(feedback).toMatchObject({ mediaSsrc: address.mediaSsrc, feedbackCount: 200 });
        got?.arrivals.forEach((arrival, index) => {
          const sent = arrivals[index] ?? Number.NaN;
          if (Number.isNaN(sent)) expect(arrival).toBeNaN();
          else expect(Math.abs(arrival - sent)).toBeLessThanOrEqual(0.125 + 1e-6);
        });
        expect(packet.length).toBeLessThanOrEqual(1_100);
        expect(packet.length % 4).toBe(0);
      }),
    );
  });

  test("leaves out only what lies too far behind or has no room, so that packet after packet tells everything", () => {
    fc.assert(
      fc.property(trace, (arrivals) => {
        let rest = arrivals;
        let told = 0;
        while (rest.length > 0) {
          const { count } = writeTransportFeedback(address, 0, rest);
          expect(count).toBeGreaterThan(0);
          told += rest.slice(0, count).filter((arrival) => !Number.isNaN(arrival)).length;
          rest = rest.slice(count);
        }
        expect(told).toBe(arrivals.filter((arrival) => !Number.isNaN(arrival)).length);
      }),
    );
  });

  test("tells 50 packets that came in order in one run: 20 bytes and one a packet", () => {
    const { packet } = writeTransportFeedback(
      address,
      7,
      Array.from({ length: 50 }, (_, index) => 6_400 + index),
    );
    expect(packet.length).toBe(20 + 2 + 50);
  });
});

describe("what others write", () => {
  // Fields of the draft's §3.1 by hand: base 5, 9 statuses, reference 2 · 64 ms, count 1.
  const fixed = [1, 9, (5 << 16) | 9, (2 << 8) | 1];

  test("a run, a narrow vector and a wide one, with small, large and negative deltas", () => {
    // Run of 2 lost; wide vector: small, large, lost, small, large, lost, lost — the statuses end with the packet.
    const chunks = [(0b000 << 13) | 2, 0b1101100001100000];
    const deltas = [4, 0x01, 0x00, 8, 0xff, 0xfc];
    const words = [((chunks[0] ?? 0) << 16) | (chunks[1] ?? 0), ...wordsOf(deltas)].map((word) => word >>> 0);
    expect(read(rtcp(15, 205, [...fixed, ...words]))?.arrivals).toEqual([
      Number.NaN,
      Number.NaN,
      129,
      193,
      Number.NaN,
      195,
      194,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test("a narrow vector has 14 statuses, those past the count mean nothing", () => {
    const words = [...fixed, ...wordsOf([0b10100000, 0b00111111, 0, 0])].map((word) => word >>> 0);
    expect(read(rtcp(15, 205, words))?.arrivals.map((arrival) => !Number.isNaN(arrival))).toEqual(
      [1, 0, 0, 0, 0, 0, 0, 0, 1].map(Boolean),
    );
  });

  test.each([
    ["a reserved status", [...fixed, 0x6009_0000]],
    ["a run of none", [...fixed, 0x2000_0000]],
    ["chunks that end before the count", fixed],
    ["deltas that end before the packets", [...fixed, 0x2009_0000]],
    ["a count of none", [1, 9, 5 << 16, 0x100, 0]],
    ["a count beyond the bound", [1, 9, (5 << 16) | (mostStatuses + 1), 0x100, 0x1fff_1fff]],
    ["no fixed part", [1, 9, 0]],
  ])("%s is refused", (_, words) => {
    expect(read(rtcp(15, 205, words))).toBeUndefined();
  });

  test("other reports are refused", () => {
    expect(read(rtcp(1, 205, [1, 9, 5, 6, 7]))).toBeUndefined();
    expect(read(rtcp(15, 206, [1, 9, 5, 6, 7]))).toBeUndefined();
  });

  test("arbitrary bytes never throw, and never tell of more than was counted", () => {
    const hostile = fc.uint8Array({ maxLength: 120 }).map((rest) => Uint8Array.of(0x8f, 205, 0, 9, ...rest));
    const cut = fc.tuple(trace, fc.nat(), fc.nat(255)).map(([arrivals, at, value]) => {
      const { packet } = writeTransportFeedback(address, 0, arrivals);
      packet[at % packet.length] = value;
      return packet.subarray(0, 8 + (at % packet.length));
    });
    fc.assert(
      fc.property(fc.oneof(hostile, cut), (packet) => {
        if (!readTransportFeedback(packet, 0, packet.length, feedback)) return;
        expect(feedback.received).toBeLessThanOrEqual(feedback.count);
        expect(feedback.count).toBeLessThanOrEqual(mostStatuses);
        expect(feedback.received).toBeLessThanOrEqual(packet.length);
        for (let index = 0; index < feedback.received; index += 1) {
          expect(feedback.offsets[index]).toBeLessThan(feedback.count);
          expect(Number.isFinite(feedback.times[index])).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

function wordsOf(bytes: readonly number[]): number[] {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    words.push(bytes.slice(at, at + 4).reduce((word, byte, index) => word | (byte << (24 - 8 * index)), 0));
  }
  return words;
}
