import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { Bits } from "./bits.ts";
import { DependencyReader } from "./dependency.ts";
import { Frame, pointBit } from "./frame.ts";

/** Two spatial and two temporal layers: a template and a decode target for each pair. */
const layers = [
  { spatial: 0, temporal: 0 },
  { spatial: 0, temporal: 1 },
  { spatial: 1, temporal: 0 },
  { spatial: 1, temporal: 1 },
];
const offset = 60;

test("a frame is of the layer that its template names, and switches where its indications say so", () => {
  const reader = new DependencyReader();
  expect(read(reader, descriptor(0, 7, structure()))).toMatchObject({
    spatial: 0,
    temporal: 0,
    number: 7,
    begins: true,
  });
  layers.forEach((layer, template) => {
    const frame = read(reader, descriptor(template, 8 + template));
    expect(frame).toMatchObject({ ...layer, number: 8 + template });
    for (const [target, other] of layers.entries()) {
      const switches = (frame.switchable & pointBit(other.spatial, other.temporal)) !== 0;
      expect(switches).toBe(indication(template, target) === 2);
    }
  });
});

test("the structure tells the height of each spatial layer", () => {
  expect(read(new DependencyReader(), descriptor(0, 1, structure())).heights).toEqual([180, 360]);
});

test("without a structure, or with an unknown template, a frame has its number and no more", () => {
  expect(read(new DependencyReader(), descriptor(2, 5))).toMatchObject({ number: 5, spatial: 0, temporal: 0 });
  const reader = new DependencyReader();
  read(reader, descriptor(0, 1, structure()));
  expect(read(reader, descriptor(9, 6))).toMatchObject({ number: 6, spatial: 0, switchable: 0 });
});

test("every cut of a descriptor, and any bytes at all, are read without harm", () => {
  const whole = descriptor(0, 1, structure());
  for (let length = 0; length <= whole.length; length += 1) read(new DependencyReader(), whole.subarray(0, length));
  const reader = new DependencyReader();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const frame = read(reader, bytes);
      expect(frame.heights.length).toBeLessThanOrEqual(64);
    }),
    { numRuns: 2_000 },
  );
});

test("of what a few bytes claim no more is looked for than is there", () => {
  const steps = vi.spyOn(Bits.prototype, "read");
  // 64 templates of 32 targets each, in 24 bytes.
  const claim = new Uint8Array(24);
  claim.set([0xc0, 0, 1, 0x80, 0x1f]);
  expect(read(new DependencyReader(), claim)).toMatchObject({ number: 1, switchable: 0 });
  // Twice its bits, and what the last template claims.
  expect(steps.mock.calls.length).toBeLessThan(24 * 8 + 64);
  steps.mockRestore();
});

function read(reader: DependencyReader, bytes: Uint8Array): Frame {
  const frame = new Frame();
  reader.read(bytes, 0, bytes.length, frame);
  return frame;
}

/** Higher layers are not in lower targets; the lowest is a switch everywhere, others are discardable or required. */
function indication(template: number, target: number): number {
  const [of, to] = [layers[template], layers[target]];
  if (of === undefined || to === undefined || of.spatial > to.spatial || of.temporal > to.temporal) return 0;
  return template === 0 ? 2 : template === target ? 1 : 3;
}

function structure(): string {
  const templates = layers.map((_, template) => layers.map((__, target) => bits(indication(template, target), 2)));
  return [
    bits(offset, 6),
    bits(layers.length - 1, 5),
    // The next template: one temporal layer up, one spatial layer up, one temporal layer up, none.
    "01100111",
    ...templates.flat(),
    // Frames that each template refers to: none, one at distance 1, two, none.
    "0",
    "100000",
    "10000100010",
    "0",
    // One chain of at most four: 1 is "01" below five. It protects all four, and each template is 3 behind in it.
    "01",
    ...layers.map(() => bits(3, 4)),
    "1",
    bits(319, 16),
    bits(179, 16),
    bits(639, 16),
    bits(359, 16),
  ].join("");
}

function descriptor(template: number, number: number, withStructure?: string): Uint8Array {
  const head = `11${bits((template + offset) % 64, 6)}${bits(number, 16)}`;
  const text = withStructure === undefined ? head : `${head}10000${withStructure}`;
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, "0");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, "0");
}
