import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newTransportFeedback, readTransportFeedback } from "../rtcp/transport-feedback.ts";
import { writeTransportFeedback } from "../rtcp/transport-feedback-write.ts";
import { SendHistory } from "./history.ts";

const feedback = newTransportFeedback();
const address = { senderSsrc: 1, mediaSsrc: 2, feedbackCount: 0 };

function tell(history: SendHistory, base: number, arrivals: readonly number[]) {
  const { packet } = writeTransportFeedback(address, base, arrivals);
  expect(readTransportFeedback(packet, 0, packet.length, feedback)).toBe(true);
  return history.acknowledge(feedback);
}

test("every packet is acknowledged once, with what it was sent as, whatever order feedback tells of it in", () => {
  const step = fc.record({ size: fc.integer({ min: 1, max: 1_500 }), lost: fc.boolean(), jitter: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 1_500 }), fc.integer({ min: 1, max: 80 }), (steps, batch) => {
      const history = new SendHistory();
      let underway = 0;
      const numbers = steps.map(({ size }, index) => {
        underway += size;
        return history.send(size, index, index % 7);
      });
      expect(history.underway).toBe(underway);
      expect(new Set(numbers).size).toBe(steps.length);
      let bytes = 0;
      let lost = 0;
      for (let from = 0; from < steps.length; from += batch) {
        const part = steps.slice(from, from + batch);
        const arrivals = part.map((one, index) =>
          one.lost && index < part.length - 1 ? Number.NaN : 640 + from + index + one.jitter,
        );
        const known = tell(history, numbers[from] ?? 0, arrivals);
        lost += known.lost;
        for (let index = 0; index < known.count; index += 1) {
          bytes += known.sizes[index] ?? 0;
          if (index > 0) expect(known.arrivedAt[index]).toBeGreaterThanOrEqual(known.arrivedAt[index - 1] ?? 0);
          expect(known.probes[index]).toBe((known.sentAt[index] ?? 0) % 7);
        }
        bytes += known.lostBytes;
        expect(tell(history, numbers[from] ?? 0, arrivals)).toMatchObject({ count: 0, lost: 0, recovered: 0 });
      }
      expect(bytes).toBe(underway);
      expect(history.underway).toBe(0);
      expect(lost).toBe(
        steps.filter(
          (one, index) => one.lost && index % batch < Math.min(batch, steps.length - index + (index % batch)) - 1,
        ).length,
      );
    }),
    { numRuns: 50 },
  );
});

describe("a packet told of as missing", () => {
  test("that comes after all is a recovery", () => {
    const history = new SendHistory();
    const numbers = [100, 200, 300].map((size) => history.send(size, 0, 0));
    expect(tell(history, numbers[0] ?? 0, [10, Number.NaN, 12])).toMatchObject({ count: 2, lost: 1, lostBytes: 200 });
    expect(tell(history, numbers[0] ?? 0, [10, 11, 12])).toMatchObject({ count: 1, lost: 0, recovered: 1 });
  });
});

test("numbers that were never given out, or long ago, bring nothing", () => {
  const history = new SendHistory();
  history.send(100, 0, 0);
  expect(tell(history, 5, [10, 11, 12])).toMatchObject({ count: 0, lost: 0 });
  expect(tell(history, 60_000, [10, 11, 12])).toMatchObject({ count: 0, lost: 0 });
  for (let sent = 0; sent < 20_000; sent += 1) history.send(100, sent, 0);
  expect(tell(history, 20, [10, 11, 12])).toMatchObject({ count: 0, lost: 0 });
});

test("it grows with what is under way, to a bound, and what falls out is under way no longer", () => {
  const history = new SendHistory();
  for (let sent = 0; sent < 100_000; sent += 1) history.send(10, sent / 1_000, 0);
  expect(history.underway).toBe(8_192 * 10);
});

test("arrival times go on when the peer's clock wraps, after twelve days", () => {
  const history = new SendHistory();
  const numbers = [0, 1].map((at) => history.send(100, at, 0));
  const wrap = 2 ** 24 * 64;
  const before = tell(history, numbers[0] ?? 0, [wrap - 10]).arrivedAt[0] ?? 0;
  const after = tell(history, numbers[1] ?? 0, [wrap + 20]).arrivedAt[0] ?? 0;
  expect(after - before).toBeCloseTo(30, 0);
});

test("with another transport what was under way is forgotten", () => {
  const history = new SendHistory();
  const number = history.send(100, 0, 0);
  history.forget();
  expect(history.underway).toBe(0);
  expect(tell(history, number, [10])).toMatchObject({ count: 0 });
});
