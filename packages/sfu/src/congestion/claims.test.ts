/** Feedback that claims more than its bytes are worth. */
import { expect, test, vi } from "vitest";
import { rtcp } from "../../test/packets.ts";
import { all } from "../forward/quality.ts";
import { mostStatuses, newTransportFeedback, readTransportFeedback } from "../rtcp/transport-feedback.ts";
import { CongestionControl, type Receiver } from "./control.ts";
import { SendHistory } from "./history.ts";

/** A microphone, which is sent whatever is known of the way. */
function microphone(): Receiver {
  const quality = { rid: "", spatial: all, temporal: all, bitrate: 40_000, height: undefined, framesPerSecond: 50 };
  return {
    kind: "audio",
    preference: undefined,
    numbered: true,
    qualities: () => [quality],
    lingering: () => 0,
    aim: () => {},
    pad: () => 0,
  };
}

/** `count` packets from `base` on, of which none came. */
function noneCame(base: number, count: number): Uint8Array {
  return rtcp(15, 205, [1, 1, ((base << 16) | count) >>> 0, 0, (count << 16) >>> 0]);
}

test("one datagram of feedback is heard for as many packets as the largest of them may tell of", () => {
  const control = new CongestionControl({ initial: 1_000_000, floor: 30_000, ceiling: 100_000_000 }, new Set());
  const acknowledge = vi.spyOn(SendHistory.prototype, "acknowledge");
  control.hears(Uint8Array.from(Array.from({ length: 58 }, () => [...noneCame(0xf000, 3_000)]).flat()), 1_000);
  expect(acknowledge).toHaveBeenCalledTimes(Math.floor(mostStatuses / 3_000));
  acknowledge.mockRestore();
});

test("feedback has what there is divided again when it shows less, and not with every datagram", () => {
  const receivers = new Set(Array.from({ length: 50 }, microphone));
  const control = new CongestionControl({ initial: 1_000_000, floor: 30_000, ceiling: 100_000_000 }, receivers);
  control.divide(0);
  const divide = vi.spyOn(control, "divide");
  const estimate = (bitrate: number) => rtcp(15, 206, [1, 0, 0x52454d42, (0x01000000 | bitrate) >>> 0, 7]);
  for (let sent = 0; sent < 1_000; sent += 1) {
    control.estimator.send(100, sent);
    // A little less each time, which is too little for all of this sound from the beginning.
    control.hears(estimate(200_000 - sent), sent);
    control.hears(noneCame(sent, 1), sent);
  }
  expect(divide.mock.calls.length).toBeGreaterThan(10);
  expect(divide.mock.calls.length).toBeLessThanOrEqual(100);
});

test("feedback from far before what is kept is heard from there on", () => {
  const history = new SendHistory();
  const feedback = newTransportFeedback();
  for (let number = 0; number < 1_000; number += 1) history.send(100, number * 20, 0);
  const came = 0x2000;
  // Run of 900 that came, each a tick after the other.
  const deltas = Array.from({ length: 225 }, () => 0x01010101);
  const packet = rtcp(15, 205, [1, 1, 900, 0, (((came | 900) << 16) | 0x0101) >>> 0, ...deltas]);
  expect(readTransportFeedback(packet, 0, packet.length, feedback)).toBe(true);
  const { count, sentAt } = history.acknowledge(feedback);
  expect(count).toBe(900 - (1_000 - 128));
  expect(sentAt[0]).toBe((1_000 - 128) * 20);
});
