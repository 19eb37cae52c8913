import { expect, test } from "vitest";
import { microphone, Stage } from "../test/stage.ts";
import type { Input } from "./index.ts";

test("[RM50] a room read back has its members and tracks, all recovering, at a higher version", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.join("bob");
  stage.bind("ann", "s1");
  stage.command(ann, { do: "publish", tracks: [microphone("s1")] });
  const { version } = stage.room.state;

  stage.restart();
  expect(stage.room.state.version).toBeGreaterThan(version);
  const back = stage.join("ann");
  expect(back.view?.participants).toMatchObject([
    { id: "ann", connection: "connected", tracks: [microphone("s1")] },
    { id: "bob", connection: "recovering" },
  ]);
  expect(stage.command(back, { do: "publish", tracks: [microphone("s1", "more")] })?.type).toBe("ack");
  stage.pass(10_000);
  expect(stage.room.state.participants).toHaveLength(2);
  stage.play({ input: "ping", socket: back.socket });
  stage.pass(10_000);
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["ann"]);
});

test("[RM50] an outage eats nobody's time to return, however long it was and whatever is asked meanwhile", () => {
  const stage = new Stage();
  stage.join("ann");
  stage.join("bob");
  stage.bind("ann", "s1");
  stage.now += 3_600_000;
  stage.restart();
  stage.room.authorize("ann", { do: "inspect", session: "s1" }, stage.now);
  // A room may be read back before its server can be reached, and a client may have just begun to wait for its next try.
  stage.pass(19_999);
  const back = stage.join("bob");
  expect(back.view?.participants.map(({ id, joinedAt }) => [id, joinedAt])).toEqual(
    stage.room.state.participants.map(({ id, joinedAt }) => [id, joinedAt]),
  );
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["ann", "bob"]);
});

test("[RM50] while some come back to a room that was read back nobody else is given up, for a minute at the most", () => {
  const stage = new Stage();
  const names = Array.from({ length: 12 }, (_, index) => `m${index}`);
  for (const name of [...names, "gone"]) stage.join(name);
  stage.restart();
  const back = [];
  for (const name of names) {
    stage.pass(6_000);
    back.push(stage.join(name));
    for (const { socket } of back) stage.play({ input: "ping", socket });
    const isThere = stage.room.state.participants.some(({ id }) => id === "gone");
    expect(isThere, `after ${back.length * 6} s`).toBe(back.length < 10);
    if (!isThere) break;
  }
  expect(stage.room.state.participants.find(({ id }) => id === "m0")?.connection).toBe("connected");
});

test("[RM36] every command is answered once under its own id, refused ones too", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.command(ann, { do: "rename", name: "a" });
  stage.command(ann, { do: "mute", name: "mic", muted: true });
  stage.command(ann, { do: "rename", name: "b" });
  const answers = ann.received.filter((message) => message.type === "ack" || message.type === "error");
  expect(answers).toMatchObject([
    { type: "ack", id: 1 },
    { type: "error", id: 2 },
    { type: "ack", id: 3 },
  ]);
});

test("[RM52] what lasts a moment is never stored, and a command writes only what it changed", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const stores = (input: Input) => stage.play(input).filter(({ effect }) => effect === "store");
  for (const signal of [{ speaking: true }, { quality: "poor" as const }, { typing: true }]) {
    expect(stores({ input: "signal", socket: ann.socket, signal })).toEqual([]);
  }
  stage.now += 50;
  expect(stores({ input: "wake" })).toEqual([]);
  expect(stores({ input: "ping", socket: ann.socket })).toEqual([]);
  stage.command(ann, { do: "say", text: "first" });
  const [store] = stores({ input: "command", socket: ann.socket, id: 2, command: { do: "say", text: "hi" } });
  expect(store).toMatchObject({ puts: [["chat:0000000000000002", { text: "hi" }]], deletes: [] });
});

test("[RM53] the store comes before what depends on it, in every turn", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const effects = stage.play({ input: "command", socket: ann.socket, id: 1, command: { do: "rename", name: "A" } });
  expect(effects.map(({ effect }) => effect)).toEqual(["store", "event", "note", "send", "send"]);
});

test("[RM39] an app's attributes are seen by everyone, and bounded", () => {
  const stage = new Stage({ attributes: 2 });
  const ann = stage.join("ann", { attributes: { seat: "1" } });
  const bob = stage.join("bob");
  stage.command(ann, { do: "describe", attributes: { seat: null, hat: "red", shoe: "blue" } });
  expect(bob.view?.participants[0]?.attributes).toEqual({ hat: "red", shoe: "blue" });
  expect(stage.command(ann, { do: "describe", attributes: { seat: "2" } })).toMatchObject({ code: "limit-reached" });
});
