import { expect, test } from "vitest";
import { heard, type Peer, Stage } from "../../test/stage.ts";

function speak(stage: Stage, peer: Peer, speaking: boolean): void {
  stage.play({ input: "signal", socket: peer.socket, signal: { speaking } });
}

test("[RM110] signals of a moment are one message, and change no version", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  const { version } = stage.room.state;
  speak(stage, ann, true);
  stage.play({ input: "signal", socket: bob.socket, signal: { quality: "poor" } });
  stage.pass(49);
  expect(heard(bob, "signals")).toEqual([]);
  stage.pass(1);
  expect(heard(bob, "signals")).toEqual([{ type: "signals", speaking: ["ann"], quality: { bob: "poor" } }]);
  expect(stage.room.state.version).toBe(version);
});

test("[RM110] what was taken back in the same moment is not told", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  speak(stage, ann, true);
  speak(stage, ann, false);
  stage.pass(1_000);
  expect(heard(ann, "signals")).toEqual([]);
});

test("[RM111] a thousand who begin to speak at once are told of a few at a time", () => {
  const stage = new Stage({ signalsAtOnce: 25 });
  const peers = Array.from({ length: 100 }, (_, number) => stage.join(`p${number}`));
  for (const peer of peers) speak(stage, peer, true);
  stage.pass(100);
  const [first] = peers;
  const told = first ? heard(first, "signals") : [];
  expect(told.map(({ speaking }) => speaking?.length)).toEqual([25, 25]);
  for (const peer of peers) speak(stage, peer, false);
  stage.pass(10_000);
  expect(first?.presence?.speaking).toEqual([]);
  expect(first ? heard(first, "signals").length : 0).toBe(4);
});

test("[RM110] what a crowd does is told twice a second", () => {
  const stage = new Stage();
  const host = stage.host();
  for (let number = 0; number < 10; number++) stage.join(`p${number}`, { role: "listener" });
  stage.pass(499);
  expect(heard(host, "signals")).toEqual([]);
  stage.pass(1);
  expect(heard(host, "signals")).toEqual([{ type: "signals", audience: 10 }]);
});

test("[RM111] the more there are to be told, the longer is gathered", () => {
  const stage = new Stage({ signalRate: 20 });
  const [ann] = Array.from({ length: 10 }, (_, number) => stage.join(`p${number}`));
  if (ann) speak(stage, ann, true);
  stage.pass(499);
  expect(ann && heard(ann, "signals")).toEqual([]);
  stage.pass(1);
  expect(ann && heard(ann, "signals")).toHaveLength(1);
});

test("[RM112] a newcomer's snapshot holds who speaks and how everyone is connected", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  speak(stage, ann, true);
  stage.play({ input: "signal", socket: ann.socket, signal: { quality: "fair" } });
  stage.pass(50);
  expect(stage.join("bob").presence).toMatchObject({ speaking: ["ann"], quality: { ann: "fair" } });
});

test("[RM113] whoever loses the socket speaks no more, and who has left is out of the presence", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  speak(stage, ann, true);
  stage.pass(50);
  stage.lose(ann);
  stage.pass(50);
  expect(heard(bob, "signals").at(-1)).toEqual({ type: "signals", silent: ["ann"] });
  const back = stage.join("ann");
  speak(stage, back, true);
  stage.pass(50);
  stage.command(back, { do: "leave" });
  expect(bob.presence?.speaking).toEqual([]);
  expect(stage.room.presence.speaking).toEqual([]);
});

test("[RM114] typing is told by name, and is no part of the presence", () => {
  const stage = new Stage();
  const ann = stage.join("ann", { name: "Ann" });
  stage.play({ input: "signal", socket: ann.socket, signal: { typing: true } });
  stage.pass(50);
  expect(heard(ann, "signals")).toEqual([{ type: "signals", typing: ["Ann"] }]);
});

test("[RM60] a listener says nothing of themselves that others would be told", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann", { role: "listener" });
  stage.pass(500);
  speak(stage, ann, true);
  stage.pass(500);
  expect(heard(host, "signals")).toEqual([{ type: "signals", audience: 1 }]);
});
