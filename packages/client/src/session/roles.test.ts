import { emptyPresence } from "@satsuma/protocol";
import { beforeEach, expect, test } from "vitest";
import { Bench, hello, microphone, participant, snapshot, welcomed } from "../../test/bench.ts";
import { SessionCore } from "./core.ts";

const welcome = welcomed(0);
let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const you = { role: "listener", grants: [], joinedAt: 0, name: "me" } as const;

test("a lobby is waited in, kept alive, and left by the welcome", () => {
  bench.do({ input: "join" });
  bench.do({ input: "token", token: "t" });
  bench.do({ input: "opened", socket: bench.socket });
  bench.hear({ type: "waiting", pingInterval: 5000 });
  expect(bench.state).toBe("waiting");
  for (let round = 0; round < 10; round += 1) {
    bench.pass(5000);
    expect(bench.sent.at(-1)).toEqual({ type: "ping" });
    bench.hear({ type: "pong" });
  }
  bench.hear(welcome);
  bench.snapshot(1);
  expect(bench.state).toBe("connected");
});

test("who is turned away does not knock again", () => {
  bench.do({ input: "join" });
  bench.do({ input: "token", token: "t" });
  bench.do({ input: "opened", socket: bench.socket });
  bench.hear({ type: "waiting", pingInterval: 5000 });
  bench.close("denied");
  expect(bench.core.view().connection).toMatchObject({ state: "ended", end: { refusal: { code: "denied" } } });
});

test("a listener announces nothing until they are on stage", () => {
  bench.join();
  bench.hear({ type: "you", you });
  bench.hear(snapshot(2, [participant("ada")]));
  bench.do({ input: "announce", tracks: [microphone] });
  bench.do({ input: "rename", name: "Me" });
  expect(bench.commands()).toEqual([{ do: "rename", name: "Me" }]);
  bench.hear({ type: "you", you: { ...you, name: "Me" } });
  bench.hear({ type: "ack", id: 1, version: 2 });
  const joined = { ...participant("me"), name: "Me" };
  bench.hear({ type: "delta", after: 2, version: 3, changes: [{ change: "joined", participant: joined }] });
  expect(bench.commands().at(-1)).toEqual({ do: "publish", tracks: [microphone] });
});

test("a moderator's word reaches the devices before the room's record of them changes", () => {
  bench.join();
  const by = { identity: "host", name: "Host" };
  bench.hear({ type: "notice", notice: "silenced", by });
  expect(bench.done.at(-1)).toBe("notice");
});

test("a new grant lets what was refused be tried again", () => {
  bench.join();
  bench.do({ input: "announce", tracks: [microphone] });
  bench.hear({ type: "error", id: 1, code: "not-allowed", message: "No.", retry: false });
  expect(bench.commands()).toHaveLength(1);
  bench.hear({ type: "you", you: { ...you, role: "speaker", grants: ["microphone"] } });
  expect(bench.commands()).toHaveLength(2);
});

test("who speaks is known from the snapshot on, and nobody who has left does", () => {
  bench.join();
  bench.hear({ type: "presence", presence: { ...emptyPresence, speaking: ["ada"] } });
  bench.hear({ type: "signals", speaking: ["me"], audience: 3 });
  expect(bench.core.view().presence).toMatchObject({ speaking: ["ada", "me"], audience: 3 });
  bench.hear({ type: "delta", after: 1, version: 2, changes: [{ change: "left", id: "ada", why: "left" }] });
  expect(bench.core.view().presence.speaking).toEqual(["me"]);
});

test("a passcode is said with the hello", () => {
  const core = new SessionCore({ policy: () => undefined, client: "c1", passcode: "sesame" });
  for (const input of [{ input: "join" }, { input: "token", token: "t" }] as const) core.handle(input, 0);
  expect(core.handle({ input: "opened", socket: 1 }, 0)).toEqual([
    { effect: "send", message: hello({ passcode: "sesame" }) },
  ]);
});
