/** What a call waits for, how long, and what comes of it: connections, first packets, and tracks that fall silent. */
import type { TracksResponse } from "@satsuma/protocol";
import { describe, expect, test } from "vitest";
import { accepting, type OfferedLine, offer, outline } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import type { Wire } from "./wire.ts";
import { World } from "./world.ts";

const cam: OfferedLine = { mid: "0", kind: "video" };
const mic: OfferedLine = { mid: "1", kind: "audio" };
const local = (mid: string, trackName: string) => ({ location: "local" as const, mid, trackName });
const codes = ({ tracks }: TracksResponse) => tracks?.map(({ errorCode }) => errorCode);

describe("a pull of a track whose publisher is not connected", () => {
  test("waits, and is offered as soon as the publisher is", async () => {
    const { world, wire, pull } = await begin();
    const pulled = watch(pull("cam"));
    world.advance(4_999);
    await turn();
    expect(pulled.settled).toBe(false);
    wire.enter("connected");
    const response = await pulled.promise;
    expect(codes(response)).toEqual([undefined]);
    expect(outline(response.sessionDescription?.sdp ?? "")).toEqual(["video 0 sendonly"]);
  });

  test("fails alone after five seconds, and the others of the call are offered", async () => {
    const { world, publisher, pull } = await begin();
    const { id: other } = await world.sfu.newSession("app", undefined);
    await world.sfu.tracks("app", other, { tracks: [local("1", "mic")], sessionDescription: offer([mic]) });
    world.wires.at(-1)?.enter("connected");
    const pulled = watch(pull("cam", "mic", other));
    await turn();
    world.advance(5_000);
    const response = await pulled.promise;
    expect(response.tracks).toMatchObject([
      { sessionId: publisher, trackName: "cam", errorCode: "not_found_track_error" },
      { sessionId: other, trackName: "mic", mid: "0" },
    ]);
    expect(outline(response.sessionDescription?.sdp ?? "")).toEqual(["audio 0 sendonly"]);
  });

  test("fails at once when the publisher ends meanwhile", async () => {
    const { wire, pull } = await begin();
    const pulled = watch(pull("cam"));
    await turn();
    wire.enter("closed");
    expect(codes(await pulled.promise)).toEqual(["not_found_track_error"]);
  });

  test("is given up when the puller ends, and when the server does", async () => {
    const { world, puller, pull } = await begin();
    const pulled = watch(pull("cam"));
    await turn();
    world.sfu.end("app", puller);
    await expect(pulled.promise).rejects.toMatchObject({ code: "session_error" });
    const { id } = await world.sfu.newSession("app", undefined);
    const later = watch(world.sfu.tracks("app", id, { tracks: [remote((await begin(world)).publisher, "cam")] }));
    await turn();
    world.sfu.shutDown();
    await expect(later.promise).rejects.toMatchObject({ code: "session_error" });
  });

  test("does not wait for a track that was never there", async () => {
    const { pull } = await begin();
    expect(codes(await pull("nothing"))).toEqual(["not_found_track_error"]);
  });

  test("is refused at once while an offer waits for its answer", async () => {
    const { world, wire, pull } = await begin();
    wire.enter("connected");
    await pull("cam");
    wire.enter("disconnected");
    await expect(pull("cam")).rejects.toMatchObject({ code: "invalid_session_description" });
    expect(world.now).toBe(0);
  });
});

describe("a pull of a track without packets", () => {
  test("is offered at once where the server waits for none", async () => {
    const { wire, pull } = await begin();
    wire.enter("connected");
    expect(codes(await pull("cam"))).toEqual([undefined]);
  });

  test("waits for the first packet where it does", async () => {
    const { wire, pull } = await begin(new World({ sourceWait: 8_000 }));
    wire.enter("connected");
    const pulled = watch(pull("cam"));
    await turn();
    expect(pulled.settled).toBe(false);
    wire.deliver(packet());
    expect(codes(await pulled.promise)).toEqual([undefined]);
  });

  test("fails alone when none comes in time, and leaves nothing behind", async () => {
    const { world, wire, puller, pull } = await begin(new World({ sourceWait: 8_000 }));
    wire.enter("connected");
    const pulled = watch(pull("cam"));
    await turn();
    world.advance(7_999);
    await turn();
    expect(pulled.settled).toBe(false);
    world.advance(1);
    const response = await pulled.promise;
    expect(codes(response)).toEqual(["empty_track_error"]);
    expect(response.sessionDescription).toBeUndefined();
    expect(world.sfu.state("app", puller)).toEqual({ tracks: [] });
  });
});

describe("a track that falls silent", () => {
  test("is ended 30 s after its last packet for everybody, and its m-line may publish again", async () => {
    const { world, wire, publisher, puller, pull } = await begin();
    wire.enter("connected");
    const pulled = await pull("cam");
    await world.sfu.renegotiate("app", puller, accepting(pulled.sessionDescription?.sdp ?? ""));
    world.wires[1]?.enter("connected");
    world.advance(20_000);
    wire.deliver(packet());
    world.advance(29_999);
    expect(statuses(world, publisher)).toEqual(["active"]);
    world.advance(1);
    expect(statuses(world, publisher)).toEqual(["inactive"]);
    expect(statuses(world, puller)).toEqual(["inactive"]);
    const again = await world.sfu.tracks("app", publisher, {
      tracks: [local("0", "cam")],
      sessionDescription: offer([cam]),
    });
    expect(again.tracks).toEqual([{ mid: "0", trackName: "cam" }]);
    expect(statuses(world, publisher)).toEqual(["active"]);
  });

  test("that never had a packet is ended 30 s after it was published", async () => {
    const { world, wire, publisher } = await begin();
    wire.enter("connected");
    world.advance(30_000);
    expect(statuses(world, publisher)).toEqual(["inactive"]);
  });

  test("does not end one that goes on", async () => {
    const { world, wire, publisher } = await begin();
    wire.enter("connected");
    for (let second = 0; second < 100; second += 1) {
      wire.deliver(packet(second));
      world.advance(1_000);
    }
    expect(statuses(world, publisher)).toEqual(["active"]);
  });

  test("is kept for ever where the server is told so", async () => {
    const { world, wire, publisher } = await begin(new World({ silentTrack: undefined }));
    wire.enter("connected");
    world.advance(3_600_000);
    expect(statuses(world, publisher)).toEqual(["active"]);
  });
});

test("a session that makes 51 calls at once is refused the last, and no other session is", async () => {
  const { world, publisher, puller } = await begin();
  // The push of this session was its first.
  for (let call = 0; call < 49; call += 1) world.sfu.state("app", publisher);
  expect(() => world.sfu.state("app", publisher)).toThrow(expect.objectContaining({ code: "too_many_requests" }));
  expect(world.sfu.state("app", puller)).toEqual({ tracks: [] });
  world.advance(20);
  expect(world.sfu.state("app", publisher).tracks).toHaveLength(1);
});

/** A publisher of `cam` that is not connected, and a session that pulls. */
async function begin(world = new World()) {
  const opened = world.wires.length;
  const { id: publisher } = await world.sfu.newSession("app", undefined);
  await world.sfu.tracks("app", publisher, { tracks: [local("0", "cam")], sessionDescription: offer([cam]) });
  const { id: puller } = await world.sfu.newSession("app", undefined);
  const wire = world.wires[opened] as Wire;
  const pull = (trackName: string, second?: string, other = "") =>
    world.sfu.tracks("app", puller, {
      tracks: [remote(publisher, trackName), ...(second === undefined ? [] : [remote(other, second)])],
    });
  return { world, publisher, puller, wire, pull };
}

function remote(sessionId: string, trackName: string) {
  return { location: "remote" as const, sessionId, trackName };
}

function statuses(world: World, session: string) {
  return world.sfu.state("app", session).tracks?.map(({ status }) => status);
}

function packet(sequence = 0): Uint8Array {
  const extensions = [{ id: 4, data: ascii("0") }];
  return rtp({ ssrc: 9, sequence, payload: vp8({ key: true }), extensions });
}

function watch<T>(promise: Promise<T>): { readonly promise: Promise<T>; readonly settled: boolean } {
  let settled = false;
  const end = () => {
    settled = true;
  };
  promise.then(end, end);
  return {
    promise,
    get settled() {
      return settled;
    },
  };
}

/** Everything that needs no more than its turn has had it. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
