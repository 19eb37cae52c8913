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
