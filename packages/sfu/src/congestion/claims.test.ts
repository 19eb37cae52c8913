/** Feedback that claims more than its bytes are worth. */
import { expect, test, vi } from "vitest";
import { rtcp } from "../../test/packets.ts";
import { mostStatuses, newTransportFeedback, readTransportFeedback } from "../rtcp/transport-feedback.ts";
import { CongestionControl } from "./control.ts";
import { SendHistory } from "./history.ts";

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
