import { describe, expect, test } from "vitest";
import { ascii, pictureLossPacket, rtcp, rtp, senderReportPacket, vp8 } from "../../test/packets.ts";
import { Stage } from "../../test/stage.ts";
import { readRtcp } from "../rtcp/read.ts";
import { isRtcp, uint16, uint32 } from "../rtp/header.ts";

const keyframe = vp8({ key: true });
const delta = vp8({ key: false });

describe("which track a packet belongs to", () => {
  test("is told by an SSRC that the SDP named", () => {
    const { stage, forwarded } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    expect(forwarded()).toHaveLength(1);
  });

  test("is told by the mid extension, and remembered when later packets have none", () => {
    const { stage, forwarded } = call();
    stage.receive("pub", rtp({ ssrc: 6, sequence: 1, payload: keyframe, extensions: [{ id: 4, data: ascii("0") }] }));
    stage.receive("pub", rtp({ ssrc: 6, sequence: 2, payload: delta }));
    expect(forwarded()).toHaveLength(2);
  });

  test("stays unknown without either, and the packet goes nowhere", () => {
    const { stage, forwarded } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 6, payload: keyframe }));
    stage.receive("pub", rtp({ ssrc: 7, payload: keyframe, extensions: [{ id: 4, data: ascii("9") }] }));
    stage.receive("pub", rtp({ ssrc: 8, payload: keyframe, extensions: [{ id: 5, data: ascii("0") }] }));
    stage.receive("stranger", rtp({ ssrc: 5, payload: keyframe }));
    expect(forwarded()).toHaveLength(0);
  });

  test("is not looked for under more SSRCs than a session may have", () => {
    const { stage, forwarded } = call({}, { streamsPerSession: 2 });
    const named = [{ id: 4, data: ascii("0") }];
    for (let ssrc = 1; ssrc <= 10; ssrc += 1) stage.receive("pub", rtp({ ssrc, payload: keyframe, extensions: named }));
    expect(forwarded()).toHaveLength(2);
  });

  test("SSRCs that the SDP names count against that bound", () => {
    const { stage, forwarded } = call({ ssrcs: Array.from({ length: 10 }, (_, n) => n + 1) }, { streamsPerSession: 2 });
    for (let ssrc = 1; ssrc <= 10; ssrc += 1) stage.receive("pub", rtp({ ssrc, payload: keyframe }));
    expect(forwarded()).toHaveLength(2);
  });

  test("is none for every payload type that was not agreed on", () => {
    const { stage, forwarded } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payloadType: 98, payload: keyframe }));
    expect(forwarded()).toHaveLength(0);
  });

  test("two sessions may use the same SSRC without meeting", () => {
    const { stage, forwarded } = call({ ssrcs: [5] });
    const other = stage.publish("pub2", { ssrcs: [5] });
    stage.connect("sub2");
    stage.subscribe("sub2", other);
    stage.receive("pub2", rtp({ ssrc: 5, payload: keyframe }));
    expect(forwarded()).toHaveLength(0);
    expect(stage.sentTo("sub2")).toHaveLength(1);
  });
});

describe("a publication that ends", () => {
  test("takes along those who pull it and are not connected yet, and nobody who has gone to another", () => {
    const stage = new Stage();
    const [first, second] = [stage.publish("one", { ssrcs: [5] }), stage.publish("two", { ssrcs: [6] })];
    stage.connect("moved");
    const moved = stage.subscribe("moved", first);
    stage.subscribe("late", first);
    stage.redirect(moved, second);
    stage.unpublish(first);
    expect(stage.router.stats("late", 0)?.received).toEqual([]);
    expect(stage.router.stats("moved", 0)?.received).toMatchObject([{ sessionId: "two" }]);
    stage.connect("late");
    for (const [session, ssrc] of [
      ["one", 5],
      ["two", 6],
    ] as const) {
      stage.receive(session, rtp({ ssrc, payload: keyframe }));
    }
    expect(stage.sentTo("late")).toEqual([]);
    expect(stage.sentTo("moved")).toHaveLength(1);
    stage.unpublish(second);
    expect(stage.router.stats("moved", 0)?.received).toEqual([]);
  });
});

describe("keyframe requests", () => {
  test("go to the publisher when somebody subscribes, once its SSRC is known", () => {
    const { stage, requests } = call({ ssrcs: [5] });
    expect(requests()).toHaveLength(0);
    stage.receive("pub", rtp({ ssrc: 5, payload: delta }));
    expect(requests()).toEqual([5]);
  });

  test("of many subscribers are merged within the interval, and the last is not forgotten", () => {
    const { stage, publication, requests } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.advance(1_000);
    requests();
    for (let index = 0; index < 20; index += 1) {
      stage.connect(`late${index}`);
      stage.subscribe(`late${index}`, publication);
    }
    expect(requests()).toEqual([5]);
    stage.advance(299);
    expect(requests()).toEqual([]);
    stage.advance(1);
    expect(requests()).toEqual([5]);
  });

  test("are repeated every second while a subscriber waits, and end when it has its keyframe", () => {
    const { stage, requests } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, sequence: 1, payload: delta }));
    stage.advance(3_500);
    expect(requests()).toEqual([5, 5, 5, 5]);
    stage.receive("pub", rtp({ ssrc: 5, sequence: 2, payload: keyframe }));
    stage.advance(10_000);
    expect(requests()).toEqual([]);
  });

  test.each([
    ["a picture loss indication", (ssrc: number) => pictureLossPacket(ssrc)],
    ["a full intra request", (ssrc: number) => rtcp(4, 206, [1, 0, ssrc, 0])],
  ])("from a subscriber as %s reach the publisher under its own SSRC", (_, request) => {
    const { stage, subscription, requests } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.advance(1_000);
    requests();
    stage.receive("sub", request(subscription.ssrc));
    expect(requests()).toEqual([5]);
  });

  test("for a stream that the session does not receive go nowhere", () => {
    const { stage, subscription, requests } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.advance(1_000);
    requests();
    stage.connect("other");
    stage.receive("other", pictureLossPacket(subscription.ssrc));
    stage.receive("sub", pictureLossPacket(5));
    stage.receive("pub", pictureLossPacket(5));
    expect(requests()).toEqual([]);
  });

  test("are never sent for sound", () => {
    const { stage, requests } = call({ kind: "audio", ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payloadType: 111 }));
    stage.advance(5_000);
    expect(requests()).toEqual([]);
  });

  test("are sent again when the stream restarts under another SSRC", () => {
    const { stage, forwarded, requests } = call({ ssrcs: [5, 6] });
    stage.receive("pub", rtp({ ssrc: 5, sequence: 9, payload: keyframe }));
    stage.advance(1_000);
    requests();
    stage.receive("pub", rtp({ ssrc: 6, sequence: 60_000, payload: delta }));
    expect(requests()).toEqual([6]);
    stage.receive("pub", rtp({ ssrc: 6, sequence: 60_001, payload: keyframe }));
    expect(forwarded().map((packet) => uint16(packet, 2))).toEqual([0, 1]);
  });
});

describe("reports to a publisher", () => {
  test("tell loss, jitter, the highest number and the last sender report", () => {
    const { stage, reports } = call({ ssrcs: [5] });
    // 90 of 100 packets, 20 ms apart in both clocks, the numbers wrapping; then one comes 80 ms late.
    for (let index = 0; index < 100; index += 1) {
      if (index % 10 !== 5) stage.receive("pub", packetAt(65_500 + index, index * 1_800));
      stage.advance(9);
    }
    stage.receive("pub", senderReportPacket(5, 0x11112222, 0x33334444));
    stage.advance(100);
    const [block] = reports();
    expect(block).toMatchObject({ ssrc: 5, cumulativeLost: 10, highestSequence: 65_599 });
    expect(block?.fractionLost).toBe(Math.floor((10 / 100) * 256));
    expect(block?.lastSenderReport).toBe(0x22223333);
    expect(block?.delaySinceLastSenderReport).toBe(Math.round((100 * 65_536) / 1_000));
  });

  test("give no jitter for an even stream, and a sixteenth of one late packet", () => {
    const { stage, reports } = call({ ssrcs: [5] });
    for (let index = 0; index < 40; index += 1) {
      stage.receive("pub", packetAt(index, index * 1_800));
      stage.advance(20);
    }
    stage.advance(20);
    stage.receive("pub", packetAt(40, 40 * 1_800));
    stage.advance(1_000);
    expect(reports()[0]?.jitter).toBe(Math.floor((20 * 90) / 16));
  });

  test("count loss anew for each interval, and duplicates never below zero of it", () => {
    const { stage, reports } = call({ ssrcs: [5] });
    stage.receive("pub", packetAt(1, 0));
    stage.receive("pub", packetAt(3, 0));
    stage.advance(1_000);
    expect(reports()[0]).toMatchObject({ fractionLost: 85, cumulativeLost: 1 });
    for (const sequence of [4, 4, 5, 5]) stage.receive("pub", packetAt(sequence, 0));
    stage.advance(1_000);
    expect(reports()[0]).toMatchObject({ fractionLost: 0, cumulativeLost: -1, highestSequence: 5 });
  });

  test("carry an estimate over all video streams, with room for sound", () => {
    const stage = new Stage();
    stage.publish("pub", { ssrcs: [5] });
    stage.publish("pub", { mid: "1", ssrcs: [6] });
    stage.publish("pub", { mid: "2", kind: "audio", ssrcs: [7] });
    for (const [ssrc, payloadType] of [
      [5, 96],
      [6, 96],
      [7, 111],
    ] as const) {
      stage.receive("pub", rtp({ ssrc, payloadType }));
    }
    stage.advance(1_000);
    const [packet = new Uint8Array(0)] = stage.sentTo("pub");
    const estimate = packet.subarray(8 + 3 * 24);
    expect(String.fromCharCode(...estimate.subarray(12, 16))).toBe("REMB");
    expect(estimate[16]).toBe(2);
    const bitrate = (uint32(estimate, 16) & 0x3ffff) * 2 ** ((estimate[17] ?? 0) >> 2);
    expect(bitrate).toBeGreaterThan(4_063_000);
    expect(bitrate).toBeLessThanOrEqual(4_064_000);
    expect([uint32(estimate, 20), uint32(estimate, 24)]).toEqual([5, 6]);
  });

  test("stop when nobody publishes any more", () => {
    const { stage, publication, reports } = call({ ssrcs: [5] });
    stage.receive("pub", packetAt(1, 0));
    stage.advance(1_000);
    expect(reports()).toHaveLength(1);
    stage.unpublish(publication);
    stage.advance(5_000);
    expect(stage.sentTo("pub")).toHaveLength(0);
    expect(stage.router.nextDeadline()).toBeUndefined();
  });

  test("say nothing before the first packet", () => {
    const stage = new Stage();
    stage.publish("pub", { ssrcs: [5] });
    stage.advance(5_000);
    expect(stage.sentTo("pub")).toHaveLength(0);
  });
});

describe("a publisher's sender report", () => {
  test("reaches every subscriber that has packets, under the subscriber's SSRC", () => {
    const { stage, subscription, publication } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.connect("waiting");
    stage.subscribe("waiting", publication);
    stage.sentTo("sub");
    stage.receive("pub", senderReportPacket(5, 1, 2, 3));
    const [packet = new Uint8Array(0)] = stage.sentTo("sub");
    expect(readRtcp(packet)).toEqual([
      { report: "sender", ssrc: subscription.ssrc, ntpSeconds: 1, ntpFraction: 2, rtpTimestamp: 3 },
    ]);
    expect([uint32(packet, 20), uint32(packet, 24)]).toEqual([1, keyframe.length]);
    expect(stage.sentTo("waiting")).toHaveLength(0);
  });

  test("of a stream that is not its own goes nowhere", () => {
    const { stage } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.sentTo("sub");
    stage.receive("sub", senderReportPacket(5));
    stage.receive("pub", senderReportPacket(6));
    expect(stage.sentTo("sub")).toHaveLength(0);
  });
});

describe("subscribers", () => {
  test("miss nothing that they could not have received: they join when their transport is connected", () => {
    const stage = new Stage();
    const publication = stage.publish("pub", { ssrcs: [5] });
    const subscription = stage.subscribe("sub", publication);
    stage.receive("pub", rtp({ ssrc: 5, sequence: 1, payload: keyframe }));
    expect(subscription.layer).toBeUndefined();
    stage.connect("sub");
    expect(stage.sentTo("pub").flatMap(readRtcp)).toEqual([{ report: "keyframe-request", mediaSsrc: 5 }]);
    stage.receive("pub", rtp({ ssrc: 5, sequence: 2, payload: keyframe }));
    expect(stage.sentTo("sub")).toHaveLength(1);
  });

  test("each have their own start and their own numbers", () => {
    const { stage, publication, forwarded } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, sequence: 10, payload: keyframe }));
    stage.connect("late");
    stage.subscribe("late", publication);
    stage.receive("pub", rtp({ ssrc: 5, sequence: 11, payload: delta }));
    stage.receive("pub", rtp({ ssrc: 5, sequence: 12, payload: keyframe }));
    expect(forwarded().map((packet) => uint16(packet, 2))).toEqual([0, 1, 2]);
    expect(stage.sentTo("late").map((packet) => uint16(packet, 2))).toEqual([0]);
  });

  test("get nothing after they unsubscribed", () => {
    const { stage, subscription, publication, forwarded } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.unsubscribe(subscription);
    forwarded();
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    expect(forwarded()).toHaveLength(0);
    expect(publication.subscriptions).toHaveLength(0);
  });

  test("get nothing after their publisher left, and can ask nobody for keyframes", () => {
    const { stage, subscription, publication, forwarded, requests } = call({ ssrcs: [5] });
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.advance(1_000);
    stage.unpublish(publication);
    stage.router.remove("pub");
    forwarded();
    requests();
    stage.receive("pub", rtp({ ssrc: 5, payload: keyframe }));
    stage.receive("sub", pictureLossPacket(subscription.ssrc));
    stage.advance(10_000);
    expect([...forwarded(), ...requests()]).toHaveLength(0);
    expect(publication.subscriptions).toHaveLength(0);
  });
});

function packetAt(sequence: number, timestamp: number): Uint8Array {
  return rtp({ ssrc: 5, sequence: sequence & 0xffff, timestamp, payload: keyframe });
}

/** One publisher `pub` and one connected subscriber `sub` of its track. */
function call(published: Parameters<Stage["publish"]>[1] = {}, options = {}) {
  const stage = new Stage(options);
  const publication = stage.publish("pub", published);
  stage.connect("pub");
  stage.connect("sub");
  const subscription = stage.subscribe("sub", publication);
  return {
    stage,
    publication,
    subscription,
    forwarded: () => stage.sentTo("sub").filter((packet) => !isRtcp(packet)),
    /** Media SSRCs of the keyframe requests to the publisher. */
    requests: () =>
      stage
        .sentTo("pub")
        .flatMap(readRtcp)
        .flatMap((report) => (report.report === "keyframe-request" ? [report.mediaSsrc] : [])),
    reports: () =>
      stage
        .sentTo("pub")
        .filter((packet) => packet[1] === 201)
        .map((packet) => ({
          ssrc: uint32(packet, 8),
          fractionLost: packet[12] ?? 0,
          cumulativeLost: (uint32(packet, 12) << 8) >> 8,
          highestSequence: uint32(packet, 16),
          jitter: uint32(packet, 20),
          lastSenderReport: uint32(packet, 24),
          delaySinceLastSenderReport: uint32(packet, 28),
        })),
  };
}

test("a track that ends is forgotten by those who pulled it, connected or not, and by nobody else", () => {
  const stage = new Stage();
  const [ends, stays] = ["ends", "stays"].map((session, mid) => stage.publish(session, { mid: `${mid}`, ssrcs: [5] }));
  if (ends === undefined || stays === undefined) throw new Error("There are two tracks.");
  stage.connect("connected");
  for (const session of ["connected", "waiting"]) for (const track of [ends, stays]) stage.subscribe(session, track);
  const moved = stage.subscribe("moved", ends);
  stage.redirect(moved, stays);
  stage.unpublish(ends);
  const names = (session: string) => stage.router.stats(session, 0)?.received.map(({ sessionId }) => sessionId);
  for (const session of ["connected", "waiting", "moved"]) expect(names(session)).toEqual(["stays"]);
  stage.connect("waiting");
  expect(ends.subscriptions).toEqual([]);
  expect(stays.subscriptions).toHaveLength(2);
});
