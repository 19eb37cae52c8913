import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newTransportFeedback, readTransportFeedback } from "../rtcp/transport-feedback.ts";
import { Arrivals } from "./arrivals.ts";

const feedback = newTransportFeedback();

/** What a sender learns of feedback: arrival by number on 16 bits, and which it was told are missing. */
function learn(packets: readonly Uint8Array[], came = new Map<number, number>(), missing = new Set<number>()) {
  for (const packet of packets) {
    expect(readTransportFeedback(packet, 0, packet.length, feedback)).toBe(true);
    const { base, count, received, offsets, times, referenceTime } = feedback;
    const here = new Map<number, number>();
    for (let index = 0; index < received; index += 1)
      here.set(offsets[index] ?? 0, referenceTime + (times[index] ?? 0));
    for (let offset = 0; offset < count; offset += 1) {
      const number = (base + offset) & 0xffff;
      const at = here.get(offset);
      if (at === undefined) missing.add(number);
      else {
        came.set(number, at);
        missing.delete(number);
      }
    }
  }
  return { came, missing };
}

test("every packet is told of once it is due, with what is missing between, across the wrap of the numbers", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 65_000, max: 65_535 }),
      fc.array(fc.record({ gap: fc.integer({ min: 0, max: 40 }), lost: fc.boolean() }), { maxLength: 900 }),
      (first, steps) => {
        const arrivals = new Arrivals(1);
        const came = new Map<number, number>();
        const missing = new Set<number>();
        const sent = new Map<number, number>();
        let now = 5_000;
        steps.forEach(({ gap, lost }, index) => {
          now += gap;
          learn(arrivals.take(now), came, missing);
          if (lost) return;
          const number = (first + index) & 0xffff;
          arrivals.received(number, 7, 1_000, now);
          sent.set(number, now);
        });
        learn(arrivals.take(now + 100), came, missing);
        expect(came).toEqual(sent);
        const numbers = [...sent.keys()];
        const span = numbers.length === 0 ? 0 : (((numbers.at(-1) ?? 0) - (numbers[0] ?? 0)) & 0xffff) + 1;
        expect(missing.size).toBe(span - sent.size);
        expect(arrivals.nextDeadline()).toBeUndefined();
      },
    ),
  );
});

test("a packet that comes late is told of again", () => {
  const arrivals = new Arrivals(1);
  for (const number of [10, 11, 13]) arrivals.received(number, 7, 100, 1_000);
  const { came, missing } = learn(arrivals.take(1_100));
  expect([...missing]).toEqual([12]);
  arrivals.received(12, 7, 100, 1_120);
  learn(arrivals.take(1_220), came, missing);
  expect(missing.size).toBe(0);
  expect(came.get(12)).toBe(1_120);
});

test("the media SSRC is one that was heard", () => {
  const arrivals = new Arrivals(1);
  arrivals.received(1, 0xabcd, 100, 0);
  for (const packet of arrivals.take(100)) expect(readTransportFeedback(packet, 0, packet.length, feedback)).toBe(true);
  expect(feedback.mediaSsrc).toBe(0xabcd);
});

describe("the interval", () => {
  /** Times of feedback over two seconds of packets of 1,000 bytes, one every `gap` ms. */
  function intervals(gap: number): number[] {
    const arrivals = new Arrivals(1);
    const told: number[] = [];
    let number = 0;
    for (let now = 0; now < 2_000; now += 1) {
      if (now % gap === 0) arrivals.received(number++, 7, 1_000, now);
      if (arrivals.take(now).length > 0) told.push(now);
    }
    return told.slice(1).map((at, index) => at - (told[index] ?? 0));
  }

  test("is 50 ms for video, and 100 ms for what is slow", () => {
    expect(new Set(intervals(1).slice(1))).toEqual(new Set([50]));
    expect(Math.max(...intervals(200))).toBeLessThanOrEqual(200);
    expect(Math.min(...intervals(25).slice(1))).toBeGreaterThanOrEqual(50);
  });

  test("does not run while nothing comes", () => {
    const arrivals = new Arrivals(1);
    expect(arrivals.nextDeadline()).toBeUndefined();
    arrivals.received(1, 7, 100, 10);
    expect(arrivals.nextDeadline()).toBe(110);
    arrivals.take(110);
    expect(arrivals.nextDeadline()).toBeUndefined();
  });
});

test("numbers that jump as a stranger's may, cost no more than a window, and leave the next feedback whole", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0xffff), fc.nat(30)), { maxLength: 200 }), (packets) => {
      const arrivals = new Arrivals(1);
      let now = 0;
      for (const [number, gap] of packets) {
        now += gap;
        arrivals.received(number, 7, 100, now);
        const due = arrivals.take(now);
        expect(due.length).toBeLessThan(50);
        learn(due);
      }
    }),
  );
});
