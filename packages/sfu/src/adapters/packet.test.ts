import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPacket, writePacket } from "./packet.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

test("what is written is read, whatever the numbers", () => {
  fc.assert(
    fc.property(uint32, uint32, fc.uint8Array({ maxLength: 300 }), (sequenceNumber, timestamp, payload) => {
      expect(readPacket(writePacket({ sequenceNumber, timestamp, payload }))).toEqual({
        sequenceNumber,
        timestamp,
        payload,
      });
    }),
  );
});

test("the bytes are protobuf's", () => {
  const message = writePacket({ sequenceNumber: 1, timestamp: 300, payload: Uint8Array.of(7, 8) });
  expect([...message]).toEqual([0x08, 0x01, 0x10, 0xac, 0x02, 0x2a, 0x02, 7, 8]);
});

describe("a message", () => {
  test.each<[string, number[], object]>([
    ["of nothing has the defaults", [], { sequenceNumber: 0, timestamp: 0, payload: new Uint8Array() }],
    ["may have its fields in any order", [0x2a, 1, 9, 0x08, 5], { sequenceNumber: 5, payload: Uint8Array.of(9) }],
    ["may have a field twice: the last counts", [0x08, 5, 0x08, 6], { sequenceNumber: 6 }],
    [
      "may have fields that we do not know",
      [0x18, 1, 0x22, 2, 1, 2, 0x31, 1, 2, 3, 4, 5, 6, 7, 8, 0x3d, 1, 2, 3, 4, 0x08, 5],
      { sequenceNumber: 5 },
    ],
    [
      "may have a number of ten bytes",
      [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      { sequenceNumber: 0xffff_ffff },
    ],
  ])("%s", (_, bytes, expected) => {
    expect(readPacket(Uint8Array.from(bytes))).toMatchObject(expected);
  });

  test.each<[string, number[]]>([
    ["a tag that does not end", [0x88]],
    ["a number that does not end", [0x08, 0x80]],
    ["a number of eleven bytes", [0x08, ...Array.from({ length: 10 }, () => 255), 1]],
    ["a payload longer than the message", [0x2a, 3, 1, 2]],
    ["a payload of 4 GB", [0x2a, 255, 255, 255, 255, 15, 1]],
    ["a fixed field that is cut off", [0x31, 1, 2]],
    ["a group", [0x0b, 0x0c]],
    ["a field of number 0", [0x00, 1]],
  ])("with %s is none", (_, bytes) => {
    expect(readPacket(Uint8Array.from(bytes))).toBeUndefined();
  });
});
