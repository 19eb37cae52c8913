import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pictureLossPacket, rtcp, rtp, senderReportPacket } from "../../test/packets.ts";
import { uint32 } from "../rtp/header.ts";
import { readRtcp } from "./read.ts";
import { compound, pictureLossIndication, receiverEstimate, receiverReport, senderReport } from "./write.ts";

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });

describe("reading", () => {
  test("a sender report that we write is read with the same times", () => {
    const fields = fc.record({
      ssrc: uint(32),
      ntpSeconds: uint(32),
      ntpFraction: uint(32),
      rtpTimestamp: uint(32),
    });
    fc.assert(
      fc.property(fields, uint(32), uint(32), (report, packets, bytes) => {
        expect(readRtcp(senderReport({ ...report, packets, bytes }))).toEqual([{ report: "sender", ...report }]);
      }),
    );
  });

  test("a picture loss indication that we write is read as a keyframe request", () => {
    fc.assert(
      fc.property(uint(32), uint(32), (sender, media) => {
        expect(readRtcp(pictureLossIndication(sender, media))).toEqual([
          { report: "keyframe-request", mediaSsrc: media },
        ]);
      }),
    );
  });

  test("a full intra request names its targets in its entries", () => {
    expect(readRtcp(rtcp(4, 206, [1, 0, 11, 0x05000000, 12, 0x06000000]))).toEqual([
      { report: "keyframe-request", mediaSsrc: 11 },
      { report: "keyframe-request", mediaSsrc: 12 },
    ]);
  });

  test("compounds are read part by part, and what is not acted on is skipped", () => {
    const packet = compound([
      senderReportPacket(5, 1, 2, 3),
      rtcp(1, 202, [5, 0]),
      receiverEstimate(1, 500_000, [7]),
      rtcp(1, 205, [1, 7, 0]),
      pictureLossPacket(9),
    ]);
    expect(readRtcp(packet).map((report) => report.report)).toEqual(["sender", "lost", "keyframe-request"]);
  });

  test("of the lost packets that one datagram names a thousand are read, whatever it is made of", () => {
    const all = (count: number) => Array.from({ length: count }, (_, each) => ((each * 17) << 16) | 0xffff);
    const named = (packet: Uint8Array) =>
      readRtcp(packet).flatMap((report) => (report.report === "lost" ? report.sequences : []));
    expect(named(rtcp(1, 205, [1, 7, ...all(40)]))).toEqual(Array.from({ length: 680 }, (_, each) => each));
    expect(named(rtcp(1, 205, [1, 7, ...all(345)]))).toHaveLength(1_000);
    const many = compound(Array.from({ length: 80 }, (_, ssrc) => rtcp(1, 205, [1, ssrc, ...all(1)])));
    expect(named(many)).toHaveLength(1_000);
  });

  test("a part that claims more than there is ends the reading; what came before counts", () => {
    const long = pictureLossPacket(9);
    long.set([0xff, 0xff], 2);
    expect(readRtcp(compound([pictureLossPacket(8), long, pictureLossPacket(10)]))).toEqual([
      { report: "keyframe-request", mediaSsrc: 8 },
    ]);
  });

  test("reports too short for their fields say nothing", () => {
    expect(readRtcp(rtcp(0, 200, [5, 1, 2, 3, 4]))).toEqual([]);
    expect(readRtcp(rtcp(1, 206, [1]))).toEqual([]);
    expect(readRtcp(rtcp(4, 206, [1, 0, 11]))).toEqual([]);
    expect(readRtcp(rtcp(4, 206, []))).toEqual([]);
  });

  test("every cut of a compound gives its whole parts and never throws", () => {
    const whole = compound([senderReportPacket(5), pictureLossPacket(9), pictureLossPacket(10)]);
    const reports = readRtcp(whole);
    for (let length = 0; length < whole.length; length += 1) {
      const read = readRtcp(whole.subarray(0, length));
      expect(reports.slice(0, read.length)).toEqual(read);
      expect(read.length).toBe([28, 40, 52].filter((end) => end <= length).length);
    }
  });

  test("arbitrary bytes never throw, and give at most one report for every 8 bytes", () => {
    const headers = fc.tuple(fc.constantFrom(0x80, 0x81, 0x84, 0x8f), fc.constantFrom(200, 205, 206, 207));
    const hostile = fc
      .tuple(headers, fc.uint8Array({ maxLength: 64 }))
      .map(([[first, type], rest]) => Uint8Array.of(first, type, ...rest));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.uint8Array({ maxLength: 64 })), (packet) => {
        expect(readRtcp(packet).length).toBeLessThanOrEqual(packet.length / 8);
      }),
      { numRuns: 500 },
    );
  });

  test("RTP is not taken for RTCP that says anything", () => {
    expect(readRtcp(rtp({ payload: new Uint8Array(40) }))).toEqual([]);
  });
});

describe("writing", () => {
  const block = fc.record({
    ssrc: uint(32),
    fractionLost: uint(8),
    cumulativeLost: fc.integer({ min: -0x1000000, max: 0x1000000 }),
    highestSequence: uint(32),
    jitter: uint(32),
    lastSenderReport: uint(32),
    delaySinceLastSenderReport: uint(32),
  });

  test("a receiver report holds its blocks in the layout of RFC 3550, with loss clamped to 24 bits", () => {
    fc.assert(
      fc.property(uint(32), fc.array(block, { maxLength: 31 }), (sender, blocks) => {
        const packet = receiverReport(sender, blocks);
        expect(packet.length).toBe(8 + 24 * blocks.length);
        expect([packet[0], packet[1]]).toEqual([0x80 | blocks.length, 201]);
        expect(((packet[2] ?? 0) << 8) | (packet[3] ?? 0)).toBe(packet.length / 4 - 1);
        expect(uint32(packet, 4)).toBe(sender);
        blocks.forEach((expected, index) => {
          const at = 8 + index * 24;
          expect(uint32(packet, at)).toBe(expected.ssrc);
          expect(packet[at + 4]).toBe(expected.fractionLost);
          const lost = (uint32(packet, at + 4) << 8) >> 8;
          expect(lost).toBe(Math.max(-0x800000, Math.min(0x7fffff, expected.cumulativeLost)));
          expect(uint32(packet, at + 8)).toBe(expected.highestSequence);
          expect(uint32(packet, at + 12)).toBe(expected.jitter);
          expect(uint32(packet, at + 16)).toBe(expected.lastSenderReport);
          expect(uint32(packet, at + 20)).toBe(expected.delaySinceLastSenderReport);
        });
      }),
    );
  });

  test("an estimate is written as mantissa and exponent, never above what was meant and within 1 in 131,072 below", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2 ** 50, noNaN: true }),
        fc.array(uint(32), { maxLength: 255 }),
        (bitrate, ssrcs) => {
          const packet = receiverEstimate(1, bitrate, ssrcs);
          expect(String.fromCharCode(...packet.subarray(12, 16))).toBe("REMB");
          expect(packet[16]).toBe(ssrcs.length);
          const exponent = (packet[17] ?? 0) >> 2;
          const mantissa = (((packet[17] ?? 0) & 3) << 16) | ((packet[18] ?? 0) << 8) | (packet[19] ?? 0);
          const read = mantissa * 2 ** exponent;
          expect(read).toBeLessThanOrEqual(bitrate);
          expect(read).toBeGreaterThan(bitrate * (1 - 1 / 131_072) - 1);
          ssrcs.forEach((ssrc, index) => {
            expect(uint32(packet, 20 + index * 4)).toBe(ssrc);
          });
        },
      ),
    );
  });

  test("a negative estimate is written as none", () => {
    expect([...receiverEstimate(1, -5, []).subarray(16, 20)]).toEqual([0, 0, 0, 0]);
  });
});
