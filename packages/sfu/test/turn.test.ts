/** A server that passes on what came in one turn of its event loop at the end of it. */
import { expect, test } from "vitest";
import { readRtcp } from "../src/rtcp/read.ts";
import { writeTransportFeedback } from "../src/rtcp/transport-feedback-write.ts";
import { findExtension, isRtcp, readRtpHeader, uint16 } from "../src/rtp/header.ts";
import { accepting, offer } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import type { Wire } from "./wire.ts";
import { World } from "./world.ts";

/** Of the transport-wide number, in our offers. */
const transportId = 3;

/** Two cameras, and `viewers` sessions that receive both. */
async function room(viewers: number) {
  const world = new World({}, undefined, { number: 0, gathers: true });
  const { sfu } = world;
  const newest = () => world.wires.at(-1) as Wire;
  const cameras: { id: string; wire: Wire }[] = [];
  for (let camera = 0; camera < 2; camera += 1) {
    const { id } = await sfu.newSession("app", undefined);
    const tracks = [{ location: "local" as const, mid: "0", trackName: "cam" }];
    await sfu.tracks("app", id, { tracks, sessionDescription: offer([{ mid: "0", kind: "video" }]) });
    newest().enter("connected");
    cameras.push({ id, wire: newest() });
  }
  const receivers: { id: string; wire: Wire }[] = [];
  for (let viewer = 0; viewer < viewers; viewer += 1) {
    const { id } = await sfu.newSession("app", undefined);
    const tracks = cameras.map(({ id: sessionId }) => ({ location: "remote" as const, sessionId, trackName: "cam" }));
    const { sessionDescription } = await sfu.tracks("app", id, { tracks });
    await sfu.renegotiate("app", id, accepting(sessionDescription?.sdp ?? ""));
    newest().enter("connected");
    receivers.push({ id, wire: newest() });
  }
  const order: number[] = [];
  for (const [index, { wire }] of receivers.entries()) {
    const { send } = wire;
    wire.send = (packet) => {
      if (!isRtcp(packet)) order.push(index);
      send.call(wire, packet);
    };
  }
  const produce = (camera: number, sequence: number, { key = false, ssrc = 1 } = {}) =>
    cameras[camera]?.wire.deliver(
      rtp({
        sequence,
        ssrc,
        marker: true,
        timestamp: sequence * 3_000,
        extensions: [{ id: 4, data: ascii("0") }],
        payload: new Uint8Array([...vp8({ key }), camera, sequence]),
      }),
    );
  /** What a viewer got since, by camera and number at the source; and its own numbers. */
  const taken = (viewer: number) => {
    const packets = receivers[viewer]?.wire.take().filter((packet) => !isRtcp(packet)) ?? [];
    return {
      content: packets.map((packet) => [...packet.slice(-2)]),
      sequences: packets.map((packet) => readRtpHeader(packet)?.sequence ?? -1),
    };
  };
  return { world, sfu, cameras, receivers, order, produce, taken };
}

test("what comes in one turn goes out at its end, all of it to one subscriber and then to the next", async () => {
  const { world, order, produce, taken } = await room(3);
  produce(0, 0, { key: true });
  produce(0, 1);
  produce(0, 2);
  expect(order).toEqual([]);
  world.endTurn();
  expect(order).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  for (const viewer of [0, 1, 2]) {
    const { content, sequences } = taken(viewer);
    expect(content).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    const [first = 0] = sequences;
    expect(sequences).toEqual([first, (first + 1) & 0xffff, (first + 2) & 0xffff]);
  }
});

test("a turn that brings more than goes out together does not keep it", async () => {
  const { world, produce, taken } = await room(1);
  for (let sequence = 0; sequence < 100; sequence += 1) produce(0, sequence, { key: sequence === 0 });
  const early = taken(0).content.length;
  expect(early).toBeGreaterThan(60);
  world.endTurn();
  expect(early + taken(0).content.length).toBe(100);
});

test("of a stream that begins anew within a turn, nothing of before goes out", async () => {
  const { world, produce, taken } = await room(1);
  produce(0, 0, { key: true });
  world.endTurn();
  taken(0);
  produce(0, 1);
  produce(0, 200, { key: true, ssrc: 2 });
  produce(0, 201, { ssrc: 2 });
  world.endTurn();
  expect(taken(0).content).toEqual([
    [0, 200],
    [0, 201],
  ]);
});

test("who leaves within a turn gets none of it, and of a track that ends nothing goes out", async () => {
  const { world, sfu, cameras, receivers, produce, taken } = await room(2);
  for (const camera of [0, 1]) produce(camera, 0, { key: true });
  world.endTurn();
  for (const viewer of [0, 1]) taken(viewer);
  for (const camera of [0, 1]) produce(camera, 1);
  sfu.end("app", receivers[0]?.id ?? "");
  sfu.end("app", cameras[0]?.id ?? "");
  world.endTurn();
  expect(taken(0).content).toEqual([]);
  expect(taken(1).content).toEqual([[1, 1]]);
});

test("a packet that cannot be passed on ends the session that it came from; the others' go on", async () => {
  const { world, sfu, cameras, receivers, produce, taken } = await room(2);
  const [first] = receivers;
  if (first === undefined) throw new Error("There is no viewer.");
  const { send } = first.wire;
  let thrown = false;
  first.wire.send = (packet) => {
    if (!thrown && !isRtcp(packet)) {
      thrown = true;
      throw new Error("broken");
    }
    send.call(first.wire, packet);
  };
  for (const camera of [0, 1]) produce(camera, 0, { key: true });
  expect(() => world.endTurn()).toThrow("broken");
  world.endTurn();
  expect(() => sfu.state("app", cameras[0]?.id ?? "")).toThrow("There is no such session");
  for (const viewer of [0, 1]) expect(taken(viewer).content).toEqual([[1, 0]]);
});

test("what a publisher is to send again is asked for as soon as a turn ends", async () => {
  const { world, cameras, produce } = await room(1);
  const asked = () =>
    cameras[0]?.wire
      .take()
      .flatMap((packet) => readRtcp(packet).flatMap((r) => (r.report === "lost" ? r.sequences : [])));
  produce(0, 0, { key: true });
  produce(0, 3);
  world.endTurn();
  asked();
  world.advance(10);
  expect(asked()).toEqual([1, 2]);
});

test("that sending to one takes long is no queue on the way to those behind", async () => {
  const { world, sfu, receivers, produce } = await room(12);
  const [first] = receivers;
  const last = receivers.at(-1);
  if (last === undefined) throw new Error("There is no viewer.");
  // The process is held up for longer and longer, while it sends to the first; on the way itself nothing waits.
  let slow = 0;
  const sendFirst = first?.wire.send;
  if (first !== undefined) {
    first.wire.send = (packet) => {
      world.now += slow;
      sendFirst?.call(first.wire, packet);
    };
  }
  const arrivals: { number: number; at: number }[] = [];
  const sendLast = last.wire.send;
  last.wire.send = (packet) => {
    const header = readRtpHeader(packet);
    const found = header && findExtension(packet, header, transportId);
    if (!isRtcp(packet) && found !== undefined) arrivals.push({ number: uint16(packet, found.offset), at: world.now });
    sendLast.call(last.wire, packet);
  };
  let count = 0;
  const estimates: number[] = [];
  for (let sequence = 0; sequence < 400; sequence += 1) {
    world.advance(5);
    slow = sequence > 100 ? Math.min(200, (sequence - 100) * 5) : 0;
    produce(0, sequence & 0xff, { key: sequence === 0 });
    world.endTurn();
    if (sequence % 2 !== 1) continue;
    const heard = arrivals.splice(0);
    const [base] = heard;
    if (base === undefined) continue;
    const address = { senderSsrc: 1, mediaSsrc: 2, feedbackCount: count++ & 0xff };
    last.wire.deliver(
      writeTransportFeedback(
        address,
        base.number,
        heard.map(({ at }) => at),
      ).packet,
    );
    world.endTurn();
    estimates.push(sfu.stats("app", last.id).estimate ?? 0);
  }
  expect(Math.min(...estimates)).toBeGreaterThanOrEqual(1_000_000);
});
