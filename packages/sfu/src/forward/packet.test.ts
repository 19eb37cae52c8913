import fc from "fast-check";
import { expect, test } from "vitest";
import { ascii, rtp, vp8 } from "../../test/packets.ts";
import { DependencyReader } from "../rtp/dependency.ts";
import { frameReader } from "../rtp/frame.ts";
import { findExtension, type RtpHeader, readRtpHeader } from "../rtp/header.ts";
import { extensionUris } from "../sdp/extensions.ts";
import type { Packet } from "./packet.ts";
import { Passage } from "./passage.ts";
import { Ring } from "./ring.ts";

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const id = fc.integer({ min: 1, max: 14 });
const own = { payloadType: 96, marker: false, sequence: 1, timestamp: 0, ssrc: 2, frameShift: 0 };
const passedOn = [
  extensionUris.videoOrientation,
  extensionUris.playoutDelay,
  extensionUris.contentType,
  extensionUris.captureTime,
];

test("a subscriber gets the payload untouched, its own numbers, and the extension under its own id", () => {
  const incoming = fc.record({
    csrcs: fc.array(uint(32), { maxLength: 15 }),
    payload: fc.uint8Array({ maxLength: 1_300 }),
    padding: uint(8),
    form: fc.constantFrom(1 as const, 2 as const),
  });
  const numbering = fc.record({
    payloadType: uint(7),
    marker: fc.boolean(),
    sequence: uint(16),
    timestamp: uint(32),
    ssrc: uint(32),
    frameShift: fc.constant(0),
  });
  fc.assert(
    fc.property(incoming, fc.option(uint(8)), id, id, numbering, (fields, turn, theirs, ours, numbers) => {
      const extensions = turn === null ? [] : [{ id: theirs, data: Uint8Array.of(turn) }];
      const { frameShift, ...shown } = numbers;
      const packet = placed(rtp({ ...fields, ssrc: 1, extensions }));
      const bytes = packet.prepare(passage({ [theirs]: ours }), { ...shown, frameShift });
      const header = whole(bytes);
      // Padding is for one way, and is not sent on.
      expect(header).toMatchObject({ ...shown, padded: false });
      expect([...bytes.subarray(header.payloadOffset)]).toEqual([...fields.payload]);
      const found = findExtension(bytes, header, ours);
      expect(found === undefined ? null : bytes[found.offset]).toBe(turn);
    }),
  );
});

test("a publisher's mid and every extension that is not passed on stay here", () => {
  const packet = placed(
    rtp({
      extensions: [
        { id: 4, data: ascii("0") },
        { id: 13, data: Uint8Array.of(3) },
        { id: 3, data: Uint8Array.of(9, 9) },
      ],
    }),
  );
  const bytes = packet.prepare(passage({ 13: 7 }), own);
  const header = whole(bytes);
  const found = Array.from({ length: 14 }, (_, index) => index + 1).filter((n) => findExtension(bytes, header, n));
  expect(found).toEqual([7]);
  expect(bytes[findExtension(bytes, header, 7)?.offset ?? 0]).toBe(3);
});

test("subscribers with other extensions take turns on one packet, and each gets its own", () => {
  const packet = placed(rtp({ extensions: [{ id: 1, data: Uint8Array.of(0x85) }], payload: Uint8Array.of(1, 2, 3) }));
  const [some, none] = [passage({ 1: 2 }), passage({})];
  for (let turn = 0; turn < 3; turn += 1) {
    expect(packet.prepare(some, own)).toHaveLength(23);
    expect([...packet.prepare(none, own)]).toEqual([
      ...rtp({ payloadType: 96, sequence: 1, ssrc: 2, payload: Uint8Array.of(1, 2, 3) }),
    ]);
  }
});

test("a transport-wide number has its place where the m-line has the extension, and the offset is told", () => {
  const source = rtp({ extensions: [{ id: 13, data: Uint8Array.of(3) }], payload: Uint8Array.of(1, 2, 3) });
  const numbered = new Passage(
    [{ id: 13, uri: extensionUris.videoOrientation }],
    [
      { id: 6, uri: extensionUris.videoOrientation },
      { id: 3, uri: extensionUris.transportSequence },
    ],
    "video",
  );
  const packet = placed(source);
  packet.prepare(passage({}), own);
  expect(packet.transportAt).toBe(0);
  const bytes = packet.prepare(numbered, own);
  bytes.set([0xab, 0xcd], packet.transportAt);
  const header = whole(bytes);
  const found = findExtension(bytes, header, 3);
  expect(found).toEqual({ offset: packet.transportAt, length: 2 });
  expect(bytes[findExtension(bytes, header, 6)?.offset ?? 0]).toBe(3);
  expect([...bytes.subarray(header.payloadOffset)]).toEqual([1, 2, 3]);
});

test.each([0, 17, 255])("an extension of %i bytes, which the one-byte form cannot say, is not passed on", (length) => {
  const packet = placed(rtp({ form: 2, extensions: [{ id: 1, data: new Uint8Array(length) }] }));
  expect(packet.prepare(passage({ 1: 1 }), own)).toHaveLength(12);
});

test("picture numbers are written for one subscriber and read from the source for the next", () => {
  const source = vp8({ pictureId: "long", tl0PicIdx: true });
  const packet = placed(rtp({ payload: source }));
  const shown = () => [...packet.prepare(passage({}), own).subarray(12)];
  expect([packet.frame.pictureId, packet.frame.baseId]).toEqual([0x7fff, 0xff]);
  packet.pictureId = 5;
  packet.baseId = 9;
  expect(shown().slice(2, 5)).toEqual([0x80, 5, 9]);
  packet.pictureId = packet.frame.pictureId;
  packet.baseId = packet.frame.baseId;
  expect(shown()).toEqual([...source]);
});

test("the number of a frame in its dependency descriptor goes on from another layer's, and the rest of it stays", () => {
  const uri = extensionUris.dependencyDescriptor;
  // With a structure it is longer than the one-byte form can say.
  for (const rest of [[], Array.from({ length: 30 }, (_, index) => index)]) {
    const data = Uint8Array.of(0xc0, 0xff, 0xff, ...rest);
    const packet = placed(rtp({ form: 2, extensions: [{ id: 5, data }], payload: Uint8Array.of(1) }));
    packet.readDescriptor(5, new DependencyReader());
    const own12 = new Passage([{ id: 5, uri }], [{ id: 12, uri }], "video");
    const bytes = packet.prepare(own12, { ...own, frameShift: 3 });
    const header = whole(bytes);
    expect(header.wideExtensions).toBe(rest.length > 0);
    const { offset = 0, length = 0 } = findExtension(bytes, header, 12) ?? {};
    expect([...bytes.subarray(offset, offset + length)]).toEqual([0xc0, 0, 2, ...rest]);
    expect([...bytes.subarray(header.payloadOffset)]).toEqual([1]);
  }
});

test("the largest datagram fits", () => {
  const packet = placed(rtp({ payload: new Uint8Array(65_535 - 12).fill(7) }));
  expect(packet.prepare(passage({}), own)).toHaveLength(65_535);
});

/** From publisher's ids to a subscriber's. */
function passage(ids: Readonly<Record<number, number>>): Passage {
  const entries = Object.entries(ids).map(([from, to], index) => ({
    from: Number(from),
    to,
    uri: passedOn[index] ?? "",
  }));
  return new Passage(
    entries.map(({ from, uri }) => ({ id: from, uri })),
    entries.map(({ to, uri }) => ({ id: to, uri })),
    "video",
  );
}

function placed(bytes: Uint8Array): Packet {
  const packet = new Ring({ window: 1_000, bytes: 2 ** 20 }).store(bytes, whole(bytes), 0);
  packet.read(frameReader("VP8"));
  return packet;
}

function whole(packet: Uint8Array): RtpHeader {
  const header = readRtpHeader(packet);
  if (header === undefined) throw new Error("This packet is whole.");
  return header;
}
