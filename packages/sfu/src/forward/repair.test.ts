/** Lost packets, on both sides of the server: who asks for them, who sends them again, and how often. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, rtcp, rtp, senderReportPacket, vp8 } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { readRtcp } from "../rtcp/read.ts";
import { negativeAcknowledgement, receiverReport } from "../rtcp/write.ts";
import { isRtcp, uint16, uint32 } from "../rtp/header.ts";

const repair = { ssrc: 900, payloadType: 101, firstSequence: 65_535 };

describe("towards the publisher", () => {
  test("a gap is asked for once it is no mere overtaking, again after every round trip, and given up after a second", () => {
    const { stage, send, asked, keyframes } = call();
    send(1, 4);
    stage.advance(9);
    expect(asked()).toEqual([]);
    stage.advance(1);
    expect(asked()).toEqual([2, 3]);
    stage.advance(99);
    expect(asked()).toEqual([]);
    stage.advance(1);
    expect(asked()).toEqual([2, 3]);
    keyframes();
    stage.advance(2_000);
    expect(asked().length).toBeLessThanOrEqual(2 * 8);
    expect(keyframes()).toBeGreaterThanOrEqual(1);
    stage.advance(5_000);
    expect(asked()).toEqual([]);
  });

  test("packets that overtook each other are not asked for", () => {
    const { stage, send, asked } = call();
    send(1, 3, 2, 5, 4);
    stage.advance(5_000);
    expect(asked()).toEqual([]);
  });

  test("how long answers take is learned from what was asked for once and came", () => {
    const { stage, send, asked, repairs } = call();
    send(1, 3);
    stage.advance(10 + 40);
    expect(asked()).toEqual([2]);
    repairs(2);
    send(5);
    // Asked for after ten, and again when the answer should have been here for a while.
    stage.advance(10 + 40 + 10);
    expect(asked()).toEqual([4]);
    stage.advance(10);
    expect(asked()).toEqual([4]);
  });

  test("where only packets come that were asked for more than once, they are asked for less soon", () => {
    const { stage, send, asked, repairs } = call();
    const answered = (number: number, after: number) => {
      send(number + 1);
      stage.advance(after);
      repairs(number);
      return asked().length;
    };
    send(1);
    for (let number = 2; number < 40; number += 2) answered(number, 10 + 30);
    expect(answered(40, 10 + 30)).toBe(1);
    // The way becomes longer, and all answers come after the second request.
    const requests: number[] = [];
    for (let number = 42; number < 120; number += 2) requests.push(answered(number, 10 + 75));
    expect(requests.slice(0, 5)).toEqual([2, 2, 2, 2, 1]);
    expect(requests.slice(-10)).toEqual(Array(10).fill(1));
  });

  test("a publisher that answers many at once late, because it was held up, is asked no less soon afterwards", () => {
    const { stage, send, asked, repairs } = call();
    send(1);
    for (let number = 2; number < 40; number += 2) {
      send(number + 1);
      stage.advance(10 + 30);
      repairs(number);
    }
    asked();
    send(60);
    stage.advance(10 + 100);
    for (let number = 40; number < 60; number += 1) repairs(number);
    asked();
    send(63);
    stage.advance(10 + 45);
    expect(asked()).toEqual([61, 62, 61, 62]);
  });

  test("a publisher that did not agree to repeat is asked for a keyframe or nothing", () => {
    const { stage, send, asked } = call([]);
    send(1, 4);
    stage.advance(5_000);
    expect(asked()).toEqual([]);
  });

  test("an outage is mended by a keyframe, not by its packets", () => {
    const { stage, send, asked, keyframes } = call();
    send(1);
    stage.advance(500);
    keyframes();
    send(2_000);
    stage.advance(100);
    expect(asked()).toEqual([]);
    expect(keyframes()).toBe(1);
  });

  test("nobody is asked for what nobody receives", () => {
    const { stage, subscription, send, asked } = call();
    stage.unsubscribe(subscription);
    send(1, 4);
    stage.advance(3_000);
    expect(asked()).toEqual([]);
  });

  test("what comes in the repair stream takes its place, and padding in it none", () => {
    const { send, got, repairs, stage } = call();
    send(1, 3);
    repairs(2);
    stage.receive("pub", rtp({ ssrc: 6, payloadType: 97, sequence: 9, padding: 200 }));
    stage.receive("pub", rtp({ ssrc: 6, payloadType: 97, sequence: 10, payload: Uint8Array.of(0, 9) }));
    expect(got()).toEqual([1, 3, 2]);
    repairs(2);
    expect(got()).toEqual([]);
  });

  test("a repair stream of a layer is found by the layer's id", () => {
    const stage = new Stage();
    const track = stage.publish("pub", { rids: ["a", "b"], feedback: ["nack"] });
    stage.connect("pub");
    stage.connect("sub");
    stage.subscribe("sub", track, { preferredRid: "b" });
    const named = (id: number, rid: string) => [
      { id: 4, data: ascii("0") },
      { id, data: ascii(rid) },
    ];
    const payload = vp8({ key: true });
    stage.receive("pub", rtp({ ssrc: 1, sequence: 1, payload, extensions: named(10, "b") }));
    stage.receive("pub", rtp({ ssrc: 1, sequence: 3, payload }));
    const original = Uint8Array.of(0, 2, ...payload);
    stage.receive("pub", rtp({ ssrc: 2, payloadType: 97, payload: original, extensions: named(11, "b") }));
    const media = stage.sentTo("sub").filter((packet) => !isRtcp(packet));
    expect(media.map((packet) => uint16(packet, 2))).toEqual([0, 2, 1]);
  });
});

describe("towards a subscriber", () => {
  test("a number that was sent is sent again in the repair stream, with the original in front of the payload", () => {
    const { send, nack, sent } = call();
    send(1, 2, 3);
    const originals = sent();
    nack(1, 2);
    const again = sent();
    expect(again.map((packet) => [uint16(packet, 2), uint32(packet, 8), (packet[1] ?? 0) & 0x7f])).toEqual([
      [65_535, repair.ssrc, repair.payloadType],
      [0, repair.ssrc, repair.payloadType],
    ]);
    for (const [index, packet] of again.entries()) {
      const original = originals[index + 1] ?? new Uint8Array(0);
      expect(uint16(packet, 12)).toBe(index + 1);
      expect(uint32(packet, 4)).toBe(uint32(original, 4));
      expect([...packet.subarray(14)]).toEqual([...original.subarray(12)]);
    }
  });

  test("without a repair stream it is sent again as it was", () => {
    const { send, nack, sent } = call(undefined, false);
    send(1, 2, 3);
    const originals = sent();
    nack(1);
    expect(sent()).toEqual([originals[1]]);
  });

  test("once for each request, and not twice within a round trip", () => {
    const { stage, send, nack, sent, subscription } = call();
    stage.receive("pub", senderReportPacket(5, 0x10000, 0x8000_0000));
    send(1, 2, 3);
    stage.advance(80);
    // The report was held for 30 ms of the 80.
    const block = { ssrc: subscription.ssrc, fractionLost: 0, cumulativeLost: 0, highestSequence: 0, jitter: 0 };
    const times = { lastSenderReport: 0x0000_8000, delaySinceLastSenderReport: Math.round(0.03 * 65_536) };
    stage.receive("sub", receiverReport(1, [{ ...block, ...times }]));
    sent();
    nack(1, 1);
    expect(sent()).toHaveLength(1);
    stage.advance(49);
    nack(1);
    expect(sent()).toHaveLength(0);
    stage.advance(2);
    nack(1);
    expect(sent()).toHaveLength(1);
  });

  test("what has left the window, was never sent, or is of another stream is not answered", () => {
    const { stage, send, nack, sent } = call();
    send(1, 2, 3);
    sent();
    nack(3, 500, 40_000);
    stage.receive("sub", negativeAcknowledgement(1, 5, [1]));
    stage.advance(1_001);
    nack(1);
    expect(sent()).toEqual([]);
  });

  test("a number kept for a packet that we lost ourselves is answered once that has come", () => {
    const { stage, send, nack, sent, repairs } = call();
    send(1, 3);
    sent();
    nack(1);
    expect(sent()).toEqual([]);
    repairs(2);
    expect(sent().map((packet) => uint16(packet, 2))).toEqual([1]);
    stage.advance(60);
    nack(1);
    expect(sent().map((packet) => uint16(packet, 12))).toEqual([1]);
  });

  test("each of many subscribers is answered from the same bytes in its own numbers", () => {
    const { stage, track, send, sent } = call();
    send(1);
    stage.connect("late");
    const late = stage.subscribe("late", track, undefined, { ...repair, ssrc: 901 });
    send(50, 51);
    sent();
    stage.sentTo("late");
    stage.receive("late", negativeAcknowledgement(1, late.ssrc, [1]));
    const [again = new Uint8Array(0)] = stage.sentTo("late");
    expect([uint16(again, 12), uint32(again, 4), uint32(again, 8)]).toEqual([1, 153_000, 901]);
    expect(sent()).toEqual([]);
  });
});

test("whatever is lost, repeated and overtaken on the way here, a subscriber's numbers mean one packet each", () => {
  const steps = fc.array(fc.record({ lost: fc.nat(9), late: fc.integer({ min: 0, max: 20 }), twice: fc.boolean() }), {
    minLength: 20,
    maxLength: 200,
  });
  // Number 50 is a keyframe too, and a stream that begins there has other numbers.
  fc.assert(
    fc.property(steps, fc.integer({ min: 51, max: 65_535 }), (life, first) => {
      const { stage, send, sent } = call(undefined, true, first);
      const arrivals = life
        .map((step, index) => ({ ...step, index, at: index + (step.late > 15 ? step.late : 0) }))
        .filter(({ lost, index }) => lost > 0 || index === 0)
        .sort((a, b) => a.at - b.at || a.index - b.index);
      const meaning = new Map<number, number>();
      for (const { index, twice } of arrivals) {
        for (let times = 0; times < (twice ? 2 : 1); times += 1) send(first + index);
        stage.advance(5);
        for (const packet of sent()) {
          const number = uint16(packet, 2);
          const source = uint32(packet, packet.length - 4);
          expect(meaning.get(number), `number ${number} was given twice`).toBeUndefined();
          meaning.set(number, source);
        }
      }
      for (const [number, source] of meaning) expect(number).toBe((source - first) & 0xffff);
      expect(meaning.size).toBe(arrivals.length);
    }),
    { numRuns: 100 },
  );
});

/** One publisher and one subscriber of a video track; payloads end with their number at the source. */
function call(feedback: readonly string[] = ["nack", "nack pli"], withRepair = true, first = 1) {
  const stage = new Stage();
  const track = stage.publish("pub", { ssrcs: [5, 6], feedback });
  stage.connect("pub");
  stage.connect("sub");
  const subscription = stage.subscribe("sub", track, undefined, withRepair ? repair : undefined);
  let requests: ReturnType<typeof readRtcp> = [];
  const heard = () => {
    requests.push(...stage.sentTo("pub").flatMap(readRtcp));
    return requests;
  };
  const payload = (number: number) => {
    const bytes = Uint8Array.of(...vp8({ key: number === first || number === 50 }), 0, 0, 0, 0);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, number);
    return bytes;
  };
  const sent = () => stage.sentTo("sub").filter((packet) => !isRtcp(packet));
  return {
    stage,
    track,
    subscription,
    sent,
    send(...numbers: number[]): void {
      for (const number of numbers) {
        const fields = { ssrc: 5, sequence: number & 0xffff, timestamp: number * 3_000, payload: payload(number) };
        stage.receive("pub", rtp(fields));
      }
    },
    /** The publisher's answer to a request. */
    repairs(number: number): void {
      const original = Uint8Array.of(number >> 8, number, ...payload(number));
      stage.receive(
        "pub",
        rtp({ ssrc: 6, payloadType: 97, sequence: number, timestamp: number * 3_000, payload: original }),
      );
    },
    nack: (...numbers: number[]) =>
      stage.receive("sub", rtcp(1, 205, [1, subscription.ssrc, ...numbers.map((n) => n * 2 ** 16)])),
    /** Numbers at the source of what the subscriber got since it was last asked. */
    got: () => sent().map((packet) => uint32(packet, packet.length - 4)),
    /** Numbers that the publisher was asked for, in order. */
    asked(): number[] {
      const asked = heard().flatMap((report) => (report.report === "lost" ? report.sequences : []));
      requests = requests.filter(({ report }) => report !== "lost");
      return asked;
    },
    /** How often the publisher was asked for a keyframe. */
    keyframes(): number {
      const count = heard().filter(({ report }) => report === "keyframe-request").length;
      requests = requests.filter(({ report }) => report !== "keyframe-request");
      return count;
    },
  };
}
