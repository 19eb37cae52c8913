import fc from "fast-check";
import { expect, test } from "vitest";
import { rtp } from "../../test/packets.ts";
import { readRtpHeader, uint32 } from "../rtp/header.ts";
import { Passage } from "./passage.ts";
import { Ring } from "./ring.ts";

const passage = new Passage([], [], "video");

test("a packet is found whole for as long as the window, whatever came since, and no longer", () => {
  const lives = fc.record({
    first: fc.integer({ min: 0, max: 65_535 }),
    sizes: fc.array(fc.integer({ min: 4, max: 1_400 }), { minLength: 1, maxLength: 40 }),
    pause: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(lives, ({ first, sizes, pause }) => {
      const ring = new Ring({ window: 1_000, bytes: 2 ** 22 });
      const count = Math.min(1_500, Math.ceil(2_500 / pause));
      for (let index = 0; index < count; index += 1) {
        store(ring, first + index, sizes[index % sizes.length] ?? 4, index * pause);
        const now = index * pause;
        for (const back of [0, 1, Math.floor(1_000 / pause), Math.floor(1_000 / pause) + 1]) {
          if (back > index) continue;
          const found = ring.get((first + index - back) & 0xffff, now);
          const kept = back * pause <= 1_000 ? first + index - back : undefined;
          if ((found && markOf(found)) !== kept) expect(found && markOf(found), `${back} back`).toBe(kept);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("it takes no more bytes than it may: then it keeps what came last, each packet whole", () => {
  const ring = new Ring({ window: 60_000, bytes: 65_536 });
  for (let sequence = 0; sequence < 5_000; sequence += 1) store(ring, sequence, 1_000, sequence);
  let kept = 0;
  for (let sequence = 0; sequence < 5_000; sequence += 1) {
    const found = ring.get(sequence, 5_000);
    if (found === undefined) continue;
    kept += 1;
    expect(markOf(found)).toBe(sequence);
  }
  expect(kept).toBeGreaterThan(40);
  expect(kept * 1_000).toBeLessThan(65_536);
  expect(ring.get(4_999, 5_000)).toBeDefined();
});

test("a packet that comes late is found as well", () => {
  const ring = new Ring({ window: 1_000, bytes: 2 ** 20 });
  store(ring, 65_535, 10, 0);
  store(ring, 1, 10, 1);
  expect(ring.get(0, 1)).toBeUndefined();
  store(ring, 0, 10, 2);
  expect([65_535, 0, 1].map((sequence) => ring.get(sequence, 3)?.sequence)).toEqual([65_535, 0, 1]);
});

function store(ring: Ring, mark: number, size: number, now: number): void {
  const payload = new Uint8Array(size);
  new DataView(payload.buffer).setUint32(0, mark);
  const bytes = rtp({ sequence: mark & 0xffff, payload });
  const header = readRtpHeader(bytes);
  if (header === undefined) throw new Error("This packet is whole.");
  ring.store(bytes, header, now);
}

function markOf(packet: ReturnType<Ring["store"]>): number {
  const numbering = { payloadType: 96, marker: false, sequence: 0, timestamp: 0, ssrc: 0, frameShift: 0 };
  return uint32(packet.prepare(passage, numbering), 12);
}
