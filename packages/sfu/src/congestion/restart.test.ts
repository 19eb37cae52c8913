/** What stays of an estimate when a session's peer comes over another transport. */
import { describe, expect, test } from "vitest";
import { newTransportFeedback, readTransportFeedback } from "../rtcp/transport-feedback.ts";
import { writeTransportFeedback } from "../rtcp/transport-feedback-write.ts";
import { Estimator } from "./estimator.ts";
import type { Probes } from "./probe.ts";

const feedback = newTransportFeedback();
const address = { senderSsrc: 1, mediaSsrc: 2, feedbackCount: 0 };

/** Sends 1 Mbit/s from `from` to `until` over a way of 20 ms, to a peer whose clock is `zero` ms ahead of ours. */
function send(estimator: Estimator, from: number, until: number, zero: number): void {
  for (let now = from; now < until; now += 80) {
    const numbers: number[] = [];
    const arrivals: number[] = [];
    for (let at = now; at < now + 80; at += 8) {
      numbers.push(estimator.send(1_000, at));
      arrivals.push(at + 20 + zero);
    }
    const { packet } = writeTransportFeedback(address, numbers[0] ?? 0, arrivals);
    expect(readTransportFeedback(packet, 0, packet.length, feedback)).toBe(true);
    estimator.feedback(feedback, true, now + 100);
    estimator.elapse(now + 100);
  }
}

describe("a peer that comes over another transport, with a clock", () => {
  test.each([
    ["of before", 1_000_000],
    ["far behind that of before", 64_000],
    ["far ahead of that of before", 9_000_000],
  ])("%s is sent as much as it was", (_, zero) => {
    const estimator = new Estimator({ initial: 1_000_000, floor: 30_000, ceiling: 100_000_000 });
    estimator.expect();
    send(estimator, 1_000, 11_000, 1_000_000);
    const before = estimator.target;
    estimator.restart();
    send(estimator, 11_000, 21_000, zero);
    expect(estimator.queue).toBeLessThan(10);
    expect(estimator.draining).toBe(false);
    expect(estimator.target / before).toBeGreaterThan(0.8);
    expect(estimator.target / before).toBeLessThan(1.3);
  });
});

test("a probe that was about to be sent over the transport of before does not keep others from being sent", () => {
  const estimator = new Estimator({ initial: 1_000_000, floor: 30_000, ceiling: 100_000_000 });
  const { probes }: { probes: Probes } = estimator;
  expect(probes.consider(5_000_000, 1_000_000, 0)).toBeDefined();
  estimator.restart();
  expect(probes.consider(5_000_000, 1_000_000, 60_000)).toBeDefined();
});
