/**
 * The whole SFU among peers that send what no browser would. What they may cost is bounded, and the others see and hear
 * as if they were not there.
 */
import { Chance, Link } from "@satsuma/testkit";
import { expect, test } from "vitest";
import { rtcp } from "../packets.ts";
import { isControl, readRtp, viewOf, writeRtp } from "./bytes.ts";
import { readControl } from "./control.ts";
import { Network } from "./network.ts";
import { app, Publisher, Viewer } from "./peers.ts";
import { Track, type TrackShape } from "./publisher.ts";

const seed = 20_261_128;
const picture: TrackShape = {
  kind: "video",
  interval: 66,
  layers: [{ rid: "", packetsPerFrame: 4, bytesPerPacket: 1_000 }],
};

/** What a viewer sends beside what it must. */
type Malice = (viewer: HostileViewer, now: number) => readonly Uint8Array[];

class HostileViewer extends Viewer {
  malice: Malice = () => [];
  /** Bytes that the SFU sent it. */
  bytes = 0;
  /** The newest sender report, and when it came. */
  report: { readonly middle: number; readonly at: number } | undefined;
  highest = 0;
  #at = 0;

  override nextDeadline(): number | undefined {
    return this.#at;
  }

  override wake(now: number): Uint8Array[] {
    this.#at = now + 5;
    return this.wire?.state === "connected" ? [...this.malice(this, now)] : [];
  }

  /** It keeps no books: what it is sent because it lied is no business of the ledger. */
  override emitted(bytes: Uint8Array, now: number): void {
    this.bytes += bytes.length;
    if (!isControl(bytes)) {
      const { ssrc, sequence } = readRtp(bytes);
      if (ssrc === this.pulls[0]?.feed.line.ssrc) this.highest = sequence;
    } else if (readControl(bytes).some(({ type }) => type === "sender")) {
      this.report = { middle: viewOf(bytes).getUint32(10), at: now };
    }
  }

  override heard(): Uint8Array[] {
    return [];
  }

  override arriving(): void {}

  get ssrc(): number {
    return this.pulls[0]?.feed.line.ssrc ?? 0;
  }
}

interface Scene {
  readonly network: Network;
  readonly publisher: Publisher;
  readonly good: Viewer;
  readonly hostile: HostileViewer;
}

async function scene(feedback: boolean): Promise<Scene> {
  const network = new Network();
  const { world } = network;
  const chance = new Chance(seed);
  const links = () => ({ up: new Link({ delay: 10 }, chance), down: new Link({ delay: 10 }, chance) });
  const session = async () => (await world.sfu.newSession(app, undefined)).id;
  const track = new Track(1, picture, 3_900_000_000, chance, world.now);
  const publisher = new Publisher(world, await session(), links(), [track], network.register);
  await publisher.publish();
  publisher.wire?.enter("connected");
  const good = new Viewer(world, await session(), links(), network.register, true);
  const hostile = new HostileViewer(world, await session(), links(), network.register, feedback);
  for (const viewer of [good, hostile]) {
    await viewer.pull([{ publisher, track }]);
    viewer.wire?.enter("connected");
  }
  network.peers.push(publisher, good, hostile);
  network.run(1_000);
  return { network, publisher, good, hostile };
}

/** The good viewer sees every frame of so many ms. */
function expectUndisturbed({ network, good }: Scene, time: number): void {
  const before = good.pulls[0]?.feed.decoded ?? 0;
  network.run(network.world.now + time);
  const frames = (good.pulls[0]?.feed.decoded ?? 0) - before;
  expect(frames).toBeGreaterThanOrEqual(Math.floor(time / picture.interval) - 1);
  expect(good.pulls[0]?.feed.thrown).toBe(0);
}

/** Asks for the newest 340 numbers, in 20 entries of 17. */
const floodOfNacks: Malice = ({ ssrc, highest }) => [
  rtcp(1, 205, [
    1,
    ssrc,
    ...Array.from({ length: 20 }, (_, index) => (((highest - 340 + index * 17) & 0xffff) << 16) | 0xffff).map(
      (word) => word >>> 0,
    ),
  ]),
];

/** Says that the answer to the newest sender report took no time at all. */
const lieOfNoDistance: Malice = ({ ssrc, report }, now) => {
  if (report === undefined) return [];
  const delay = Math.round(((now - report.at) * 65_536) / 1_000) + 2 * Math.round(0.01 * 65_536);
  return [rtcp(1, 201, [1, ssrc, 0, 0, 0, report.middle, delay])];
};

test.each([
  ["tells when packets came", true],
  ["tells nothing", false],
])(
  "a viewer that %s and asks for everything again all the time is sent a bounded multiple of the stream",
  async (_, feedback) => {
    const stage = await scene(feedback);
    const { hostile } = stage;
    const measured = () => {
      const before = hostile.bytes;
      expectUndisturbed(stage, 2_000);
      return hostile.bytes - before;
    };
    const stream = measured();
    hostile.malice = (viewer, now) => [...lieOfNoDistance(viewer, now), ...floodOfNacks(viewer, now)];
    // At first it gets what was sent before, too.
    measured();
    expect(hostile.report).toBeDefined();
    // Each packet once, six times more, and with the headers of retransmissions.
    expect(measured() / stream).toBeLessThan(7.5);
  },
);

test("invented feedback, huge compounds and noise disturb nobody", async () => {
  const stage = await scene(true);
  const chance = new Chance(seed);
  stage.hostile.malice = ({ ssrc, highest }) => [
    // Feedback on numbers that were never sent, with times that jump.
    rtcp(15, 205, [
      1,
      ssrc,
      ((chance.below(65_536) << 16) | 0x40) >>> 0,
      chance.uint32(),
      ...Array.from({ length: 20 }, () => chance.uint32()),
    ]),
    rtcp(15, 206, [1, 0, 0x52454d42, ((1 << 24) | chance.below(2 ** 24)) >>> 0, ssrc]),
    rtcp(31, 201, [1, ...Array.from({ length: 31 * 6 }, () => chance.uint32())]),
    rtcp(1, 205, [1, ssrc, ...Array.from({ length: 300 }, () => chance.uint32())]),
    Uint8Array.of(...rtcp(1, 206, [1, ssrc]), ...chance.bytes(chance.below(400))),
    chance.bytes(chance.below(1_400)),
    writeRtp({
      marker: false,
      payloadType: 96,
      sequence: highest,
      timestamp: 0,
      ssrc: chance.uint32(),
      extensions: new Uint8Array(0),
      payload: chance.bytes(40),
    }),
  ];
  expectUndisturbed(stage, 3_000);
  expect(stage.network.world.sfu.sessionCount).toBe(3);
});

test("a publisher that sends each packet many times, and retransmissions of retransmissions, is passed on once", async () => {
  const stage = await scene(false);
  const { network, publisher, good } = stage;
  const plain = publisher.wake.bind(publisher);
  publisher.wake = (now) =>
    plain(now).flatMap((bytes) => {
      if (isControl(bytes)) return [bytes];
      const line = publisher.tracks[0]?.line;
      const { payload, sequence, timestamp, marker } = readRtp(bytes);
      const extensions = bytes.slice(12, bytes.length - payload.length);
      const repair = (number: number, inner: Uint8Array) =>
        writeRtp({
          marker,
          payloadType: line?.repairType ?? 0,
          sequence: number & 0xffff,
          timestamp,
          ssrc: 4_242,
          extensions,
          payload: Uint8Array.of(sequence >> 8, sequence & 0xff, ...inner),
        });
      return [
        bytes,
        ...Array.from({ length: 10 }, () => bytes),
        repair(sequence, payload),
        repair(sequence + 1, repair(sequence, payload)),
      ];
    });
  const before = good.pulls[0]?.ledger.counts.packets ?? 0;
  expectUndisturbed(stage, 2_000);
  // The ledger lets nothing pass twice; here it shows that each went once.
  const sent = (good.pulls[0]?.ledger.counts.packets ?? 0) - before;
  expect(sent).toBeLessThanOrEqual((2_000 / picture.interval + 1) * 4);
  expect(network.taken).toBeGreaterThan(sent * 10);
});

test("a publisher that speaks under a hundred thousand SSRCs keeps no more of them than it may, and hurts itself alone", async () => {
  const stage = await scene(false);
  const { world } = stage.network;
  const chance = new Chance(seed);
  const { id } = await world.sfu.newSession(app, undefined);
  const links = { up: new Link({}, chance), down: new Link({}, chance) };
  const hostile = new Publisher(
    world,
    id,
    links,
    [new Track(2, picture, 0, chance, world.now)],
    stage.network.register,
  );
  await hostile.publish();
  hostile.wire?.enter("connected");
  // One-byte extension 4, the mid "m2".
  const extensions = Uint8Array.of(0xbe, 0xde, 0, 1, 0x41, 0x6d, 0x32, 0);
  const fixed = { marker: false, payloadType: 96, sequence: 1, timestamp: 1, extensions };
  const before = held();
  for (let number = 0; number < 100_000; number += 1) {
    hostile.wire?.deliver(writeRtp({ ...fixed, ssrc: chance.uint32(), payload: chance.bytes(30) }));
    hostile.wire?.take();
  }
  // A ring of 2 MB for the one layer that the track has, and what the collector has not come to; one for each SSRC were 200 GB.
  expect(held() - before).toBeLessThan(200 * 2 ** 20);
  expectUndisturbed(stage, 1_000);
});

/** Bytes. */
function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
