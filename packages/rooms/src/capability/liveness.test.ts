import { expect, test } from "vitest";
import { Stage } from "../../test/stage.ts";
import { hear } from "../edge.ts";

test("[RM25] a socket that pings every interval stays for ever", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  for (let minute = 0; minute < 12; minute++) {
    stage.pass(5_000);
    stage.play({ input: "ping", socket: ann.socket });
    expect(ann.received.at(-1)).toEqual({ type: "pong" });
  }
  expect(ann.closed).toBeUndefined();
});

test("[RM25] three intervals of silence lose the socket, and its place is kept from then", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.pass(14_999);
  expect(ann.closed).toBeUndefined();
  stage.pass(1);
  expect(ann.received.at(-1)).toMatchObject({ type: "error", code: "timed-out" });
  expect(ann.closed).toBe("timed-out");
  expect(stage.room.state.participants).toMatchObject([{ id: "ann", connection: "recovering" }]);
  stage.pass(10_000);
  expect(stage.room.state.participants).toEqual([]);
});

test("[RM25] a message that was refused proves life as well", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.pass(14_000);
  const why = { code: "bad-message", message: "no", retry: false } as const;
  stage.play({ input: "rejected", socket: ann.socket, refusal: why });
  stage.pass(14_000);
  expect(ann.received.at(-1)).toMatchObject({ code: "bad-message" });
  expect(ann.closed).toBeUndefined();
});

test("[RM37] what is beyond the rate is refused under its id and not done", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  for (let count = 1; count <= 60; count++) {
    expect(stage.command(ann, { do: "rename", name: `n${count}` })?.type).toBe("ack");
  }
  expect(stage.command(ann, { do: "rename", name: "beyond" })).toMatchObject({
    code: "too-many-requests",
    retry: true,
  });
  expect(stage.room.state.participants[0]?.name).toBe("n60");
  stage.pass(100);
  expect(stage.command(ann, { do: "rename", name: "later" })?.type).toBe("ack");
});

test("[RM37] who keeps on regardless is closed and lost", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  for (let count = 0; count < 119; count++) stage.play({ input: "ping", socket: ann.socket });
  expect(ann.closed).toBeUndefined();
  stage.play({ input: "ping", socket: ann.socket });
  expect(ann.closed).toBe("too-many-requests");
  expect(bob.view?.participants[0]).toMatchObject({ id: "ann", connection: "recovering" });
});

test("[RM37] what is long counts for more, as it is told to everyone", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  const payload = "x".repeat(20_000);
  for (let id = 1; id <= 4; id++) {
    const frame = JSON.stringify({ type: "command", id, command: { do: "relay", topic: "t", payload } });
    const said = hear(ann.socket, frame);
    if (said.heard === "input") stage.play(said.input);
  }
  expect(bob.received.filter(({ type }) => type === "relayed")).toHaveLength(3);
  expect(ann.received.at(-1)).toMatchObject({ code: "too-many-requests", id: 4 });
});

test("[RM37] what asks for much counts for more", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  for (let count = 0; count < 6; count++) stage.play({ input: "resync", socket: ann.socket });
  expect(ann.received.at(-1)?.type).toBe("snapshot");
  stage.play({ input: "resync", socket: ann.socket });
  expect(ann.received.at(-1)).toMatchObject({ code: "too-many-requests", retryAfter: 500 });
  stage.pass(750);
  expect(stage.command(ann, { do: "read", limit: 1 })?.type).toBe("ack");
});

test("[RM29] whoever pinged while the room stood still is not taken for gone when it goes on", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  const late = stage.open();
  const dan = stage.join("dan");
  stage.lose(dan);
  // Woken by a timer, before anything that came meanwhile has been read.
  stage.now += 20_000;
  stage.play({ input: "wake" });
  expect([ann, bob, late].map(({ closed }) => closed)).toEqual([undefined, undefined, undefined]);
  stage.play({ input: "ping", socket: ann.socket });
  stage.hello(late, "cid");
  stage.join("dan");
  stage.pass(5_000);
  expect([ann, bob, late].map(({ closed }) => closed)).toEqual([undefined, "timed-out", undefined]);
  expect(stage.room.state.participants.map(({ id, connection }) => [id, connection])).toEqual([
    ["ann", "connected"],
    ["bob", "recovering"],
    ["dan", "connected"],
    ["cid", "connected"],
  ]);
});

test("[RM29] a room that is late again and again loses the silent all the same", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  for (let count = 0; count < 3; count++) {
    stage.now = (stage.room.nextDeadline() ?? 0) + 3_000;
    stage.play({ input: "wake" });
  }
  expect(ann.closed).toBe("timed-out");
});

test("[RM29] whoever was heard between two times that the room stood still is not taken for gone", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  for (let time = 0; time < 3; time++) {
    stage.now += 18_000;
    stage.play({ input: "wake" });
    expect(ann.closed).toBeUndefined();
    stage.play({ input: "ping", socket: ann.socket });
  }
  expect(bob.closed).toBe("timed-out");
});
