import { expect, test } from "vitest";
import { heard, Stage } from "../../test/stage.ts";

function room(settings = {}) {
  const stage = new Stage(settings);
  return { stage, ann: stage.join("ann"), bob: stage.join("bob") };
}

test("[RM120] who watches a prefix gets what is there, and then what is written", () => {
  const { stage, ann, bob } = room();
  stage.command(ann, { do: "set", key: "note:1", value: { text: "a" } });
  stage.command(ann, { do: "set", key: "timer", value: 5 });
  expect(stage.result(bob, { do: "watch", prefix: "note:" })).toEqual({
    of: "watch",
    entries: [{ key: "note:1", value: { text: "a" }, revision: 1 }],
  });
  stage.command(ann, { do: "set", key: "note:2", value: null });
  stage.command(ann, { do: "set", key: "timer", value: 6 });
  stage.command(ann, { do: "unset", key: "note:1" });
  expect(heard(bob, "entries")).toEqual([
    { type: "entries", set: [{ key: "note:2", value: null, revision: 3 }], gone: [] },
    { type: "entries", set: [], gone: ["note:1"] },
  ]);
  expect(heard(ann, "entries")).toEqual([]);
  stage.command(bob, { do: "unwatch", prefix: "note:" });
  stage.command(ann, { do: "set", key: "note:3", value: 1 });
  expect(heard(bob, "entries")).toHaveLength(2);
});

test("[RM121] of two writers who saw the same, one is refused and told what is there", () => {
  const { stage, ann, bob } = room();
  expect(stage.result(ann, { do: "set", key: "k", value: 1, if: 0 })).toEqual({ of: "set", revision: 1 });
  expect(stage.command(bob, { do: "set", key: "k", value: 2, if: 0 })).toMatchObject({ code: "conflict", current: 1 });
  expect(stage.result(bob, { do: "set", key: "k", value: 2, if: 1 })).toEqual({ of: "set", revision: 2 });
  expect(stage.command(ann, { do: "unset", key: "k", if: 1 })).toMatchObject({ code: "conflict", current: 2 });
});

test("[RM121] no revision comes twice, also after a deletion and a restart", () => {
  const { stage, ann } = room();
  stage.command(ann, { do: "set", key: "k", value: 1 });
  stage.command(ann, { do: "unset", key: "k" });
  stage.restart();
  const back = stage.join("ann");
  expect(stage.result(back, { do: "set", key: "k", value: 1, if: 0 })).toEqual({ of: "set", revision: 3 });
});

test("[RM122] entries are bounded in number and size", () => {
  const { stage, ann } = room({ entries: 2, entryLength: 10, entriesLength: 15, watches: 1 });
  expect(stage.command(ann, { do: "set", key: "a", value: "x".repeat(9) })).toMatchObject({ code: "too-large" });
  expect(stage.command(ann, { do: "set", key: "a", value: "x".repeat(8) })?.type).toBe("ack");
  expect(stage.command(ann, { do: "set", key: "b", value: "x".repeat(4) })).toMatchObject({ code: "limit-reached" });
  expect(stage.command(ann, { do: "set", key: "b", value: 1 })?.type).toBe("ack");
  expect(stage.command(ann, { do: "set", key: "c", value: 1 })).toMatchObject({ code: "limit-reached" });
  expect(stage.command(ann, { do: "watch", prefix: "a" })?.type).toBe("ack");
  expect(stage.command(ann, { do: "watch", prefix: "b" })).toMatchObject({ code: "limit-reached" });
});

test("[RM123] a listener reads entries and writes none, and a lost socket watches no longer", () => {
  const { stage, ann } = room();
  const eve = stage.join("eve", { role: "listener" });
  expect(stage.command(eve, { do: "set", key: "k", value: 1 })).toMatchObject({ code: "not-allowed" });
  expect(stage.result(eve, { do: "watch", prefix: "" })).toMatchObject({ entries: [] });
  stage.lose(eve);
  const back = stage.join("eve", { role: "listener" });
  stage.command(ann, { do: "set", key: "k", value: 1 });
  expect(heard(back, "entries")).toEqual([]);
  expect(stage.result(back, { do: "watch", prefix: "" })).toMatchObject({ entries: [{ key: "k" }] });
});

test("[RM122] what is written over, deleted or read back counts once", () => {
  const { stage, ann } = room({ entriesLength: 15 });
  for (let time = 0; time < 5; time++) stage.command(ann, { do: "set", key: "a", value: "x".repeat(8) });
  stage.command(ann, { do: "unset", key: "a" });
  stage.command(ann, { do: "unset", key: "a" });
  stage.command(ann, { do: "set", key: "b", value: "x".repeat(8) });
  stage.restart();
  const back = stage.join("ann");
  expect(stage.command(back, { do: "set", key: "c", value: "x".repeat(4) })).toMatchObject({ code: "limit-reached" });
  expect(stage.command(back, { do: "set", key: "c", value: "x".repeat(3) })?.type).toBe("ack");
});
