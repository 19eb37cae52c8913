import { expect, test } from "vitest";
import { Egress } from "./egress.ts";
import { readPacket } from "./packet.ts";
import type { AudioDecoder } from "./platform.ts";

/** 20 ms of stereo. */
const frame = 960 * 4;

/** A codec whose packets are one byte long: it fills the frame, and what is guessed is 100, or the next packet's byte plus 100. */
const decoder: AudioDecoder = {
  decode: (packet) => (packet[0] === 255 ? undefined : new Uint8Array(frame).fill(packet[0] ?? 0)),
  conceal: (samples, next) => new Uint8Array(samples * 4).fill((next?.[0] ?? 0) + 100),
  free: () => {},
};

function rtp(sequence: number, byte: number, timestamp = sequence * 960): Uint8Array {
  const packet = new DataView(new ArrayBuffer(13));
  packet.setUint8(0, 0x80);
  packet.setUint8(1, 111);
  packet.setUint16(2, sequence & 0xffff);
  packet.setUint32(4, timestamp >>> 0);
  packet.setUint8(12, byte);
  return new Uint8Array(packet.buffer);
}

/** What is heard of packets: the first byte of each frame, and its timestamp in frames. */
function hear(...packets: Uint8Array[]): [number, number][] {
  const egress = new Egress(decoder);
  const messages = packets.flatMap((packet) => egress.received(packet));
  return messages.map(({ message, pcmBytes }, index) => {
    const read = readPacket(message);
    expect(read?.sequenceNumber).toBe(index);
    expect(read?.payload.length).toBe(pcmBytes);
    return [read?.payload[0] ?? -1, (read?.timestamp ?? 0) / 960];
  });
}

test("packets become frames in order, each with the time of its packet", () => {
  expect(hear(rtp(4, 1), rtp(5, 2), rtp(6, 3))).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

test("numbers go on past their end", () => {
  expect(hear(rtp(65_535, 1), rtp(65_536, 2)).map(([byte]) => byte)).toEqual([1, 2]);
});

test("lost packets are filled, the last of them from what the next one repeats", () => {
  expect(hear(rtp(4, 1), rtp(7, 9))).toEqual([
    [1, 4],
    [100, 5],
    [109, 6],
    [9, 7],
  ]);
});

test("a packet that comes late, or twice, is not played again", () => {
  expect(hear(rtp(4, 1), rtp(6, 3), rtp(5, 2), rtp(6, 3), rtp(7, 4)).map(([byte]) => byte)).toEqual([1, 103, 3, 4]);
});

test("a pause of the speaker, and a loss of more than 100 ms, stay pauses", () => {
  expect(hear(rtp(4, 1), rtp(5, 2, 50 * 960))).toEqual([
    [1, 4],
    [2, 50],
  ]);
  expect(hear(rtp(4, 1), rtp(11, 2))).toEqual([
    [1, 4],
    [2, 11],
  ]);
});

test("what is no Opus is filled like a lost packet, and what is no RTP is passed over", () => {
  expect(hear(rtp(4, 1), rtp(5, 255), Uint8Array.of(1, 2), rtp(6, 3))).toEqual([
    [1, 4],
    [103, 5],
    [3, 6],
  ]);
});
