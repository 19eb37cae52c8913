import fc from "fast-check";
import { expect, test } from "vitest";
import { readRtpHeader } from "../rtp/header.ts";
import { frameBytes, Ingest } from "./ingest.ts";

/** Time turned by hand, and an encoder whose packet is the first byte of its frame. */
class World {
  now = 1_000;
  readonly ingest = new Ingest(
    { ssrc: 9, firstSequence: 65_535, firstTimestamp: 0xffff_ff00, encode: (pcm) => pcm.slice(0, 1) },
    this.now,
  );
  readonly sent: { at: number; sequence: number; timestamp: number; marker: boolean; sound: number }[] = [];

  constructor() {
    this.#take();
  }

  receive(frames: number, sound = 7): void {
    this.ingest.received(new Uint8Array(frames * frameBytes).fill(sound), this.now);
    this.#take();
  }

  /** Rings the alarm at each deadline on the way. */
  pass(duration: number): this {
    const end = this.now + duration;
    for (let next = this.ingest.nextDeadline(); next <= end; next = this.ingest.nextDeadline()) {
      this.now = Math.max(this.now, next);
      this.#take();
    }
    this.now = end;
    return this;
  }

  sounds() {
    return this.sent.filter(({ sound }) => sound !== 0);
  }

  #take(): void {
    for (const packet of this.ingest.due(this.now)) {
      const header = readRtpHeader(packet);
      if (header === undefined) throw new Error("That is no RTP packet.");
      const { sequence, timestamp, marker } = header;
      this.sent.push({ at: this.now, sequence, timestamp, marker, sound: packet[12] ?? -1 });
    }
  }
}

test("a second of sound that comes at once goes out in a second, frame by frame", () => {
  const world = new World();
  world.receive(50);
  world.pass(2_000);
  const sounds = world.sounds();
  expect(sounds.map(({ at }) => at - (sounds[0]?.at ?? 0))).toEqual(Array.from({ length: 50 }, (_, n) => n * 20));
  expect(sounds.map(({ marker }) => marker)).toEqual([true, ...Array.from({ length: 49 }, () => false)]);
  sounds.forEach(({ sequence, timestamp }, index) => {
    expect(sequence).toBe(((sounds[0]?.sequence ?? 0) + index) & 0xffff);
    expect(timestamp).toBe(((sounds[0]?.timestamp ?? 0) + index * 960) >>> 0);
  });
});

test("a sender in real time that is up to 40 ms late is played without a gap", () => {
  const world = new World();
  for (let frame = 0; frame < 100; frame += 1) {
    const late = [0, 40, 10, 30][frame % 4] ?? 0;
    world.pass(1_000 + frame * 20 + late - world.now + 20);
    world.receive(1);
  }
  world.pass(300);
  const sounds = world.sounds();
  expect(sounds).toHaveLength(100);
  expect(sounds.filter(({ marker }) => marker)).toHaveLength(1);
});

test("between spurts there is one packet of silence a second, and the clock goes on", () => {
  const world = new World();
  world.pass(5_020);
  expect(world.sent.map(({ at, sound }) => [at, sound])).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n * 1_000, 0]));
  world.receive(10);
  world.pass(3_000);
  expect(world.sounds().filter(({ marker }) => marker)).toHaveLength(1);
  for (const { at, timestamp } of world.sent.slice(1)) {
    expect((timestamp - (world.sent[0]?.timestamp ?? 0)) >>> 0).toBe((at - 1_000) * 48);
  }
});

test("what is left of a spurt is filled up with silence and played", () => {
  const world = new World();
  world.ingest.received(new Uint8Array(frameBytes + 5).fill(7), world.now);
  world.pass(500);
  expect(world.sounds()).toHaveLength(2);
});

test("after ten seconds of sound that nobody has heard yet the sender has to wait until half of it was", () => {
  const world = new World();
  world.receive(500);
  expect(world.ingest.full).toBe(false);
  world.receive(2);
  expect(world.ingest.full).toBe(true);
  world.pass(4_900);
  expect(world.ingest.full).toBe(true);
  world.pass(200);
  expect(world.ingest.full).toBe(false);
});

test("a machine that slept goes on from now instead of playing a minute at once", () => {
  const world = new World();
  world.receive(400);
  world.pass(100);
  const before = world.sounds().length;
  world.now += 60_000;
  world.pass(0);
  expect(world.sounds().length - before).toBe(1);
});

test("whatever comes and when, no sound is lost, none is early, and numbers have no gap", () => {
  const arrivals = fc.array(fc.record({ wait: fc.nat(400), bytes: fc.nat(3 * frameBytes) }), { maxLength: 40 });
  fc.assert(
    fc.property(arrivals, (steps) => {
      const world = new World();
      let total = 0;
      for (const { wait, bytes } of steps) {
        world.pass(wait);
        world.ingest.received(new Uint8Array(bytes).fill(7), world.now);
        total += bytes;
      }
      world.pass(20_000);
      const sounds = world.sounds().length;
      expect(sounds).toBeGreaterThanOrEqual(Math.ceil(total / frameBytes));
      expect(sounds).toBeLessThanOrEqual(Math.ceil(total / frameBytes) + steps.length);
      world.sent.forEach(({ sequence, timestamp, at }, index) => {
        const before = world.sent[index - 1];
        if (before === undefined) return;
        expect(sequence).toBe((before.sequence + 1) & 0xffff);
        expect((timestamp - before.timestamp) >>> 0).toBeGreaterThanOrEqual(960);
        expect(at).toBeGreaterThanOrEqual(before.at);
      });
    }),
  );
});
