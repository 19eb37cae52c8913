/** The SFU as a whole over in-memory transports: what happens between calls, transports and time. */
import { RefusedError } from "@satsuma/protocol";
import { describe, expect, test, vi } from "vitest";
import { LiveSession } from "../src/session/live.ts";
import { accepting, answer, type OfferedLine, offer, outline } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import { World } from "./world.ts";

const cam: OfferedLine = { mid: "0", kind: "video" };
const push = { tracks: [{ location: "local" as const, mid: "0", trackName: "cam" }], sessionDescription: offer([cam]) };
const refused = (code: string) => expect.objectContaining({ code });

test("a session pushes, another pulls, and packets flow when the second is connected", async () => {
  const world = new World();
  const { sfu } = world;
  const { id: one } = await sfu.newSession("app", undefined);
  const pushed = await sfu.tracks("app", one, push);
  expect(pushed).toMatchObject({ requiresImmediateRenegotiation: false, tracks: [{ mid: "0", trackName: "cam" }] });
  expect(outline(pushed.sessionDescription?.sdp ?? "")).toEqual(["video 0 recvonly"]);
  const [from] = world.wires;
  from?.enter("connected");
  const { id: two } = await sfu.newSession("app", undefined);
  const pulled = await sfu.tracks("app", two, { tracks: [{ location: "remote", sessionId: one, trackName: "cam" }] });
  expect(pulled.requiresImmediateRenegotiation).toBe(true);
  await sfu.renegotiate("app", two, accepting(pulled.sessionDescription?.sdp ?? ""));
  const to = world.wires[1];
  to?.enter("connected");
  from?.deliver(rtp({ ssrc: 9, payload: vp8({ key: true }), extensions: [{ id: 4, data: ascii("0") }] }));
  expect(to?.take()).toHaveLength(1);
});

test("descriptions of one session count up and keep their number and the settled DTLS role", async () => {
  const world = new World();
  const { sfu } = world;
  const { id } = await sfu.newSession("app", undefined);
  const origin = (sdp = "") => /^o=- (\d+) (\d+)/m.exec(sdp)?.slice(1) ?? [];
  const first = await sfu.tracks("app", id, push);
  world.wires[0]?.enter("connected");
  const second = await sfu.tracks("app", id, { tracks: [{ location: "remote", sessionId: id, trackName: "cam" }] });
  await sfu.renegotiate("app", id, accepting(second.sessionDescription?.sdp ?? ""));
  const lines = [cam, { mid: "1", kind: "video", direction: "recvonly" } as const];
  const third = await sfu.close("app", id, { tracks: [{ mid: "1" }], force: false, sessionDescription: offer(lines) });
  const [a, b, c] = [first, second, third].map(({ sessionDescription }) => origin(sessionDescription?.sdp));
  expect([a?.[1], b?.[1], c?.[1]]).toEqual(["1", "2", "3"]);
  expect(new Set([a?.[0], b?.[0], c?.[0]]).size).toBe(1);
  expect(first.sessionDescription?.sdp).toContain("a=setup:active");
  expect(second.sessionDescription?.sdp).toContain("a=setup:actpass");
  expect(third.sessionDescription?.sdp).toContain("a=setup:active");
});

test.each([
  ["active", "passive", "active"],
  ["passive", "active", "passive"],
  ["actpass", "passive", "active"],
])("to a peer that answers a=setup:%s we are %s from then on", async (setup, ours, told) => {
  const world = new World();
  const { id } = await world.sfu.newSession("app", undefined);
  const { id: source } = await world.sfu.newSession("app", offer([cam]));
  await world.sfu.tracks("app", source, push);
  world.wires[0]?.enter("connected");
  const pulled = await world.sfu.tracks("app", id, {
    tracks: [{ location: "remote", sessionId: source, trackName: "cam" }],
  });
  await world.sfu.renegotiate("app", id, accepting(pulled.sessionDescription?.sdp ?? "", { setup }));
  expect(world.wires[1]?.accepted?.setup).toBe(told);
  const later = await world.sfu.tracks("app", id, {
    tracks: [{ location: "local", mid: "1", trackName: "mine" }],
    sessionDescription: offer([
      { ...cam, direction: "recvonly" },
      { mid: "1", kind: "audio" },
    ]),
  });
  expect(later.sessionDescription?.sdp).toContain(`a=setup:${ours}`);
});

test("an offer with more m-lines than the server takes is refused, and the session goes on", async () => {
  const world = new World({ mediaSections: 1 });
  const { id } = await world.sfu.newSession("app", undefined);
  const two = offer([cam, { mid: "1", kind: "audio" }]);
  await expect(world.sfu.tracks("app", id, { ...push, sessionDescription: two })).rejects.toEqual(
    refused("invalid_session_description"),
  );
  await expect(world.sfu.tracks("app", id, push)).resolves.toMatchObject({ sessionDescription: { type: "answer" } });
});

describe("a session ends", () => {
  test("when it never connects in time", async () => {
    const world = new World({ unconnected: 1_000 });
    const { id } = await world.sfu.newSession("app", undefined);
    world.advance(999);
    expect(world.sfu.state("app", id)).toEqual({ tracks: [] });
    world.advance(1);
    expect(() => world.sfu.state("app", id)).toThrow(RefusedError);
    expect(world.alarm).toBeUndefined();
  });

  test("when its transport closes, and its tracks end for everybody", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", offer([cam]));
    await world.sfu.tracks("app", id, push);
    world.wires[0]?.enter("connected");
    world.wires[0]?.enter("closed");
    world.advance(2_000);
    expect(world.sfu.sessionCount).toBe(0);
    await expect(world.sfu.tracks("app", id, push)).rejects.toEqual(refused("session_error"));
  });

  test("when its peer stays away, but not when it returns", async () => {
    const world = new World({ disconnected: 500 });
    const { id } = await world.sfu.newSession("app", offer([cam]));
    const [wire] = world.wires;
    wire?.enter("connected");
    wire?.enter("disconnected");
    world.advance(499);
    wire?.enter("connected");
    world.advance(5_000);
    expect(world.sfu.state("app", id)).toBeDefined();
    wire?.enter("disconnected");
    world.advance(500);
    expect(world.sfu.sessionCount).toBe(0);
    expect(wire?.state).toBe("closed");
  });

  test("when its transport cannot be opened, and the caller is told to try later", async () => {
    const world = new World();
    world.opening = "fails";
    await expect(world.sfu.newSession("app", offer([cam]))).rejects.toEqual(refused("temporarily_unavailable_error"));
    const { id } = await world.sfu.newSession("app", undefined);
    await expect(world.sfu.tracks("app", id, push)).rejects.toEqual(refused("temporarily_unavailable_error"));
    expect(world.sfu.sessionCount).toBe(0);
    expect(world.alarm).toBeUndefined();
  });

  test("while its transport is being opened: the call is refused, the transport closed, and nothing is left", async () => {
    const world = new World({ unconnected: 1_000 });
    world.opening = "waits";
    const { id } = await world.sfu.newSession("app", undefined);
    const pushing = world.sfu.tracks("app", id, push);
    const queued = world.sfu.tracks("app", id, push);
    const outcomes = Promise.allSettled([pushing, queued]);
    await Promise.resolve();
    world.advance(1_000);
    world.release();
    expect((await outcomes).map((outcome) => outcome.status === "rejected" && outcome.reason)).toEqual([
      refused("session_error"),
      refused("session_error"),
    ]);
    expect(world.wires[0]?.state).toBe("closed");
    world.advance(10_000);
    expect([world.sfu.sessionCount, world.alarm]).toEqual([0, undefined]);
  });

  test("when the server shuts down, which then takes no more; twice is as good as once", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", offer([cam]));
    world.wires[0]?.enter("connected");
    world.sfu.shutDown();
    world.sfu.shutDown();
    expect([world.sfu.sessionCount, world.alarm, world.wires[0]?.state]).toEqual([0, undefined, "closed"]);
    await expect(world.sfu.newSession("app", undefined)).rejects.toEqual(refused("temporarily_unavailable_error"));
    await expect(world.sfu.tracks("app", id, push)).rejects.toEqual(refused("session_error"));
  });
});

describe("is refused", () => {
  test("a session more than the server serves, until one ends", async () => {
    const world = new World({ sessions: 2, unconnected: 100 });
    await world.sfu.newSession("a", undefined);
    await world.sfu.newSession("b", undefined);
    await expect(world.sfu.newSession("a", undefined)).rejects.toEqual(refused("temporarily_unavailable_error"));
    world.advance(100);
    await world.sfu.newSession("a", undefined);
  });

  test("an offer with another ufrag, which asks for an ICE restart", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", offer([cam]));
    const restart = { ...push, sessionDescription: offer([cam], { ufrag: "other" }) };
    await expect(world.sfu.tracks("app", id, restart)).rejects.toEqual(refused("invalid_session_description"));
    const closing = { tracks: [{ mid: "0" }], force: false, sessionDescription: restart.sessionDescription };
    await expect(world.sfu.close("app", id, closing)).rejects.toEqual(refused("invalid_session_description"));
  });

  test("a new session whose offer is refused: it is not kept", async () => {
    const world = new World();
    const bad = { type: "offer" as const, sdp: "v=0" };
    await expect(world.sfu.newSession("app", bad)).rejects.toEqual(refused("invalid_session_description"));
    await expect(world.sfu.newSession("app", answer([cam]))).rejects.toEqual(refused("invalid_session_description"));
    expect([world.sfu.sessionCount, world.alarm]).toEqual([0, undefined]);
  });

  test("an answer nobody waits for, and an offer where an answer is due", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", undefined);
    await expect(world.sfu.renegotiate("app", id, answer([cam]))).rejects.toEqual(
      refused("invalid_session_description"),
    );
    await world.sfu.tracks("app", id, push);
    await expect(world.sfu.renegotiate("app", id, answer([cam]))).rejects.toEqual(
      refused("invalid_session_description"),
    );
    await expect(world.sfu.renegotiate("app", id, offer([cam]))).rejects.toEqual(
      refused("invalid_session_description"),
    );
  });

  test("another app's session, as if it were not there", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", offer([cam]));
    await world.sfu.tracks("app", id, push);
    expect(() => world.sfu.state("other", id)).toThrow(RefusedError);
    await expect(world.sfu.tracks("other", id, push)).rejects.toEqual(refused("session_error"));
    const { id: spy } = await world.sfu.newSession("other", undefined);
    const pulled = await world.sfu.tracks("other", spy, {
      tracks: [{ location: "remote", sessionId: id, trackName: "cam" }],
    });
    expect(pulled).toMatchObject({ tracks: [{ errorCode: "not_found_track_error" }] });
    expect(pulled.sessionDescription).toBeUndefined();
  });
});

test("calls on one session run one after the other, and a refused one does not stop the next", async () => {
  const world = new World();
  world.opening = "waits";
  const { id } = await world.sfu.newSession("app", undefined);
  const first = world.sfu.tracks("app", id, push);
  const second = world.sfu.tracks("app", id, { ...push, sessionDescription: { type: "offer", sdp: "junk" } });
  const third = world.sfu.tracks("app", id, push);
  const outcomes = Promise.allSettled([first, second, third]);
  await Promise.resolve();
  world.release();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(world.wires).toHaveLength(1);
});

test("a session that begins, connects and ends costs as much beside a hundred others as alone", async () => {
  const asked = vi.spyOn(LiveSession.prototype, "nextDeadline");
  const cost = async (world: World) => {
    const before = asked.mock.calls.length;
    const { id } = await world.sfu.newSession("app", offer([cam]));
    world.wires.at(-1)?.enter("connected");
    world.sfu.end("app", id);
    return asked.mock.calls.length - before;
  };
  const alone = await cost(new World());
  const world = new World();
  for (let count = 0; count < 100; count += 1) await world.sfu.newSession("app", undefined);
  expect(await cost(world)).toBe(alone);
  // They are looked at when the first of them has waited too long, and none is kept for longer than that.
  world.advance(60_000);
  expect(world.sfu.sessionCount).toBe(0);
  expect(world.alarm).toBeUndefined();
});
