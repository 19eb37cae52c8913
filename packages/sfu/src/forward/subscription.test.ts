import fc from "fast-check";
import { expect, test } from "vitest";
import { rtp } from "../../test/packets.ts";
import { defaultLimits } from "../config.ts";
import { readRtpHeader, uint16, uint32 } from "../rtp/header.ts";
import { Layer } from "./layer.ts";
import { Passage } from "./passage.ts";
import { Subscription } from "./subscription.ts";

const uint16s = fc.integer({ min: 0, max: 0xffff });

test("nothing is forwarded before a packet that may start, and its number is the first", () => {
  const { send, subscription, layer } = subscribe(500);
  expect(send(10, false)).toBeUndefined();
  expect(subscription.layer).toBeUndefined();
  expect(send(11, true)).toBe(500);
  expect(send(12, false)).toBe(501);
  expect(subscription.layer).toBe(layer);
});

test("numbers stay contiguous over both wraps, for every first number on either side", () => {
  fc.assert(
    fc.property(uint16s, uint16s, (first, source) => {
      const { send } = subscribe(first);
      for (let index = 0; index < 70_000; index += 97) {
        expect(send((source + index) & 0xffff, true)).toBe((first + index) & 0xffff);
      }
    }),
    { numRuns: 20 },
  );
});

test("packets older than the first one are dropped, packets late after it keep their place", () => {
  const { send } = subscribe(0);
  expect(send(5, true)).toBe(0);
  expect(send(4, true)).toBeUndefined();
  expect(send(9, true)).toBe(4);
  expect(send(7, true)).toBe(2);
  expect(send(0xfff0, true)).toBeUndefined();
});

test("a stream with losses goes on past 32,768 packets", () => {
  fc.assert(
    fc.property(uint16s, fc.integer({ min: 50, max: 5_000 }), (source, step) => {
      const { send } = subscribe(0);
      for (let index = 0; index < 140_000; index += step) {
        expect(send((source + index) & 0xffff, true)).toBe(index & 0xffff);
      }
    }),
    { numRuns: 15 },
  );
});

test("after the source restarted under another SSRC, numbers go on where they were", () => {
  const { send, subscription, layer } = subscribe(100);
  send(1, true);
  send(3, true);
  expect(send(2, true)).toBe(101);
  subscription.restart(layer);
  expect(send(40_000, false)).toBeUndefined();
  expect(send(40_001, true)).toBe(103);
  expect(send(39_999, true)).toBeUndefined();
});

test("sender reports carry the source's clock with our SSRC and our counts, and none before the first packet", () => {
  const { send, subscription, layer, controls } = subscribe(0);
  layer.senderReported({ report: "sender", ssrc: 1, ntpSeconds: 11, ntpFraction: 22, rtpTimestamp: 33 }, 0);
  subscription.reportSender(layer, 0);
  expect(controls).toEqual([]);
  send(1, true);
  send(2, true);
  subscription.reportSender(layer, 0);
  const packet = controls.at(-1) ?? new Uint8Array(0);
  expect([4, 8, 12, 16, 20, 24].map((at) => uint32(packet, at))).toEqual([77, 11, 22, 33, 2, 6]);
});

/** Sends packets of 3 bytes payload and gives the outgoing sequence numbers. */
function subscribe(firstSequence: number) {
  const codec = { payloadType: 96, name: "VP8", clockRate: 90_000, channels: 1, parameters: "", feedback: [] };
  const subscription = new Subscription({ session: "subscriber", ssrc: 77, codec, extensions: [], firstSequence });
  const sent: Uint8Array[] = [];
  const controls: Uint8Array[] = [];
  subscription.outlet = {
    drains: false,
    media: (packet) => sent.push(packet.slice()),
    control: (packet) => controls.push(packet.slice()),
  };
  subscription.passage = new Passage([], [], "video");
  const layer = new Layer("", "video", codec, defaultLimits);
  const payload = Uint8Array.of(1, 2, 3);
  let now = 0;
  return {
    subscription,
    layer,
    controls,
    send(sequence: number, mayStart: boolean, ssrc = 1): number | undefined {
      const bytes = rtp({ sequence, payload, ssrc });
      const header = readRtpHeader(bytes);
      // No packet here is told from another by its age.
      now += 10_000;
      const packet = header && layer.received(bytes, header, false, now);
      if (packet === undefined) return undefined;
      subscription.forward(layer, packet, mayStart, now);
      const out = sent.pop();
      if (out === undefined) return undefined;
      expect(uint32(out, 8)).toBe(77);
      return uint16(out, 2);
    },
  };
}
