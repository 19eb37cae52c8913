/** Layers of one track, from the publisher's packets to what each subscriber gets of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, pictureLossPacket, rtp, senderReportPacket, vp8 } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { readRtcp } from "../rtcp/read.ts";
import { isRtcp, uint16, uint32 } from "../rtp/header.ts";
import { possibleRids } from "./watched.ts";

const ssrcs = { a: 11, b: 12 } as const;
type Rid = keyof typeof ssrcs;

describe("a subscriber of a track with layers", () => {
  test("gets the best that is there when it wishes nothing, and moves up at the better one's keyframe", () => {
    const { send, got } = begin();
    send("b", 1, true);
    expect(got()).toEqual([1]);
    send("a", 50, false);
    send("b", 2, false);
    expect(got()).toEqual([2]);
    send("a", 51, true);
    send("b", 3, true);
    send("a", 52, false);
    expect(got()).toEqual([51, 52]);
  });

  test("gets the layer it prefers and no other", () => {
    const { send, got } = begin({ preferredRid: "b" });
    send("a", 1, true);
    send("b", 7, true);
    send("a", 2, true);
    expect(got()).toEqual([7]);
  });

  test("keeps what it has until a keyframe of the other layer comes, which is asked for at once", () => {
    const { stage, track, subscription, send, got, requests } = begin({ preferredRid: "b" });
    send("a", 1, true);
    send("b", 1, true);
    stage.advance(1_000);
    requests();
    got();
    stage.redirect(subscription, track, { preferredRid: "a" });
    expect(requests()).toEqual([ssrcs.a]);
    send("b", 2, false);
    send("a", 2, false);
    expect(got()).toEqual([2]);
    send("a", 3, true);
    send("b", 3, false);
    expect(got()).toEqual([3]);
  });

  test("without leave for another waits for its own, with leave takes the other when its own falls silent", () => {
    const strict = begin({ preferredRid: "a" });
    const lenient = begin({ preferredRid: "a", ridNotAvailable: "asciibetical" });
    for (const { stage, send, got } of [strict, lenient]) {
      send("a", 1, true);
      send("b", 1, true);
      got();
      for (let beat = 2; beat < 8; beat += 1) {
        stage.advance(500);
        send("b", beat, false);
      }
    }
    expect([strict.got(), lenient.got()]).toEqual([[], []]);
    expect(lenient.requests()).toContain(ssrcs.b);
    strict.send("b", 9, true);
    lenient.send("b", 9, true);
    expect([strict.got(), lenient.got()]).toEqual([[], [9]]);
    lenient.send("a", 2, true);
    strict.send("a", 2, true);
    expect([strict.got(), lenient.got()]).toEqual([[2], [2]]);
  });

  test("asks for keyframes of the layer it has, or of the one it waits for", () => {
    const { stage, subscription, send, requests } = begin({ preferredRid: "b" });
    send("a", 1, false);
    stage.advance(400);
    send("a", 2, false);
    expect(requests()).toEqual([]);
    send("b", 1, true);
    stage.advance(400);
    stage.receive("sub", pictureLossPacket(subscription.ssrc));
    expect(requests()).toContain(ssrcs.b);
  });

  test("is told the clock of the layer it gets, shifted as its packets are", () => {
    const { stage, send, subscription, sent } = begin({ preferredRid: "b" });
    send("a", 1, true, 5_000);
    send("b", 1, true, 900_000);
    sent();
    stage.receive("pub", senderReportPacket(ssrcs.a, 1, 2, 5_000));
    expect(sent()).toHaveLength(0);
    stage.receive("pub", senderReportPacket(ssrcs.b, 1, 2, 900_000));
    expect(sent().flatMap(readRtcp)).toMatchObject([{ ssrc: subscription.ssrc, rtpTimestamp: 900_000 }]);
  });
});

describe("a layer that its publisher gave up", () => {
  test("is left for another as soon as the others show that the camera goes on", () => {
    const { stage, send, requests, got } = begin({ preferredRid: "a", ridNotAvailable: "asciibetical" });
    send("a", 1, true);
    send("b", 1, true);
    got();
    requests();
    for (let picture = 2; picture < 20; picture += 1) {
      stage.advance(33);
      send("b", picture, false);
    }
    expect(requests()).toContain(ssrcs.b);
    send("b", 20, true);
    expect(got()).toEqual([20]);
  });

  test("is not given up when the whole camera pauses, nor when it has a quarter of the others' rate", () => {
    const { stage, send, got } = begin({ preferredRid: "a", ridNotAvailable: "asciibetical" });
    send("a", 1, true);
    send("b", 1, true);
    stage.advance(1_900);
    send("b", 2, true);
    send("a", 2, false);
    for (let picture = 3; picture < 60; picture += 1) {
      stage.advance(33);
      send("b", picture, true);
      if (picture % 4 === 0) send("a", picture, false);
    }
    expect(got()).toEqual([1, 2, ...Array.from({ length: 14 }, (_, n) => (n + 1) * 4)]);
  });
});

describe("which layers are watched", () => {
  test("is told at once for more and within a second for fewer, and again only when it changes", () => {
    const { stage, track, subscription, send } = begin({ preferredRid: "b" });
    send("a", 1, true);
    send("b", 1, true);
    stage.advance(1_000);
    expect(stage.watched.splice(0)).toEqual([["b"]]);
    stage.advance(5_000);
    expect(stage.watched).toEqual([]);
    stage.redirect(subscription, track, { preferredRid: "a" });
    expect(stage.watched.splice(0)).toEqual([["a", "b"]]);
    send("a", 2, true);
    stage.advance(1_000);
    expect(stage.watched.splice(0)).toEqual([["a"]]);
    stage.unsubscribe(subscription);
    stage.advance(1_000);
    expect(stage.watched.splice(0)).toEqual([[]]);
  });

  test.each<[string, Parameters<Stage["subscribe"]>[2], string[]]>([
    ["all, for whom any will do", undefined, ["a", "b", "c"]],
    ["one, for whom only that will do", { preferredRid: "b" }, ["b"]],
    [
      "those from it downwards that may take its place",
      { preferredRid: "b", priorityOrdering: "asciibetical" },
      ["b", "c"],
    ],
    ["none, for who waits for one that is not announced", { preferredRid: "x" }, []],
    ["the lowest, for who takes another instead", { preferredRid: "x", ridNotAvailable: "asciibetical" }, ["c"]],
  ])("%s", (_, preference, rids) => {
    expect(possibleRids(preference, ["a", "b", "c"])).toEqual(rids);
  });
});

test("a packet of a layer that the description did not name goes nowhere", () => {
  const { stage, got } = begin();
  const extensions = [
    { id: 4, data: ascii("0") },
    { id: 10, data: ascii("z") },
  ];
  stage.receive("pub", rtp({ ssrc: 99, payload: vp8({ key: true }), extensions }));
  stage.receive("pub", rtp({ ssrc: 98, payload: vp8({ key: true }), extensions: extensions.slice(0, 1) }));
  expect(got()).toEqual([]);
});

test("another source on the same m-line begins at its keyframe and goes on in the same numbers", () => {
  const { stage, send, sent, subscription } = begin({ preferredRid: "a" });
  send("a", 10, true, 1_000);
  const other = stage.publish("other", { ssrcs: [77] });
  stage.connect("other");
  stage.advance(100);
  stage.redirect(subscription, other);
  send("a", 11, true, 10_000);
  stage.receive("other", rtp({ ssrc: 77, sequence: 60_000, timestamp: 4_000_000_000, payload: vp8({ key: false }) }));
  stage.receive("other", rtp({ ssrc: 77, sequence: 60_001, timestamp: 4_000_003_000, payload: vp8({ key: true }) }));
  const numbers = sent().map((packet) => [uint16(packet, 2), uint32(packet, 4), uint32(packet, 8)]);
  expect(numbers).toEqual([
    [0, 1_000, subscription.ssrc],
    [1, 1_000 + 9_000, subscription.ssrc],
  ]);
});

test("however often layers change, numbers have no gap and time runs on as it passed", () => {
  const steps = fc.array(
    fc.record({
      pause: fc.integer({ min: 1, max: 200 }),
      wish: fc.option(fc.constantFrom<Rid>("a", "b"), { freq: 6, nil: undefined }),
      keyframe: fc.boolean(),
    }),
    { minLength: 20, maxLength: 120 },
  );
  const starts = fc.record({ sequence: fc.nat(65_535), timestamp: fc.nat(2 ** 32 - 1) });
  fc.assert(
    fc.property(steps, starts, starts, (life, a, b) => {
      const { stage, track, subscription, send, sent } = begin({ preferredRid: "b" });
      const from = { a, b };
      let last: { sequence: number; timestamp: number; at: number } | undefined;
      for (const [number, { pause, wish, keyframe }] of life.entries()) {
        stage.advance(pause);
        if (wish !== undefined) stage.redirect(subscription, track, { preferredRid: wish });
        for (const rid of ["a", "b"] as const) {
          const timestamp = (from[rid].timestamp + stage.now * 90) >>> 0;
          send(rid, from[rid].sequence + number, keyframe, timestamp);
        }
        const packets = sent();
        // A change of layer at one instant may show one picture of each.
        expect(packets.length).toBeLessThanOrEqual(2);
        for (const packet of packets) {
          const now = { sequence: uint16(packet, 2), timestamp: uint32(packet, 4), at: stage.now };
          if (last !== undefined) {
            expect(now.sequence).toBe((last.sequence + 1) & 0xffff);
            const ticks = (now.timestamp - last.timestamp) >>> 0;
            expect(ticks).toBeGreaterThanOrEqual(1);
            expect(Math.abs(ticks - (now.at - last.at) * 90)).toBeLessThanOrEqual(1);
          }
          last = now;
        }
      }
    }),
    { numRuns: 100 },
  );
});

function begin(preference?: Parameters<Stage["subscribe"]>[2]) {
  const stage = new Stage();
  const track = stage.publish("pub", { rids: ["a", "b"] });
  stage.connect("pub");
  stage.connect("sub");
  const subscription = stage.subscribe("sub", track, preference);
  const sources: number[] = [];
  const sent = () => stage.sentTo("sub");
  return {
    stage,
    track,
    subscription,
    sent,
    send(rid: Rid, sequence: number, key: boolean, timestamp = sequence * 3_000): void {
      const extensions = [
        { id: 4, data: ascii("0") },
        { id: 10, data: ascii(rid) },
      ];
      const before = subscription.packets;
      stage.receive(
        "pub",
        rtp({
          ssrc: ssrcs[rid],
          sequence: sequence & 0xffff,
          timestamp,
          marker: true,
          payload: vp8({ key }),
          extensions,
        }),
      );
      if (subscription.packets > before) sources.push(sequence);
    },
    /** Numbers, at their source, of the packets that went out since the last call. */
    got(): number[] {
      expect(sent().filter((packet) => !isRtcp(packet))).toHaveLength(sources.length);
      return sources.splice(0);
    },
    requests: () =>
      stage
        .sentTo("pub")
        .flatMap(readRtcp)
        .flatMap((report) => (report.report === "keyframe-request" ? [report.mediaSsrc] : [])),
  };
}
