import { expect, test } from "vitest";
import { heard, type Peer, Stage } from "../../test/stage.ts";

function room(settings = {}) {
  const stage = new Stage(settings);
  return { stage, host: stage.host(), ann: stage.join("ann", { name: "Ann" }), bob: stage.join("bob") };
}

function texts(peer: Peer): unknown[] {
  return heard(peer, "chat").map((chat) => (chat.event === "said" ? chat.message.text : chat.event));
}

test("[RM80] what is said reaches everyone in one order, with its author, and grows by one", () => {
  const { stage, host, ann, bob } = room();
  expect(stage.result(ann, { do: "say", text: "hi" })).toEqual({ of: "say", seq: 1 });
  expect(stage.result(bob, { do: "say", text: "ho", reply: 1, mentions: ["person-ann"] })).toEqual({
    of: "say",
    seq: 2,
  });
  for (const peer of [host, ann, bob]) expect(texts(peer)).toEqual(["hi", "ho"]);
  expect(heard(host, "chat")[0]).toMatchObject({
    n: 1,
    message: { seq: 1, from: { participant: "ann", identity: "person-ann", name: "Ann" }, text: "hi" },
  });
  expect(heard(host, "chat")[1]).toMatchObject({ message: { reply: 1, mentions: ["person-ann"] } });
});

test("[RM80] chat changes no version", () => {
  const { stage, ann } = room();
  const { version } = stage.room.state;
  stage.command(ann, { do: "say", text: "hi" });
  expect(stage.room.state.version).toBe(version);
});

test("[RM81] a message to one person reaches all their devices and the sender's, and nobody else", () => {
  const { stage, host, ann, bob } = room();
  const phone = stage.join("phone", { identity: "person-bob" });
  stage.command(ann, { do: "say", text: "psst", to: "bob" });
  expect([ann, bob, phone].map(texts)).toEqual([["psst"], ["psst"], ["psst"]]);
  expect(texts(host)).toEqual([]);
  expect(stage.result(host, { do: "read", limit: 10 })).toEqual({ of: "read", messages: [], more: false });
  expect(stage.result(bob, { do: "read", limit: 10 })).toMatchObject({ messages: [{ text: "psst" }] });
  expect(stage.command(host, { do: "delete", seq: 1 })).toMatchObject({ code: "not-found" });
  expect(stage.command(ann, { do: "say", text: "psst", to: "nobody" })).toMatchObject({ code: "not-found" });
});

test("[RM82] one's own message may be changed and deleted, another's only deleted by a moderator", () => {
  const { stage, host, ann, bob } = room();
  stage.command(ann, { do: "say", text: "hi" });
  expect(stage.command(bob, { do: "edit", seq: 1, text: "ha" })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(bob, { do: "delete", seq: 1 })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(ann, { do: "edit", seq: 1, text: "hey" })?.type).toBe("ack");
  expect(stage.result(bob, { do: "read", limit: 1 })).toMatchObject({ messages: [{ text: "hey", edited: stage.now }] });
  expect(stage.command(host, { do: "delete", seq: 1 })?.type).toBe("ack");
  expect(texts(bob)).toEqual(["hi", "edited", "deleted"]);
  expect(stage.result(bob, { do: "read", limit: 1 })).toMatchObject({
    messages: [{ seq: 1, text: "", deleted: true }],
  });
  expect(stage.events.at(-1)).toMatchObject({ type: "moderated", did: "delete", who: { identity: "person-ann" } });
  expect(stage.command(ann, { do: "edit", seq: 1, text: "back" })).toMatchObject({ code: "not-found" });
});

test("[RM83] reactions are counted, one of a kind for each person, and taken back", () => {
  const { stage, ann, bob } = room();
  stage.command(ann, { do: "say", text: "hi" });
  stage.command(ann, { do: "react", seq: 1, emoji: "🎉", on: true });
  stage.command(bob, { do: "react", seq: 1, emoji: "🎉", on: true });
  stage.command(bob, { do: "react", seq: 1, emoji: "🎉", on: true });
  expect(heard(ann, "chat").at(-1)).toMatchObject({ event: "reacted", by: "person-bob", on: true, count: 2 });
  stage.command(bob, { do: "react", seq: 1, emoji: "🎉", on: false });
  const reactions = { "🎉": { count: 1, mine: true } };
  expect(stage.result(ann, { do: "read", limit: 1 })).toMatchObject({ messages: [{ reactions }] });
  expect(stage.result(bob, { do: "read", limit: 1 })).toMatchObject({
    messages: [{ reactions: { "🎉": { count: 1, mine: false } } }],
  });
});

test("[RM84] a latecomer reads what was said, newest first, page by page", () => {
  const { stage, ann } = room({ chatBurst: 100 });
  for (let number = 1; number <= 7; number++) stage.command(ann, { do: "say", text: `m${number}` });
  const late = stage.join("late");
  expect(heard(late, "chat")).toEqual([]);
  const first = stage.result(late, { do: "read", limit: 3 });
  expect(first).toMatchObject({ messages: [{ seq: 7 }, { seq: 6 }, { seq: 5 }], more: true });
  expect(stage.result(late, { do: "read", before: 5, limit: 10 })).toMatchObject({
    messages: [{ seq: 4 }, { seq: 3 }, { seq: 2 }, { seq: 1 }],
    more: false,
  });
});

test("[RM84] so many messages are kept, and those that were dropped are gone from the store", () => {
  const { stage, ann } = room({ chatBurst: 100, chatKept: 3 });
  for (let number = 1; number <= 5; number++) stage.command(ann, { do: "say", text: `m${number}` });
  expect(stage.result(ann, { do: "read", limit: 10 })).toMatchObject({
    messages: [{ seq: 5 }, { seq: 4 }, { seq: 3 }],
    more: false,
  });
  expect([...stage.stored.keys()].filter((key) => key.startsWith("chat:"))).toHaveLength(3);
  expect(stage.command(ann, { do: "edit", seq: 2, text: "x" })).toMatchObject({ code: "not-found" });
});

test("[RM85] who writes too fast or too much is refused, and told how long to wait", () => {
  const { stage, ann, bob } = room({ chatBurst: 2, chatRate: 1, chatLength: 5 });
  expect(stage.command(ann, { do: "say", text: "123456" })).toMatchObject({ code: "too-large" });
  stage.command(ann, { do: "say", text: "1" });
  stage.command(ann, { do: "say", text: "2" });
  const hasty = stage.command(ann, { do: "say", text: "3" });
  expect(hasty).toMatchObject({ code: "too-many-requests", retry: true, retryAfter: 1_000 });
  expect(stage.command(bob, { do: "say", text: "3" })?.type).toBe("ack");
  stage.pass(1_000);
  expect(stage.command(ann, { do: "say", text: "3" })?.type).toBe("ack");
});

test("[RM86] chat belongs to its meeting", () => {
  const { stage, host, ann } = room();
  stage.command(ann, { do: "say", text: "old" });
  stage.command(host, { do: "end" });
  const next = stage.join("cid");
  expect(stage.result(next, { do: "read", limit: 10 })).toMatchObject({ messages: [] });
  expect(stage.result(next, { do: "say", text: "new" })).toEqual({ of: "say", seq: 2 });
  expect([...stage.stored.keys()].filter((key) => key.startsWith("chat:"))).toHaveLength(1);
});

test("[RM64] whoever was denied chat by the rules may not write, and may again when they change", () => {
  const { stage, host, ann } = room();
  stage.command(host, { do: "set-rules", rules: { withheld: ["chat"] } });
  expect(stage.command(ann, { do: "say", text: "hi" })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(host, { do: "say", text: "hi" })?.type).toBe("ack");
  stage.command(host, { do: "set-rules", rules: { withheld: [] } });
  expect(stage.command(ann, { do: "say", text: "hi" })?.type).toBe("ack");
});

test("[RM87] flying emoji and relayed data reach those they are for, in order, and are kept nowhere", () => {
  const { stage, host, ann, bob } = room();
  const stored = stage.stored.size;
  stage.command(ann, { do: "emote", emoji: "🎉" });
  stage.command(ann, { do: "relay", topic: "cursor", payload: "1" });
  stage.command(ann, { do: "relay", topic: "cursor", payload: "2", to: ["bob"] });
  expect(heard(host, "emoted")).toEqual([{ type: "emoted", from: "ann", name: "Ann", emoji: "🎉" }]);
  expect(heard(host, "relayed").map(({ payload }) => payload)).toEqual(["1"]);
  expect(heard(bob, "relayed").map(({ payload }) => payload)).toEqual(["1", "2"]);
  expect(stage.command(ann, { do: "relay", topic: "t", payload: "", to: ["bob", "eve"] })).toMatchObject({
    code: "not-found",
  });
  expect(stage.stored.size).toBe(stored);
});

const hour = 3_600_000;

function said(stage: Stage, peer: Peer, limit = 100): string[] {
  const result = stage.result(peer, { do: "read", limit });
  return result?.of === "read" ? result.messages.map(({ text }) => text) : [];
}

test("[RM88] a message is read for as long as is set and no longer, and is deleted soon after", () => {
  const stage = new Stage({ chatFor: 24 * hour, pingInterval: 100 * hour });
  const ann = stage.join("ann");
  for (let time = 0; time < 6; time++) {
    stage.command(ann, { do: "say", text: `hour ${time * 6}` });
    stage.pass(6 * hour);
  }
  // 36 hours have passed: what was said at 0, 6 and 12 is too old.
  expect(said(stage, ann)).toEqual(["hour 30", "hour 24", "hour 18"]);
  expect(stage.command(ann, { do: "edit", seq: 3, text: "late" })).toMatchObject({ code: "not-found" });
  expect(stage.command(ann, { do: "say", text: "re", reply: 2 })).toMatchObject({ code: "not-found" });
  expect(stage.command(ann, { do: "edit", seq: 4, text: "in time" })).toMatchObject({ type: "ack" });
  const stored = () => [...stage.stored.keys()].filter((key) => key.startsWith("chat:")).length;
  expect(stored()).toBeLessThanOrEqual(4);
  stage.pass(25 * hour);
  expect(said(stage, ann)).toEqual([]);
  expect(stored()).toBe(0);
});

test("[RM88] that holds over a restart, and for messages that are no longer in memory", () => {
  const stage = new Stage({ chatFor: 24 * hour, pingInterval: 100 * hour, chatRate: 1_000, chatBurst: 1_000 });
  const ann = stage.join("ann");
  for (let number = 0; number < 300; number++) {
    stage.pass(60_000);
    stage.command(ann, { do: "say", text: `${number}` });
  }
  stage.restart();
  const back = stage.join("ann");
  stage.pass(20 * hour);
  stage.command(back, { do: "say", text: "new" });
  // 25 hours after the first: sixty of them are too old, and a step of an hour at the most is still stored.
  const stored = [...stage.stored.keys()].filter((key) => key.startsWith("chat:")).length;
  expect(stored).toBeGreaterThanOrEqual(240);
  expect(stored).toBeLessThanOrEqual(302);
  stage.pass(5 * hour);
  expect(said(stage, back)).toEqual(["new"]);
  expect([...stage.stored.keys()].filter((key) => key.startsWith("chat:"))).toHaveLength(1);
});
