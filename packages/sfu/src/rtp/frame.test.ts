import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rtp, vp8 } from "../../test/packets.ts";
import { Frame, frameReader } from "./frame.ts";
import { readRtpHeader } from "./header.ts";

const bit = fc.boolean();
const filler = fc.uint8Array({ minLength: 1, maxLength: 40 });

describe("VP9 (RFC 9628 §4.2)", () => {
  test("starts where a frame of the lowest spatial layer begins that predicts from no other", () => {
    const descriptors = fc.record({
      pictureId: fc.constantFrom("none" as const, "short" as const, "long" as const),
      predicted: bit,
      layers: bit,
      begins: bit,
      spatial: fc.integer({ min: 0, max: 7 }),
      temporal: fc.integer({ min: 0, max: 7 }),
      others: fc.integer({ min: 0, max: 7 }),
    });
    fc.assert(
      fc.property(descriptors, filler, (fields, rest) => {
        const { pictureId, predicted, layers, begins, spatial, temporal, others } = fields;
        const payload = [
          (pictureId === "none" ? 0 : 0x80) |
            (predicted ? 0x40 : 0) |
            (layers ? 0x20 : 0) |
            (begins ? 0x08 : 0) |
            // F, E, V and Z decide nothing here; F is bit 4.
            ((others & 4) << 2) |
            (others & 1),
          ...(pictureId === "none" ? [] : pictureId === "short" ? [0x7f] : [0xff, 0xff]),
          ...(layers ? [(temporal << 5) | (spatial << 1) | (others >> 2)] : []),
          ...rest,
        ];
        expect(starts("VP9", payload)).toBe(!predicted && begins && (!layers || spatial === 0));
      }),
    );
  });
});

describe("H.264 (RFC 6184 §5)", () => {
  const types = fc.integer({ min: 1, max: 23 });
  const isKey = (type: number) => type === 5 || type === 7;

  test("starts at an IDR slice or a sequence parameter set of its own", () => {
    fc.assert(
      fc.property(types, fc.integer({ min: 0, max: 3 }), filler, (type, reference, rest) => {
        expect(starts("H264", [(reference << 5) | type, ...rest])).toBe(isKey(type));
      }),
    );
  });

  test("starts at an aggregate that holds one anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(types, filler), { minLength: 1, maxLength: 6 }), (units) => {
        const payload = units.flatMap(([type, body]) => [0, body.length + 1, type, ...body]);
        expect(starts("H264", [24, ...payload])).toBe(units.some(([type]) => isKey(type)));
      }),
    );
  });

  test("starts at the first fragment of one and at no later fragment", () => {
    fc.assert(
      fc.property(types, bit, bit, filler, (type, first, last, rest) => {
        const payload = [28, (first ? 0x80 : 0) | (last ? 0x40 : 0) | type, ...rest];
        expect(starts("H264", payload)).toBe(first && isKey(type));
      }),
    );
  });
});

describe("H.265 (RFC 7798 §4.4)", () => {
  const types = fc.integer({ min: 0, max: 47 });
  const isKey = (type: number) => (type >= 16 && type <= 21) || type === 32 || type === 33;
  const nal = (type: number) => [type << 1, 1];

  test("starts at a random access point or a parameter set, alone, aggregated or as a first fragment", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(types, filler), { minLength: 1, maxLength: 6 }), bit, (units, first) => {
        const [[type, body] = [0, Uint8Array.of()]] = units;
        expect(starts("H265", [...nal(type), ...body])).toBe(isKey(type));
        expect(starts("H265", [...nal(49), (first ? 0x80 : 0) | type, ...body])).toBe(first && isKey(type));
        const aggregate = units.flatMap(([unit, rest]) => [0, rest.length + 2, ...nal(unit), ...rest]);
        expect(starts("H265", [...nal(48), ...aggregate])).toBe(units.some(([unit]) => isKey(unit)));
      }),
    );
  });
});

test("AV1 starts where the N bit of the aggregation header says that a coded video sequence does", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), filler, (header, rest) => {
      expect(starts("AV1", [header, ...rest])).toBe((header & 0x08) !== 0);
    }),
  );
});

test("VP8 is read whatever the case of its name, and sound starts anywhere", () => {
  expect(starts("vp8", [...vp8({ key: true })])).toBe(true);
  expect(starts("VP8", [...vp8({ key: false })])).toBe(false);
  expect(starts("opus", [1, 2, 3])).toBe(true);
});

test("no payload of any codec throws or starts beyond its end", () => {
  const codecs = fc.constantFrom("VP8", "VP9", "H264", "H265", "AV1");
  fc.assert(
    fc.property(codecs, fc.uint8Array({ maxLength: 30 }), (name, payload) => {
      expect(typeof starts(name, [...payload])).toBe("boolean");
      if (payload.length === 0) expect(starts(name, [])).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

/** With padding behind the payload that would start anything if it were read. */
function starts(name: string, payload: readonly number[]): boolean {
  const packet = rtp({ payload: Uint8Array.from(payload), padding: 4 });
  const header = readRtpHeader(packet);
  if (header === undefined) throw new Error("This packet is whole.");
  const frame = new Frame();
  frameReader(name)(packet, header.payloadOffset, header.payloadEnd, frame);
  return frame.keyframe;
}
