/** What the server says by itself: which layers of a track are watched, to who asked for it and can hear it. */
import { expect, test } from "vitest";
import { accepting, type OfferedLine, offer } from "./descriptions.ts";
import { offered } from "./network/offered.ts";
import { Track } from "./network/publisher.ts";
import { World } from "./world.ts";

const layer = (rid: string) => ({ rid, packetsPerFrame: 1, bytesPerPacket: 100 });
const shape = { kind: "video", interval: 100, layers: [layer("a"), layer("b"), layer("c")] } as const;
const camera: OfferedLine = offered(new Track(0, shape, 0, { uint32: () => 1 }, 0), false);
const data: OfferedLine = { mid: "data", kind: "application" };

async function publish(world: World, lines: OfferedLine[], tellWatched: boolean) {
  const opened = world.wires.length;
  const { id } = await world.sfu.newSession("app", undefined);
  const track = { location: "local" as const, mid: camera.mid, trackName: "camera", tellWatched };
  await world.sfu.tracks("app", id, { tracks: [track], sessionDescription: offer(lines) });
  const wire = world.wires[opened];
  if (wire === undefined) throw new Error("A push opens a transport.");
  wire.enter("connected");
  return { id, wire, heard: () => (wire.channels.get(0)?.take() ?? []).map((text) => JSON.parse(String(text))) };
}

async function watch(world: World, sessionId: string, preferredRid: string): Promise<string> {
  const opened = world.wires.length;
  const { id } = await world.sfu.newSession("app", undefined);
  const simulcast = { preferredRid, priorityOrdering: "asciibetical" as const };
  const pulled = await world.sfu.tracks("app", id, {
    tracks: [{ location: "remote", sessionId, trackName: "camera", simulcast }],
  });
  await world.sfu.renegotiate("app", id, accepting(pulled.sessionDescription?.sdp ?? ""));
  world.wires[opened]?.enter("connected");
  return id;
}

test("nobody watches at first, somebody wants a layer and those below, and then goes", async () => {
  const world = new World();
  const publisher = await publish(world, [camera, data], true);
  world.advance(1_000);
  expect(publisher.heard()).toEqual([{ notice: "watched", trackName: "camera", rids: [] }]);
  const viewer = await watch(world, publisher.id, "b");
  // More is told at once.
  expect(publisher.heard()).toEqual([{ notice: "watched", trackName: "camera", rids: ["b", "c"] }]);
  world.sfu.end("app", viewer);
  world.advance(1_000);
  expect(publisher.heard()).toEqual([{ notice: "watched", trackName: "camera", rids: [] }]);
});

test("whoever did not ask, or has no data channels, is told nothing and loses nothing", async () => {
  const world = new World();
  const silent = await publish(world, [camera, data], false);
  const without = await publish(world, [camera], true);
  world.advance(1_000);
  await watch(world, silent.id, "a");
  await watch(world, without.id, "a");
  expect(silent.wire.channels.size).toBe(0);
  expect(without.wire.channels.size).toBe(0);
});

test("a session that pushes for ever under new names is told of what it publishes", async () => {
  const world = new World({ callsPerSecond: 10_000 });
  const publisher = await publish(world, [camera, data], true);
  const lines = [camera, data];
  for (let round = 0; round < 100; round += 1) {
    // Nothing of this kind is offered on that mid, so each is refused as an item.
    const track = { location: "local" as const, mid: "data", trackName: `name ${round}`, tellWatched: true };
    await world.sfu.tracks("app", publisher.id, { tracks: [track], sessionDescription: offer(lines) });
  }
  world.advance(1_000);
  expect(publisher.heard()).toEqual([{ notice: "watched", trackName: "camera", rids: [] }]);
});
