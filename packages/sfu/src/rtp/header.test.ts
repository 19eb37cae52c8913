import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, rtp } from "../../test/packets.ts";
import { findExtension, isRtcp, type RtpHeader, readRtpHeader, textExtension } from "./header.ts";

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const data = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });

const fixed = {
  payloadType: uint(7),
  sequence: uint(16),
  timestamp: uint(32),
  ssrc: uint(32),
  marker: fc.boolean(),
  csrcs: fc.array(uint(32), { maxLength: 15 }),
  payload: data(0, 200),
  padding: uint(8),
};

const oneByte = fc.record({
  ...fixed,
  form: fc.constant(1 as const),
  extensions: fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 14 }), data: data(1, 16) }), {
    selector: (element) => element.id,
  }),
});

const twoByte = fc.record({
  ...fixed,
  form: fc.constant(2 as const),
  extensions: fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 255 }), data: data(0, 40) }), {
    selector: (element) => element.id,
    maxLength: 8,
  }),
});

describe("a whole packet", () => {
  test.each([
    ["one-byte", oneByte],
    ["two-byte", twoByte],
  ])("with %s extensions is read field by field", (_, packets) => {
    fc.assert(
      fc.property(packets, (fields) => {
        const packet = rtp(fields);
        const header = whole(packet);
        expect(header).toMatchObject({
          marker: fields.marker,
          payloadType: fields.payloadType,
          sequence: fields.sequence,
          timestamp: fields.timestamp,
          ssrc: fields.ssrc,
          padded: fields.padding > 0,
        });
        expect([...packet.subarray(header.payloadOffset, header.payloadEnd)]).toEqual([...fields.payload]);
        for (const extension of fields.extensions) {
          const found = findExtension(packet, header, extension.id);
          expect(found).toBeDefined();
          if (found === undefined) continue;
          expect([...packet.subarray(found.offset, found.offset + found.length)]).toEqual([...extension.data]);
        }
        const ids = new Set(fields.extensions.map((extension) => extension.id));
        for (let id = 1; id <= 14; id += 1) if (!ids.has(id)) expect(findExtension(packet, header, id)).toBeUndefined();
      }),
    );
  });

  test("cut anywhere before its payload is no packet", () => {
    fc.assert(
      fc.property(oneByte, (fields) => {
        const packet = rtp({ ...fields, padding: 0 });
        const { payloadOffset } = whole(packet);
        for (let length = 0; length < payloadOffset; length += 1) {
          expect(readRtpHeader(packet.subarray(0, length))).toBeUndefined();
        }
      }),
      { numRuns: 50 },
    );
  });
});

test("extensions of an unknown profile are skipped, and the payload behind them is found", () => {
  const packet = rtp({ extensions: [{ id: 3, data: Uint8Array.of(7) }], payload: Uint8Array.of(42) });
  packet.set([0x12, 0x34], 12);
  const header = whole(packet);
  expect(findExtension(packet, header, 3)).toBeUndefined();
  expect(packet[header.payloadOffset]).toBe(42);
});

test("id 15 of the one-byte form ends the search", () => {
  const packet = rtp({
    extensions: [
      { id: 15, data: Uint8Array.of(1) },
      { id: 3, data: Uint8Array.of(2) },
    ],
  });
  expect(findExtension(packet, whole(packet), 3)).toBeUndefined();
});

test("an element that reaches past the block is not found, even when the packet has the bytes", () => {
  const packet = rtp({ extensions: [{ id: 3, data: Uint8Array.of(1, 2, 3) }], payload: new Uint8Array(32) });
  packet[16] = 0x3f;
  expect(findExtension(packet, whole(packet), 3)).toBeUndefined();
});

test("a mid extension is read as text", () => {
  const packet = rtp({ extensions: [{ id: 4, data: ascii("audio_0") }] });
  expect(textExtension(packet, whole(packet), 4)).toBe("audio_0");
});

test.each([
  ["another version", { at: 0, value: 0x40 }],
  ["padding longer than the payload", { at: 0, value: 0xa0 }],
])("a packet with %s is none", (_, { at, value }) => {
  const packet = rtp({ payload: Uint8Array.of(1, 2, 200) });
  packet[at] = value;
  expect(readRtpHeader(packet)).toBeUndefined();
});

test("padding that counts zero bytes is malformed", () => {
  const packet = rtp({ payload: Uint8Array.of(1, 2, 0) });
  packet[0] = 0xa0;
  expect(readRtpHeader(packet)).toBeUndefined();
});

test("arbitrary bytes give nothing or offsets inside the packet, and never throw", () => {
  const looksLikeRtp = data(0, 120).map((bytes) => {
    if (bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
    return bytes;
  });
  const withProfile = fc.tuple(looksLikeRtp, fc.constantFrom(0xbe, 0x10)).map(([bytes, profile]) => {
    const at = 12 + ((bytes[0] ?? 0) & 0x0f) * 4;
    if (at + 4 <= bytes.length) bytes.set(profile === 0xbe ? [0xbe, 0xde, 0] : [0x10, 0, 0], at);
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(data(0, 120), looksLikeRtp, withProfile), (packet) => {
      isRtcp(packet);
      const header = readRtpHeader(packet);
      if (header === undefined) return;
      expect(header.payloadOffset).toBeLessThanOrEqual(header.payloadEnd);
      expect(header.payloadEnd).toBeLessThanOrEqual(packet.length);
      expect(header.extensionStart).toBeLessThanOrEqual(header.extensionEnd);
      expect(header.extensionEnd).toBeLessThanOrEqual(header.payloadOffset);
      for (let id = 0; id < 256; id += 1) {
        const found = findExtension(packet, header, id);
        if (found === undefined) continue;
        expect(found.offset).toBeGreaterThanOrEqual(header.extensionStart);
        expect(found.offset + found.length).toBeLessThanOrEqual(header.extensionEnd);
        expect(textExtension(packet, header, id)).toHaveLength(found.length);
      }
    }),
    { numRuns: 300 },
  );
});

test("RTCP is told from RTP by its packet type", () => {
  for (let type = 0; type < 256; type += 1) {
    expect(isRtcp(Uint8Array.of(0x80, type, 0, 0))).toBe(type >= 192 && type <= 223);
  }
  expect(isRtcp(Uint8Array.of(0x80, 200, 0))).toBe(false);
});

function whole(packet: Uint8Array): RtpHeader {
  const header = readRtpHeader(packet);
  if (header === undefined) throw new Error("This packet is whole.");
  return header;
}
