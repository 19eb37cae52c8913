import { expect, test } from "vitest";
import { heard, Stage } from "../../test/stage.ts";

function room() {
  const stage = new Stage({ deltasKept: 4 });
  const ann = stage.join("ann", {}, { client: "page" });
  const bob = stage.join("bob");
  return { stage, ann, bob };
}

test("[RM5] whoever comes back with what they hold is sent what they missed, as one delta", () => {
  const { stage, ann, bob } = room();
  stage.lose(ann);
  stage.command(bob, { do: "rename", name: "Bobby" });
  stage.command(bob, { do: "raise" });
  const back = stage.resume(ann, {}, "page");
  expect(back.received.map(({ type }) => type)).toEqual(["welcome", "delta", "presence"]);
  expect(heard(back, "welcome")[0]?.resumed).toBe(true);
  expect(back.view).toEqual(stage.room.state);
});

test("[RM5] chat that was missed comes too, whispers only to those they are for", () => {
  const { stage, ann, bob } = room();
  const cid = stage.join("cid");
  stage.lose(ann);
  stage.lose(cid);
  stage.command(bob, { do: "say", text: "to all" });
  stage.command(bob, { do: "say", text: "to ann", to: "ann" });
  const texts = (peer: ReturnType<typeof stage.resume>) =>
    heard(peer, "chat").map((chat) => chat.event === "said" && chat.message.text);
  expect(texts(stage.resume(ann))).toEqual(["to all", "to ann"]);
  expect(texts(stage.resume(cid))).toEqual(["to all"]);
});

test("[RM5] who missed more than is kept gets a snapshot", () => {
  const { stage, ann, bob } = room();
  stage.lose(ann);
  for (const name of ["a", "b", "c", "d", "e"]) stage.command(bob, { do: "rename", name });
  const back = stage.resume(ann);
  expect(heard(back, "welcome")[0]?.resumed).toBe(false);
  expect(heard(back, "snapshot")).toHaveLength(1);
});

test("[RM5] whoever was cut off before the others spoke, and comes back at the last moment, has missed nothing", () => {
  const { stage, ann, bob } = room();
  const resume = { lineage: ann.lineage, version: stage.room.state.version, chat: 0 };
  stage.command(bob, { do: "rename", name: "Bobby" });
  stage.command(bob, { do: "say", text: "still there?" });
  // Silent for three pings, and then gone for the grace period but for a moment.
  stage.pass(14_999);
  stage.play({ input: "ping", socket: bob.socket });
  stage.pass(9_999);
  const back = stage.join("ann", {}, { client: "page", resume });
  expect(back.received.map(({ type }) => type)).toEqual(["welcome", "delta", "chat", "presence"]);
});

test("[RM5] what happened before that is no longer kept, whether the room has rested since or not", () => {
  const { stage, ann, bob } = room();
  const resume = { lineage: ann.lineage, version: stage.room.state.version, chat: 0 };
  stage.command(bob, { do: "rename", name: "Bobby" });
  for (let second = 0; second < 40; second += 5) {
    stage.pass(5_000);
    for (const { socket } of [ann, bob]) stage.play({ input: "ping", socket });
  }
  expect(heard(stage.join("ann", {}, { resume }), "welcome")[0]?.resumed).toBe(false);
});

test("[RM5] a version of another past, or of the future, is no ground to go on from", () => {
  const { stage, ann } = room();
  stage.lose(ann);
  const resume = { lineage: "another", version: stage.room.state.version, chat: 0 };
  expect(heard(stage.join("ann", {}, { resume }), "snapshot")).toHaveLength(1);
  const ahead = { lineage: ann.lineage, version: 1_000, chat: 0 };
  expect(heard(stage.join("ann", {}, { resume: ahead }), "snapshot")).toHaveLength(1);
});

test("[RM5] who comes back after the grace period starts anew, with a snapshot", () => {
  const { stage, ann } = room();
  stage.lose(ann);
  stage.pass(10_000);
  expect(heard(stage.resume(ann), "snapshot")).toHaveLength(1);
});
