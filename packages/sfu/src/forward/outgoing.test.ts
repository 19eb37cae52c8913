import fc from "fast-check";
import { expect, test } from "vitest";
import { ascii, rtp } from "../../test/packets.ts";
import { findExtension, type RtpHeader, readRtpHeader } from "../rtp/header.ts";
import { OutgoingPacket } from "./outgoing.ts";

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const id = fc.integer({ min: 1, max: 14 });

test("a subscriber gets the payload untouched, its own numbers, and the extension under its own id", () => {
  const incoming = fc.record({
    timestamp: uint(32),
    marker: fc.boolean(),
    csrcs: fc.array(uint(32), { maxLength: 15 }),
    payload: fc.uint8Array({ maxLength: 1_300 }),
    padding: uint(8),
    form: fc.constantFrom(1 as const, 2 as const),
  });
  const numbering = fc.record({ payloadType: uint(7), sequence: uint(16), ssrc: uint(32) });
  fc.assert(
    fc.property(incoming, fc.option(uint(8)), id, id, numbering, (fields, level, theirs, ours, own) => {
      const extensions = level === null ? [] : [{ id: theirs, data: Uint8Array.of(level) }];
      const packet = rtp({ ...fields, ssrc: 1, extensions });
      const outgoing = new OutgoingPacket();
      outgoing.load(packet, whole(packet), { audioLevelId: theirs, videoOrientationId: undefined });
      const bytes = outgoing.bytesFor({ audioLevelId: ours, videoOrientationId: undefined }, own);
      const header = whole(bytes);
      expect(header).toMatchObject({ ...own, timestamp: fields.timestamp, marker: fields.marker });
      expect(header.padded).toBe(fields.padding > 0);
      expect(bytes.length - header.payloadEnd).toBe(fields.padding);
      expect([...bytes.subarray(header.payloadOffset, header.payloadEnd)]).toEqual([...fields.payload]);
      const found = findExtension(bytes, header, ours);
      expect(found === undefined ? null : bytes[found.offset]).toBe(level);
    }),
  );
});

test("a publisher's mid and every extension that is not passed on stay here", () => {
  const packet = rtp({
    extensions: [
      { id: 4, data: ascii("0") },
      { id: 13, data: Uint8Array.of(3) },
      { id: 3, data: Uint8Array.of(9, 9) },
    ],
  });
  const outgoing = new OutgoingPacket();
  outgoing.load(packet, whole(packet), { audioLevelId: undefined, videoOrientationId: 13 });
  const bytes = outgoing.bytesFor(
    { audioLevelId: 1, videoOrientationId: 7 },
    { payloadType: 96, sequence: 1, ssrc: 2 },
  );
  const header = whole(bytes);
  const found = Array.from({ length: 14 }, (_, index) => index + 1).filter((n) => findExtension(bytes, header, n));
  expect(found).toEqual([7]);
  expect(bytes[findExtension(bytes, header, 7)?.offset ?? 0]).toBe(3);
});

test("a subscriber that negotiated no extension gets none, right after one that did", () => {
  const packet = rtp({ extensions: [{ id: 1, data: Uint8Array.of(0x85) }], payload: Uint8Array.of(1, 2, 3) });
  const outgoing = new OutgoingPacket();
  outgoing.load(packet, whole(packet), { audioLevelId: 1, videoOrientationId: undefined });
  const numbering = { payloadType: 111, sequence: 1, ssrc: 2 };
  expect(outgoing.bytesFor({ audioLevelId: 2, videoOrientationId: undefined }, numbering)).toHaveLength(23);
  const bare = outgoing.bytesFor({ audioLevelId: undefined, videoOrientationId: undefined }, numbering);
  expect([...bare]).toEqual([...rtp({ payloadType: 111, sequence: 1, ssrc: 2, payload: Uint8Array.of(1, 2, 3) })]);
});

test("an extension of another length than its one byte is not passed on", () => {
  const packet = rtp({ form: 2, extensions: [{ id: 1, data: new Uint8Array(0) }] });
  const outgoing = new OutgoingPacket();
  outgoing.load(packet, whole(packet), { audioLevelId: 1, videoOrientationId: undefined });
  const ids = { audioLevelId: 1, videoOrientationId: undefined };
  expect(outgoing.bytesFor(ids, { payloadType: 111, sequence: 1, ssrc: 2 })).toHaveLength(12);
});

test("the largest datagram fits", () => {
  const packet = rtp({ payload: new Uint8Array(65_535 - 12).fill(7) });
  const outgoing = new OutgoingPacket();
  outgoing.load(packet, whole(packet), { audioLevelId: undefined, videoOrientationId: undefined });
  const ids = { audioLevelId: undefined, videoOrientationId: undefined };
  expect(outgoing.bytesFor(ids, { payloadType: 96, sequence: 0, ssrc: 0 })).toHaveLength(65_535);
});

function whole(packet: Uint8Array): RtpHeader {
  const header = readRtpHeader(packet);
  if (header === undefined) throw new Error("This packet is whole.");
  return header;
}
