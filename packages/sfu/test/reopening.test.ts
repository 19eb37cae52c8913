/**
 * A peer that leaves its transport for another within one session. Chromium (156) does so when the m-line stops that the
 * bundle hangs on; partytracks stops any m-line, that one too.
 */
import { describe, expect, test } from "vitest";
import { accepting, type OfferedLine, offer, outline } from "./descriptions.ts";
import { ascii, rtp, vp8 } from "./packets.ts";
import type { Wire } from "./wire.ts";
import { World } from "./world.ts";

const cam: OfferedLine = { mid: "0", kind: "video" };
const mic: OfferedLine = { mid: "1", kind: "audio" };
const stoppedCam: OfferedLine = { ...cam, port: 0, direction: "inactive" };
const local = (mid: string, trackName: string) => ({ location: "local" as const, mid, trackName });

describe("when the m-line stops that the bundle hangs on", () => {
  test("the peer is given another transport, and its other tracks go on there", async () => {
    const { world, id, wire, closeFirst } = await begin();
    const closed = await closeFirst();
    expect(world.wires).toHaveLength(2);
    const [, next] = world.wires as [Wire, Wire];
    expect(closed.sessionDescription?.sdp).toContain(`a=ice-ufrag:${next.local.iceUfrag}`);
    expect(closed.sessionDescription?.sdp).toContain("a=group:BUNDLE 1\r\n");
    expect(wire.state).toBe("closed");
    next.enter("connected");
    const { id: other, wire: hears } = await subscribe(world, id);
    next.deliver(sound(1));
    expect(hears.take()).toHaveLength(1);
    expect(statuses(world, id)).toEqual(["inactive", "active"]);
    expect(statuses(world, other)).toEqual(["active"]);
    world.advance(120_000);
    expect(world.sfu.sessionCount).toBe(2);
  });

  test("it may say farewell to the old one before its offer comes", async () => {
    const { world, wire, closeFirst } = await begin();
    wire.enter("closed");
    world.advance(1_999);
    await closeFirst();
    world.wires[1]?.enter("connected");
    world.advance(60_000);
    expect(world.sfu.sessionCount).toBe(1);
  });

  test("a transport that the peer keeps is kept: its offer names addresses where the bundle hangs now", async () => {
    const { world, id, wire } = await begin();
    const sdp = offer([stoppedCam, mic]).sdp.replace(
      "a=mid:1\r\n",
      "a=mid:1\r\na=candidate:1 1 udp 1 192.0.2.7 5000 typ host\r\n",
    );
    await world.sfu.close("app", id, {
      tracks: [{ mid: "0" }],
      force: false,
      sessionDescription: { type: "offer", sdp },
    });
    expect([world.wires.length, wire.state]).toEqual([1, "connected"]);
  });

  test("and again when another m-line comes before the next, with a ufrag of its own", async () => {
    const { world, id, closeFirst } = await begin();
    await closeFirst();
    world.wires[1]?.enter("connected");
    const lines: OfferedLine[] = [{ mid: "2", kind: "video" }, mic];
    const sessionDescription = offer(lines, { ufrag: "fresh" });
    const pushed = await world.sfu.tracks("app", id, { tracks: [local("2", "cam")], sessionDescription });
    expect(pushed.sessionDescription?.sdp).toContain(`a=ice-ufrag:${world.wires[2]?.local.iceUfrag}`);
    expect(pushed.sessionDescription?.sdp).toContain("a=group:BUNDLE 2 1\r\n");
    world.wires[2]?.enter("connected");
    expect(world.wires.map(({ state }) => state)).toEqual(["closed", "closed", "connected"]);
    expect(statuses(world, id)).toEqual(["active", "active"]);
  });

  test("what it receives begins anew with a keyframe and goes on in its numbers", async () => {
    const world = new World();
    const { id: source, wire: from } = await publisher(world);
    const { id } = await world.sfu.newSession("app", undefined);
    const pulled = await world.sfu.tracks("app", id, { tracks: [remote(source, "mic"), remote(source, "cam")] });
    await world.sfu.renegotiate("app", id, accepting(pulled.sessionDescription?.sdp ?? ""));
    const first = world.wires.at(-1) as Wire;
    first.enter("connected");
    from.deliver(picture(1, true));
    expect(first.take()).toHaveLength(1);
    first.enter("closed");
    const lines: OfferedLine[] = [
      { mid: "0", kind: "audio", port: 0, direction: "inactive" },
      { mid: "1", kind: "video", direction: "recvonly" },
    ];
    await world.sfu.close("app", id, { tracks: [{ mid: "0" }], force: false, sessionDescription: offer(lines) });
    const next = world.wires.at(-1) as Wire;
    from.take();
    world.advance(500);
    next.enter("connected");
    expect(from.take().some((packet) => packet[1] === 206)).toBe(true);
    from.deliver(picture(2, false));
    expect(next.take().filter((packet) => packet[1] === 100 || packet[1] === 96)).toEqual([]);
    from.deliver(picture(3, true));
    expect(next.take().filter((packet) => (packet[1] ?? 0) < 192 && (packet[1] ?? 0) !== 200)).toHaveLength(1);
  });
});

test("our own offers keep the bundle where it hangs: no m-line before it is used again, and those behind it are", async () => {
  const { world, id, closeFirst } = await begin();
  await closeFirst();
  world.wires[1]?.enter("connected");
  const { id: source } = await publisher(world);
  const pulled = await world.sfu.tracks("app", id, { tracks: [remote(source, "cam")] });
  expect(outline(pulled.sessionDescription?.sdp ?? "")).toEqual([
    "xvideo 0 inactive",
    "audio 1 recvonly",
    "video 2 sendonly",
  ]);
  expect(pulled.sessionDescription?.sdp).toContain("a=group:BUNDLE 1 2\r\n");
  await world.sfu.renegotiate("app", id, accepting(pulled.sessionDescription?.sdp ?? ""));
  const lines: OfferedLine[] = [stoppedCam, mic, { mid: "2", kind: "video", port: 0, direction: "inactive" }];
  await world.sfu.close("app", id, { tracks: [{ mid: "2" }], force: false, sessionDescription: offer(lines) });
  const again = await world.sfu.tracks("app", id, { tracks: [remote(source, "cam")] });
  expect(outline(again.sessionDescription?.sdp ?? "")).toEqual([
    "xvideo 0 inactive",
    "audio 1 recvonly",
    "video 3 sendonly",
  ]);
});

test("a session without any m-line outlives its transport, and the next pull brings another", async () => {
  const world = new World();
  const { id: source } = await publisher(world);
  const { id } = await world.sfu.newSession("app", undefined);
  const pull = () => world.sfu.tracks("app", id, { tracks: [remote(source, "cam")] });
  const first = await pull();
  await world.sfu.renegotiate("app", id, accepting(first.sessionDescription?.sdp ?? ""));
  const before = world.wires.at(-1) as Wire;
  before.enter("connected");
  const sessionDescription = offer([{ mid: "0", kind: "video", port: 0, direction: "inactive" }]);
  await world.sfu.close("app", id, { tracks: [{ mid: "0" }], force: false, sessionDescription });
  before.enter("closed");
  world.advance(29_000);
  const again = await pull();
  expect(again.sessionDescription?.sdp).toContain(`a=ice-ufrag:${world.wires.at(-1)?.local.iceUfrag}`);
  await world.sfu.renegotiate("app", id, accepting(again.sessionDescription?.sdp ?? "", { ufrag: "other" }));
  world.wires.at(-1)?.enter("connected");
  world.advance(29_000);
  expect(world.sfu.sessionCount).toBe(2);
});

test("a session whose peer closed its transport and does not come back ends after two seconds", async () => {
  const { world, wire } = await begin();
  wire.enter("closed");
  world.advance(1_999);
  expect(world.sfu.sessionCount).toBe(1);
  world.advance(1);
  expect(world.sfu.sessionCount).toBe(0);
});

/** A connected session that publishes `cam` on the m-line that the bundle hangs on, and `mic` on the next. */
async function publisher(world: World) {
  const opened = world.wires.length;
  const { id } = await world.sfu.newSession("app", undefined);
  const tracks = [local("0", "cam"), local("1", "mic")];
  await world.sfu.tracks("app", id, { tracks, sessionDescription: offer([cam, mic]) });
  const wire = world.wires[opened] as Wire;
  wire.enter("connected");
  return { id, wire };
}

async function begin() {
  const world = new World({ silentTrack: undefined });
  const { id, wire } = await publisher(world);
  const closeFirst = () =>
    world.sfu.close("app", id, {
      tracks: [{ mid: "0" }],
      force: false,
      sessionDescription: offer([stoppedCam, mic]),
    });
  return { world, id, wire, closeFirst };
}

async function subscribe(world: World, source: string) {
  const opened = world.wires.length;
  const { id } = await world.sfu.newSession("app", undefined);
  const pulled = await world.sfu.tracks("app", id, { tracks: [remote(source, "mic")] });
  await world.sfu.renegotiate("app", id, accepting(pulled.sessionDescription?.sdp ?? ""));
  const wire = world.wires[opened] as Wire;
  wire.enter("connected");
  return { id, wire };
}

function remote(sessionId: string, trackName: string) {
  return { location: "remote" as const, sessionId, trackName };
}

function statuses(world: World, session: string) {
  return world.sfu.state("app", session).tracks?.map(({ status }) => status);
}

function sound(sequence: number): Uint8Array {
  return rtp({
    payloadType: 111,
    ssrc: 5,
    sequence,
    payload: Uint8Array.of(1),
    extensions: [{ id: 4, data: ascii("1") }],
  });
}

function picture(sequence: number, key: boolean): Uint8Array {
  return rtp({ ssrc: 9, sequence, payload: vp8({ key }), extensions: [{ id: 4, data: ascii("0") }] });
}
