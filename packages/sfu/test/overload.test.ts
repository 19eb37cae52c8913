/** A server that has less time than work: what it does with packets that have waited for it. */
import { expect, test } from "vitest";
import { readRtcp } from "../src/rtcp/read.ts";
import { isRtcp, readRtpHeader } from "../src/rtp/header.ts";
import { accepting, offer } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import type { Wire } from "./wire.ts";
import { World } from "./world.ts";

const opus = 111;

/** A camera of 50 pictures a second, one packet each, with a microphone beside it; and somebody who receives both. */
async function call() {
  const world = new World();
  const { sfu } = world;
  const { id: one } = await sfu.newSession("app", undefined);
  const names = ["mic", "cam"];
  await sfu.tracks("app", one, {
    tracks: names.map((trackName, mid) => ({ location: "local", mid: `${mid}`, trackName })),
    sessionDescription: offer([
      { mid: "0", kind: "audio" },
      { mid: "1", kind: "video" },
    ]),
  });
  world.wires[0]?.enter("connected");
  const { id: two } = await sfu.newSession("app", undefined);
  const tracks = names.map((trackName) => ({ location: "remote" as const, sessionId: one, trackName }));
  const { sessionDescription } = await sfu.tracks("app", two, { tracks });
  await sfu.renegotiate("app", two, accepting(sessionDescription?.sdp ?? ""));
  const [from, to] = world.wires as [Wire, Wire];
  to.enter("connected");
  let sent = 0;
  const produce = (key = false) => {
    const common = { sequence: sent, marker: true };
    const sound = { ...common, payloadType: opus, ssrc: 1, timestamp: sent * 960, payload: new Uint8Array(80) };
    from.deliver(rtp({ ...sound, extensions: [{ id: 4, data: ascii("0") }] }));
    const picture = { ...common, ssrc: 2, timestamp: sent * 1_800, payload: vp8({ key: key || sent === 0 }) };
    from.deliver(rtp({ ...picture, extensions: [{ id: 4, data: ascii("1") }] }));
    sent += 1;
  };
  const run = (milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 20) {
      world.advance(20);
      produce();
    }
  };
  /** What came since: how many packets of sound, and the numbers of the pictures. */
  const taken = () => {
    const headers = to.take().flatMap((packet) => (isRtcp(packet) ? [] : (readRtpHeader(packet) ?? [])));
    const pictures = headers.filter(({ payloadType }) => payloadType !== opus).map(({ sequence }) => sequence);
    return { sound: headers.length - pictures.length, pictures };
  };
  const asked = () =>
    from
      .take()
      .some((packet) => isRtcp(packet) && readRtcp(packet).some(({ report }) => report === "keyframe-request"));
  /** Everything stands still for so long, and then all that came meanwhile is there at once. */
  const stall = (milliseconds: number, ours: boolean) => {
    if (ours) world.restedAt = world.now;
    world.now += milliseconds;
    for (let waited = 0; waited < milliseconds; waited += 20) produce();
  };
  const belated = () => sfu.stats("app", one).published.map(({ layers }) => layers[0]?.belated);
  run(2_000);
  taken();
  asked();
  return { world, produce, run, taken, asked, stall, belated };
}

test("pictures that waited longer for this server than they are of use are left out, sound is not", async () => {
  const { world, produce, run, taken, asked, stall, belated } = await call();
  stall(2_000, true);
  const { sound, pictures } = taken();
  expect(sound).toBe(100);
  expect(pictures).toEqual([]);
  expect(asked()).toBe(true);
  // Those of the last half a second were of use, but have nothing before them to be decoded with.
  expect(belated()[1]).toBeGreaterThanOrEqual(74);
  expect(belated()[1]).toBeLessThanOrEqual(76);
  world.restedAt = undefined;
  world.advance(20);
  produce(true);
  run(1_000);
  const after = taken();
  expect(after.sound).toBe(51);
  const [first = 0] = after.pictures;
  expect(after.pictures).toEqual(Array.from({ length: 51 }, (_, index) => (first + index) & 0xffff));
});

test("a keyframe that was left out is asked for again", async () => {
  const { world, produce, asked, stall } = await call();
  stall(1_000, true);
  expect(asked()).toBe(true);
  // The answer comes, but has waited as long as the rest.
  world.now += 1_000;
  produce(true);
  expect(asked()).toBe(true);
});

test("a server that was held up for a moment leaves nothing out", async () => {
  const { taken, stall, belated } = await call();
  stall(400, true);
  expect(taken()).toMatchObject({ sound: 20, pictures: { length: 20 } });
  expect(belated()).toEqual([0, 0]);
});

test("what waited somewhere else is passed on, however late it comes", async () => {
  const { world, taken, stall, belated } = await call();
  stall(2_000, false);
  // So much at once is paced.
  world.advance(300);
  const { sound, pictures } = taken();
  expect([sound, pictures.length]).toEqual([100, 100]);
  expect(belated()).toEqual([0, 0]);
});

test("a server without rest that keeps up all the same leaves nothing out", async () => {
  const { world, run, taken, belated } = await call();
  world.restedAt = world.now;
  run(10_000);
  expect(taken()).toMatchObject({ sound: 500, pictures: { length: 500 } });
  expect(belated()).toEqual([0, 0]);
});
