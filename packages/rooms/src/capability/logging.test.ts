import { expect, test } from "vitest";
import { microphone, type Peer, Stage } from "../../test/stage.ts";
import { newRoomData } from "../data.ts";
import { defaultRoomSettings } from "../settings.ts";
import { Turn } from "../turn.ts";
import { countEvents } from "./logging.ts";

const eventsIn = (stage: Stage) => [...stage.stored.keys()].filter((key) => key.startsWith("event:")).sort();
const deedsIn = (stage: Stage, host: Peer) => {
  const result = stage.result(host, { do: "audit", limit: 100 });
  if (result?.of !== "audit") throw new Error("not the log");
  return result.events.filter(({ type }) => type === "moderated").map(({ seq }) => seq);
};

test("[RM97] what a moderator did stays in the log, however much others do after it", () => {
  const stage = new Stage({ eventsKept: 5 });
  const host = stage.host();
  const ann = stage.join("ann");
  stage.command(host, { do: "silence", id: "ann" });
  const done = deedsIn(stage, host);
  expect(done).toHaveLength(1);
  for (let round = 0; round < 20; round++) stage.command(ann, { do: "rename", name: `ann ${round}` });
  expect(deedsIn(stage, host)).toEqual(done);
  expect(eventsIn(stage)).toHaveLength(6);
  stage.restart();
  const back = stage.host();
  const again = stage.join("ann");
  for (let round = 0; round < 20; round++) stage.command(again, { do: "rename", name: `bob ${round}` });
  expect(deedsIn(stage, back)).toEqual(done);
  expect(stage.result(back, { do: "audit", before: done[0], limit: 5 })).toEqual({
    of: "audit",
    events: [],
    more: false,
  });
});

test("[RM97] of what moderators did so much is kept beyond the newest events, and the oldest goes first", () => {
  const stage = new Stage({ eventsKept: 4, deedsKept: 2 });
  const host = stage.host();
  const ann = stage.join("ann");
  for (let round = 0; round < 3; round++) {
    stage.command(host, { do: "silence", id: "ann" });
    for (let times = 0; times < 5; times++) stage.command(ann, { do: "rename", name: `ann ${round} ${times}` });
  }
  const silences = stage.events.filter(({ type }) => type === "moderated").map(({ seq }) => seq);
  expect(deedsIn(stage, host)).toEqual(silences.slice(1).reverse());
  for (let round = 0; round < 5; round++) stage.command(host, { do: "silence", id: "ann" });
  for (let times = 0; times < 8; times++) stage.command(ann, { do: "rename", name: `ann ${times}` });
  expect(deedsIn(stage, host)).toHaveLength(2);
  expect(eventsIn(stage)).toHaveLength(6);
});

test("[RM97] a log from before moderation was kept for longer goes on as it was", () => {
  const stage = new Stage({ eventsKept: 3 });
  const host = stage.host();
  stage.command(host, { do: "silence" });
  stage.stored.delete("deeds");
  stage.restart();
  const ann = stage.join("ann");
  for (let round = 0; round < 5; round++) stage.command(ann, { do: "rename", name: `ann ${round}` });
  expect(eventsIn(stage)).toHaveLength(3);
});

test("[RM97] who may record and does not moderate pushes out nothing that a moderator did", () => {
  const stage = new Stage({ eventsKept: 5, deedsKept: 2 });
  const host = stage.host();
  const ann = stage.join("ann", { grants: ["record"] });
  stage.command(host, { do: "silence", id: "ann" });
  const done = deedsIn(stage, host);
  for (let round = 0; round < 20; round++) stage.command(ann, { do: "record", on: round % 2 === 0 });
  expect(deedsIn(stage, host)).toEqual(done);
});

test("[RM98] what one person does makes so many events and no more, and what ends is never refused", () => {
  const stage = new Stage();
  stage.host();
  const ann = stage.join("ann");
  stage.bind("ann", "a1");
  const before = stage.events.length;
  const refusals: unknown[] = [];
  // A minute of ten commands a second.
  for (let time = 0; time < 300; time++) {
    const tracks = Array.from({ length: 16 }, (_, track) => microphone("a1", `m${time}-${track}`));
    const answer = stage.command(ann, { do: "publish", tracks });
    if (answer?.type === "error") refusals.push(answer);
    else {
      const names = tracks.map(({ name }) => name);
      expect(stage.command(ann, { do: "unpublish", names })).toMatchObject({ type: "ack" });
    }
    stage.pass(200);
  }
  expect(stage.events.length - before).toBeLessThanOrEqual(240 + 60 * 2);
  expect(refusals[0]).toMatchObject({ code: "too-many-requests", retry: true, retryAfter: expect.any(Number) });
  expect(ann.closed).toBeUndefined();
});

test("[RM98] who is told when to come again is heard then, not before", () => {
  const stage = new Stage({ eventRate: 1, eventBurst: 4 });
  const ann = stage.join("ann");
  stage.bind("ann", "a1");
  stage.command(ann, { do: "publish", tracks: [microphone("a1")] });
  // The same in another session, and what changes nothing, are no events.
  stage.bind("ann", "a2");
  expect(stage.command(ann, { do: "publish", tracks: [microphone("a2")] })).toMatchObject({ type: "ack" });
  expect(stage.command(ann, { do: "rename", name: "ann" })).toMatchObject({ type: "ack" });
  expect(stage.command(ann, { do: "rename", name: "Ann" })).toMatchObject({ retryAfter: 1_000 });
  stage.pass(999);
  expect(stage.command(ann, { do: "rename", name: "Ann" })).toMatchObject({ code: "too-many-requests" });
  stage.pass(1);
  expect(stage.command(ann, { do: "rename", name: "Ann" })).toMatchObject({ type: "ack" });
});

test("[RM98] leaving and coming again gives nobody more, and nor does another device; others are not held up", () => {
  const stage = new Stage({ eventBurst: 6 });
  stage.host();
  for (let time = 0; time < 2; time++) stage.command(stage.join("ann"), { do: "leave" });
  const ann = stage.join("ann");
  const tablet = stage.join("tablet", { identity: "person-ann" });
  expect(tablet.closed).toBe("too-many-requests");
  expect(tablet.received).toMatchObject([{ retry: true, retryAfter: 1_000 }]);
  expect(stage.join("bob").view).toBeDefined();
  // Whoever is here and only lost the socket is taken back.
  stage.lose(ann);
  expect(stage.resume(ann).closed).toBeUndefined();
  stage.pass(1_000);
  expect(stage.join("tablet", { identity: "person-ann" }).view).toBeDefined();
});

test("[RM98] a page that rebuilds its connection with all its tracks, six times at once, is not held up", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  for (let time = 0; time < 7; time++) {
    stage.bind("ann", `a${time}`);
    const tracks = Array.from({ length: 16 }, (_, track) => microphone(`a${time}`, `m${time}-${track}`));
    expect(stage.command(ann, { do: "publish", tracks })).toMatchObject({ type: "ack" });
    expect(stage.command(ann, { do: "unpublish", names: tracks.map(({ name }) => name) })).toMatchObject({
      type: "ack",
    });
  }
});

test("[RM98] what is remembered of those who wrote is forgotten when it says nothing any more", () => {
  const data = newRoomData("life");
  const settings = { ...defaultRoomSettings, eventRate: 2, eventBurst: 4, acquainted: 10 };
  const write = (person: number, now: number) => countEvents(new Turn(data, settings, now), `p${person}`, 1);
  for (let person = 0; person < 8; person++) write(person, 1_000 * person);
  expect([...data.logged.keys()]).toEqual(["p6", "p7"]);
  for (let person = 0; person < 50; person++) write(person, 10_000);
  expect(data.logged.size).toBe(10);
});
