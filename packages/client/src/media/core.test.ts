import { beforeEach, describe, expect, test } from "vitest";
import { ada, announced, camera, face, kinds, MediaBench, microphone } from "../../test/media-bench.ts";
import {
  beginPatience,
  changedPatience,
  connectPatience,
  disconnectedPatience,
  retirePatience,
  suspicion,
} from "./core.ts";
import type { MediaEffect, MediaInput } from "./words.ts";

let bench: MediaBench;
beforeEach(() => {
  bench = new MediaBench();
});

describe("joining", () => {
  test("the first offer is prepared before the room knows us; the session waits for the welcome", () => {
    bench.do({ input: "local", tracks: [microphone, camera] });
    expect(kinds(bench.do({ input: "start" }))).toEqual(["open", "push", "push", "changed"]);
    expect(kinds(bench.do({ input: "member" }))).toEqual(["session"]);
  });

  test("others are pulled at once, not when the transport is up", () => {
    bench.do({ input: "start" });
    bench.do({ input: "member" });
    expect(kinds(bench.do({ input: "remote", tracks: [ada, face] }))).toEqual(["pull", "pull"]);
  });

  test("a track is announced once its bytes flow, not before", () => {
    bench.do({ input: "local", tracks: [microphone] });
    bench.do({ input: "start" });
    bench.do({ input: "member" });
    const name = bench.names.get("microphone") ?? "";
    expect(announced(bench.do({ input: "pushed", attempt: 1, id: "microphone", name, session: "s" }))).toBeUndefined();
    expect(announced(bench.do({ input: "flowing", attempt: 1, id: "microphone", name }))).toEqual([
      { name: expect.any(String), kind: "audio", source: "microphone", session: "s", muted: false },
    ]);
  });

  test("of several that were refused together each is tried alone: what may be sent is, and the rest rebuilds nothing", () => {
    bench.do({ input: "local", tracks: [microphone, camera] });
    bench.do({ input: "start" });
    bench.do({ input: "member" });
    bench.transport("connected");
    const fail = (id: string) => bench.do({ input: "push-failed", attempt: 1, id, name: bench.names.get(id) ?? "" });
    const pushed = (effects: readonly MediaEffect[]) =>
      effects.flatMap((effect) => (effect.effect === "push" ? effect.id : []));
    fail("microphone");
    fail("camera");
    expect(pushed(bench.pass(5_000))).toEqual(["microphone"]);
    bench.publish("microphone");
    expect(pushed(bench.pass(250))).toEqual(["camera"]);
    for (let refused = 0; refused < 10; refused++) {
      fail("camera");
      expect(pushed(bench.pass(4_999))).toEqual([]);
      expect(pushed(bench.pass(1))).toEqual(["camera"]);
    }
    expect(bench.attempt).toBe(1);
  });

  test("a camera that is off is pushed when it is first switched on", () => {
    bench.do({ input: "local", tracks: [{ ...camera, muted: true }] });
    expect(kinds(bench.do({ input: "start" }))).not.toContain("push");
    expect(kinds(bench.do({ input: "local", tracks: [camera] }))).toContain("push");
  });
});

describe("in the call", () => {
  beforeEach(() => {
    bench.do({ input: "local", tracks: [microphone, camera] });
    bench.do({ input: "start" });
    bench.do({ input: "member" });
    bench.transport("connected");
    bench.publish("microphone");
    bench.publish("camera");
  });

  test("switching off changes what is announced and negotiates nothing", () => {
    const effects = bench.do({ input: "local", tracks: [microphone, { ...camera, muted: true }] });
    expect(kinds(effects)).toEqual(["announce"]);
    expect(announced(effects)?.map(({ muted }) => muted)).toEqual([false, true]);
  });

  test("a camera that was off for longer than media servers remember is sent as something new", () => {
    const off = { ...camera, muted: true, silent: true };
    bench.do({ input: "local", tracks: [microphone, off] });
    bench.pass(24_999);
    expect(kinds(bench.do({ input: "local", tracks: [microphone, camera] }))).toEqual(["announce"]);
    bench.do({ input: "local", tracks: [microphone, off] });
    bench.pass(25_000);
    const effects = bench.do({ input: "local", tracks: [microphone, camera] });
    expect(effects).toMatchObject([
      { effect: "withdraw", id: "camera" },
      { effect: "push", id: "camera", name: "track-5" },
      { effect: "announce", tracks: [{ name: "track-3" }, { name: "track-4", muted: true, stands: true }] },
    ]);
    expect(announced(bench.publish("camera"))).toMatchObject([{ name: "track-3" }, { name: "track-5", muted: false }]);
  });

  test("what the room took back is sent as something new, and announced when it flows", () => {
    const cameraName = bench.names.get("camera") ?? "";
    const effects = bench.do({ input: "taken", names: [cameraName] });
    expect(kinds(effects)).toEqual(["withdraw", "push", "announce"]);
    expect(announced(effects)).toMatchObject([{ source: "microphone" }]);
    expect(bench.names.get("camera")).not.toBe(cameraName);
    expect(announced(bench.publish("camera"))).toMatchObject([
      { source: "microphone" },
      { source: "camera", name: bench.names.get("camera") },
    ]);
  });

  test("a muted camera of somebody else is pulled when it is switched on, and kept when it goes off", () => {
    expect(bench.do({ input: "remote", tracks: [{ ...face, muted: true }] })).toEqual([]);
    expect(kinds(bench.do({ input: "remote", tracks: [face] }))).toEqual(["pull"]);
    bench.do({ input: "pulled", attempt: 1, key: "s-ada/face" });
    expect(bench.do({ input: "remote", tracks: [{ ...face, muted: true }] })).toEqual([]);
  });

  test("a pull that fails is tried again, later each time, while the track is announced", () => {
    bench.do({ input: "remote", tracks: [ada] });
    bench.do({ input: "pull-failed", attempt: 1, key: "s-ada/voice" });
    expect(bench.pass(249)).toEqual([]);
    expect(kinds(bench.pass(1))).toEqual(["pull"]);
    bench.do({ input: "pull-failed", attempt: 1, key: "s-ada/voice" });
    expect(bench.pass(499)).toEqual([]);
    expect(kinds(bench.pass(1))).toEqual(["pull"]);
    bench.do({ input: "remote", tracks: [] });
    bench.do({ input: "pull-failed", attempt: 1, key: "s-ada/voice" });
    expect(bench.pass(60_000)).toEqual([]);
  });

  test("a track that goes while it is being pulled is given back when it comes", () => {
    bench.do({ input: "remote", tracks: [ada] });
    expect(bench.do({ input: "remote", tracks: [] })).toEqual([]);
    expect(kinds(bench.do({ input: "pulled", attempt: 1, key: "s-ada/voice" }))).toEqual(["release"]);
  });

  test("a pulled track that goes is given back", () => {
    bench.do({ input: "remote", tracks: [ada] });
    bench.do({ input: "pulled", attempt: 1, key: "s-ada/voice" });
    expect(kinds(bench.do({ input: "remote", tracks: [] }))).toEqual(["release"]);
  });

  test("a refused push is tried again under a new name, on the same connection", () => {
    bench.do({
      input: "local",
      tracks: [microphone, camera, { id: "screen", source: "screen", kind: "video", muted: false, silent: false }],
    });
    bench.do({ input: "push-failed", attempt: 1, id: "screen", name: bench.names.get("screen") ?? "" });
    const effects = bench.pass(5000);
    expect(effects).toMatchObject([{ effect: "push", attempt: 1, id: "screen", name: "track-6" }]);
  });
});

describe("losing the connection", () => {
  beforeEach(() => {
    bench.do({ input: "local", tracks: [microphone, camera] });
    bench.do({ input: "start" });
    bench.do({ input: "member" });
    bench.do({ input: "remote", tracks: [ada] });
    bench.transport("connecting");
    bench.transport("connected");
    bench.publish("microphone");
    bench.publish("camera");
    bench.do({ input: "pulled", attempt: 1, key: "s-ada/voice" });
  });

  test("a short silence is sat out", () => {
    bench.transport("disconnected");
    bench.pass(disconnectedPatience - 1);
    bench.transport("connected");
    expect(bench.pass(60_000)).toEqual([]);
    expect(bench.core.state()).toBe("connected");
  });

  test("a longer one, a failure, or a session that is gone make a new connection with everything on it", () => {
    const breaks: (() => void)[] = [
      () => {
        bench.transport("disconnected");
        bench.pass(disconnectedPatience);
      },
      () => bench.transport("failed"),
      () => bench.do({ input: "broken", attempt: bench.attempt }),
    ];
    for (const [index, wreck] of breaks.entries()) {
      wreck();
      expect(bench.core.state()).toBe("recovering");
      expect(kinds(bench.pass(250))).toEqual(["open", "session", "push", "push", "pull", "changed"]);
      expect(bench.attempt).toBe(index + 2);
      bench.transport("connected");
    }
  });

  test("what was announced stands until the new track flows, and is replaced by it", () => {
    bench.transport("failed");
    bench.pass(250);
    const muting = bench.do({ input: "local", tracks: [{ ...microphone, muted: true }, camera] });
    expect(announced(muting)).toMatchObject([{ session: "s-me", muted: true }, { session: "s-me" }]);
    expect(announced(bench.publish("microphone", "s-new"))).toMatchObject([
      { source: "microphone", session: "s-new", muted: true },
      { source: "camera", session: "s-me" },
    ]);
  });

  test("in a new stay everything is made anew, and nothing of the old one is announced", () => {
    const effects = bench.do({ input: "new-stay" });
    expect(announced(effects)).toEqual([]);
    expect(kinds(effects)).toContain("close");
    expect(kinds(bench.pass(250))).toContain("open");
    expect(announced(bench.publish("microphone", "s-new"))).toMatchObject([{ source: "microphone", session: "s-new" }]);
  });

  test("words about a push that was taken back never touch the one after it", () => {
    bench.transport("failed");
    bench.pass(250);
    bench.transport("connected");
    const first = bench.names.get("camera") ?? "";
    bench.do({ input: "local", tracks: [microphone] });
    expect(kinds(bench.do({ input: "local", tracks: [microphone, camera] }))).toContain("push");
    bench.do({ input: "pushed", attempt: bench.attempt, id: "camera", name: first, session: "s-new" });
    bench.do({ input: "flowing", attempt: bench.attempt, id: "camera", name: first });
    bench.do({ input: "push-failed", attempt: bench.attempt, id: "camera", name: first });
    expect(announced(bench.publish("microphone", "s-new"))).toHaveLength(1);
    expect(announced(bench.publish("camera", "s-new"))).toMatchObject([{}, { name: bench.names.get("camera") }]);
  });

  test("late words of the old connection never touch the new one", () => {
    bench.transport("failed");
    bench.pass(250);
    const late: MediaInput[] = [
      { input: "pushed", attempt: 1, id: "microphone", name: "track-1", session: "s-old" },
      { input: "flowing", attempt: 1, id: "microphone", name: "track-1" },
      { input: "pulled", attempt: 1, key: "s-ada/voice" },
      { input: "pull-failed", attempt: 1, key: "s-ada/voice" },
      { input: "transport", attempt: 1, state: "failed" },
      { input: "broken", attempt: 1 },
    ];
    for (const word of late) expect(bench.do(word)).toEqual([]);
    expect(bench.core.state()).toBe("recovering");
  });

  test("a connection that does not come up is given up, and the waits grow", () => {
    bench.transport("failed");
    bench.pass(250);
    bench.transport("connecting");
    expect(kinds(bench.pass(connectPatience))).toEqual(["close", "changed"]);
    expect(bench.pass(499)).toEqual([]);
    expect(kinds(bench.pass(1))).toContain("open");
  });

  test("a fresh welcome ends the wait", () => {
    bench.transport("failed");
    expect(kinds(bench.do({ input: "member" }))).toContain("open");
  });

  test("after the room was lost and found, a silent transport is not waited for", () => {
    bench.do({ input: "member" });
    expect(kinds(bench.transport("disconnected"))).toEqual(["close", "changed"]);
    bench.pass(250);
    bench.transport("connected");
    bench.transport("disconnected");
    expect(kinds(bench.do({ input: "member" }))).toEqual(["close", "changed"]);
  });

  test("a room that was lost and found long ago says nothing about the transport", () => {
    bench.do({ input: "member" });
    bench.pass(suspicion);
    expect(kinds(bench.transport("disconnected"))).toEqual(["changed"]);
  });

  test("another network makes another connection beside the old one, which goes when all is on the new one", () => {
    const effects = bench.do({ input: "network" });
    expect(effects).toContainEqual({ effect: "open", attempt: 2, keep: true });
    expect(kinds(effects)).not.toContain("close");
    // The same change is often told several times.
    expect(bench.do({ input: "network" })).toEqual([]);
    bench.transport("connecting");
    expect(kinds(bench.transport("connected"))).toEqual(["changed"]);
    expect(kinds(bench.do({ input: "pulled", attempt: 2, key: "s-ada/voice" }))).toEqual(["retire", "changed"]);
  });

  test("a pull that never ends does not keep the old connection for ever", () => {
    bench.do({ input: "network" });
    bench.transport("connected");
    expect(kinds(bench.pass(retirePatience))).toEqual(["retire", "changed"]);
  });

  test("one that has nothing to begin for lets the old one go as well, after a while", () => {
    bench.do({ input: "network" });
    expect(kinds(bench.pass(beginPatience - 1))).toEqual([]);
    expect(kinds(bench.pass(1))).toEqual(["retire", "changed"]);
  });

  test("when the new connection fails, the old one goes on until a third is up", () => {
    bench.do({ input: "network" });
    expect(bench.do({ input: "broken", attempt: 2 })).toEqual([{ effect: "close", keep: true }, { effect: "changed" }]);
    expect(bench.pass(250)).toContainEqual({ effect: "open", attempt: 3, keep: true });
    bench.transport("connected");
    expect(kinds(bench.do({ input: "pulled", attempt: 3, key: "s-ada/voice" }))).toEqual(["retire", "changed"]);
  });

  test("it does not go on in a new stay, whose media server would not hear of it", () => {
    bench.do({ input: "network" });
    bench.do({ input: "broken", attempt: 2 });
    expect(kinds(bench.do({ input: "new-stay" }))).toEqual(["announce", "retire"]);
    expect(bench.pass(250)).toContainEqual({ effect: "open", attempt: 3, keep: false });
  });

  test("a connection that was being made when the network changed is given up soon", () => {
    bench.do({ input: "network" });
    bench.transport("connecting");
    bench.pass(changedPatience);
    expect(bench.do({ input: "network" })).toEqual([]);
    expect(kinds(bench.pass(changedPatience - 1))).toEqual([]);
    expect(bench.pass(1)).toContainEqual({ effect: "close", keep: true });
  });

  test("after the room was lost and found the server is asked for the session, and a forgotten one is made anew", () => {
    expect(bench.do({ input: "member" })).toEqual([{ effect: "inspect", attempt: 1 }]);
    expect(bench.do({ input: "inspected", attempt: 1, alive: true })).toEqual([]);
    bench.do({ input: "member" });
    expect(kinds(bench.do({ input: "inspected", attempt: 1, alive: false }))).toEqual(["close", "changed"]);
    expect(kinds(bench.pass(250))).toContain("open");
  });

  test("when nothing comes although the server has the session, another connection is made beside it", () => {
    expect(kinds(bench.do({ input: "silence" }))).toEqual(["changed", "inspect"]);
    expect(bench.core.state()).toBe("recovering");
    // One question at a time, however often it is said.
    expect(bench.do({ input: "silence" })).toEqual([]);
    expect(bench.do({ input: "inspected", attempt: 1, alive: undefined })).toEqual([]);
    expect(kinds(bench.do({ input: "silence" }))).toEqual(["inspect"]);
    // The server may have stood still for a moment, and send again by now.
    expect(bench.do({ input: "inspected", attempt: 1, alive: true })).toEqual([]);
    expect(bench.do({ input: "silence" })).toContainEqual({ effect: "open", attempt: 2, keep: true });
    bench.transport("connected");
    expect(bench.core.state()).toBe("connected");
  });

  test("what comes again before the server has answered needs no other connection", () => {
    bench.do({ input: "silence" });
    expect(kinds(bench.do({ input: "heard" }))).toEqual(["changed"]);
    expect(bench.core.state()).toBe("connected");
    expect(bench.do({ input: "inspected", attempt: 1, alive: true })).toEqual([]);
    // That word was about another silence.
    expect(kinds(bench.do({ input: "silence" }))).toEqual(["changed", "inspect"]);
  });

  test("outages are counted with their causes, and a move to another network is none", () => {
    bench.transport("disconnected");
    bench.pass(2_000);
    bench.transport("connected");
    bench.transport("failed");
    bench.pass(250);
    bench.transport("connecting");
    bench.transport("failed");
    bench.pass(8_000);
    bench.transport("connected");
    bench.do({ input: "network" });
    expect(bench.core.replacements).toBe(1);
    expect(bench.core.outages(bench.now)).toMatchObject({
      begun: 2,
      ended: 2,
      tries: 2,
      causes: { "media-server-silent": 1, "transport-failed": 2 },
      present: undefined,
    });
  });

  test("a first connection that does not come up is no outage", () => {
    const fresh = new MediaBench();
    fresh.do({ input: "start" });
    fresh.transport("failed");
    expect(fresh.core.outages(0)).toMatchObject({ begun: 0, causes: {} });
  });

  test("after the end nothing is done any more", () => {
    expect(kinds(bench.do({ input: "stop" }))).toEqual(["close", "changed"]);
    expect(bench.transport("failed")).toEqual([]);
    expect(bench.core.nextDeadline()).toBeUndefined();
  });
});
