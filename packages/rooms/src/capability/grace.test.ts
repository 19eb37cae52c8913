import { expect, test } from "vitest";
import { microphone, Stage } from "../../test/stage.ts";

test("[RM20] a lost socket keeps its participant's place, tracks and sessions", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  stage.bind("ann", "s1");
  stage.command(ann, { do: "publish", tracks: [microphone("s1")] });
  stage.lose(ann);
  expect(bob.received.at(-1)).toMatchObject({
    changes: [{ change: "connection", id: "ann", connection: "recovering" }],
  });
  expect(bob.view?.participants[0]).toMatchObject({ connection: "recovering", tracks: [microphone("s1")] });
  expect(stage.room.sessionsOf("ann")).toEqual(["s1"]);
});

test("[RM21] a return within the grace period is a change of connection and nothing else", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  stage.lose(ann);
  stage.pass(9_999);
  stage.join("ann");
  expect(bob.received.slice(-1)).toMatchObject([
    { type: "delta", changes: [{ change: "connection", id: "ann", connection: "connected" }] },
  ]);
  stage.play({ input: "ping", socket: bob.socket });
  stage.pass(14_000);
  expect(stage.room.state.participants.map(({ connection }) => connection)).toEqual(["connected", "connected"]);
});

test("[RM22] when the grace period ends the participant is gone", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  stage.lose(ann);
  stage.pass(10_000);
  expect(bob.received.at(-1)).toMatchObject({ changes: [{ change: "left", id: "ann", why: "timed-out" }] });
});

test("[RM22] whoever makes media requests without a socket keeps their place", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  stage.bind("ann", "s1");
  stage.lose(ann);
  for (let round = 0; round < 10; round += 1) {
    stage.pass(9_000);
    stage.play({ input: "ping", socket: bob.socket });
    const asked = stage.room.authorize("ann", { do: "inspect", session: "s1" }, stage.now);
    expect(asked.verdict).toBe("allowed");
  }
  expect(stage.room.state.participants).toHaveLength(2);
  stage.pass(10_000);
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["bob"]);
});

test("[RM22] who comes back after the grace period joins anew, with nothing", () => {
  const stage = new Stage();
  stage.join("bob");
  const ann = stage.join("ann");
  stage.bind("ann", "s1");
  stage.command(ann, { do: "publish", tracks: [microphone("s1")] });
  stage.lose(ann);
  stage.pass(10_000);
  const back = stage.join("ann");
  expect(back.view?.participants.at(-1)).toMatchObject({ id: "ann", tracks: [] });
  expect(stage.room.sessionsOf("ann")).toEqual([]);
});

test("[RM28] of a page that is closed the others hear soon, and one that is reloaded keeps its place", () => {
  const stage = new Stage();
  const bob = stage.join("bob");
  stage.lose(stage.join("ann"), true);
  stage.pass(2_999);
  const back = stage.join("ann");
  expect(bob.received.slice(-1)).toMatchObject([{ type: "delta", changes: [{ connection: "connected" }] }]);
  stage.lose(back, true);
  stage.pass(3_000);
  expect(bob.received.at(-1)).toMatchObject({ changes: [{ change: "left", id: "ann", why: "timed-out" }] });
});

test("[RM28][RM22] a page that asks for media after its socket was closed has the whole grace period", () => {
  const stage = new Stage();
  stage.join("bob");
  const ann = stage.join("ann");
  stage.bind("ann", "s1");
  stage.lose(ann, true);
  expect(stage.room.authorize("ann", { do: "inspect", session: "s1" }, stage.now).verdict).toBe("allowed");
  stage.pass(9_999);
  expect(stage.room.state.participants.map(({ id }) => id)).toContain("ann");
  stage.pass(1);
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["bob"]);
});

test("[RM24] the late close of a replaced socket changes nothing", () => {
  const stage = new Stage();
  const old = stage.join("ann");
  stage.join("ann");
  const before = stage.room.state;
  stage.lose(old);
  stage.lose(old);
  expect(stage.room.state).toBe(before);
});

test("[RM26] a room has ended when its meeting is over and its last socket is closed", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const waiting = stage.open();
  stage.command(ann, { do: "leave" });
  stage.lose(waiting);
  expect(stage.ended).toBe(0);
  stage.pass(15_000);
  expect(stage.ended).toBe(1);
  expect(stage.room.nextDeadline()).toBeUndefined();
});

test("[RM26] a room that nobody got into has ended with its last socket", () => {
  const stage = new Stage();
  stage.lose(stage.open());
  expect(stage.ended).toBe(1);
});

test("[RM27] at shutdown everyone is told, waiting sockets too, and the room ends", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const waiting = stage.open();
  stage.play({ input: "shutdown" });
  for (const peer of [ann, waiting]) {
    expect(peer.received.at(-1)).toMatchObject({ type: "error", code: "shutting-down", retry: true });
    expect(peer.closed).toBe("shutting-down");
  }
  expect(stage.ended).toBe(1);
});
