import fc from "fast-check";
import { expect, test } from "vitest";
import { vp8 } from "../../test/packets.ts";
import { Frame } from "./frame.ts";
import { readVp8 } from "./vp8.ts";

const descriptors = fc.record({
  start: fc.boolean(),
  partition: fc.integer({ min: 0, max: 7 }),
  pictureId: fc.constantFrom("none", "short", "long"),
  tl0PicIdx: fc.boolean(),
  temporalId: fc.boolean(),
  keyIdx: fc.boolean(),
  key: fc.boolean(),
});

test("a keyframe starts where a key frame's first partition starts, whatever the descriptor carries", () => {
  fc.assert(
    fc.property(descriptors, fc.integer({ min: 0, max: 40 }), (fields, offset) => {
      const payload = vp8(fields);
      const packet = new Uint8Array(offset + payload.length).fill(0xff);
      packet.set(payload, offset);
      const expected = fields.key && fields.start && fields.partition === 0;
      expect(starts(packet, offset, packet.length)).toBe(expected);
    }),
  );
});

test("a payload that ends inside its descriptor starts nothing, even when padding follows", () => {
  fc.assert(
    fc.property(descriptors, (fields) => {
      const payload = vp8(fields);
      const descriptor = payload.length - 6;
      const packet = new Uint8Array(payload.length + 8);
      packet.set(payload);
      packet.fill(0, descriptor);
      for (let end = 0; end <= descriptor; end += 1) expect(starts(packet, 0, end)).toBe(false);
    }),
  );
});

test("arbitrary payloads never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (payload) => {
      for (let end = 0; end <= payload.length; end += 1) starts(payload, 0, end);
    }),
  );
});

function starts(bytes: Uint8Array, start: number, end: number): boolean {
  const frame = new Frame();
  readVp8(bytes, start, end, frame);
  return frame.keyframe;
}
