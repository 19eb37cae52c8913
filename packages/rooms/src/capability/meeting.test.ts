import { expect, test } from "vitest";
import { Stage } from "../../test/stage.ts";

test("[RM91] a meeting begins with its first member and has an id of its own", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const { meeting } = stage.room.state;
  expect(meeting).toMatchObject({ startedAt: stage.now });
  expect(stage.events.map(({ type }) => type)).toEqual(["room-started", "participant-joined"]);
  stage.command(ann, { do: "leave" });
  stage.pass(14_999);
  stage.join("bob");
  expect(stage.room.state.meeting).toEqual(meeting);
});

test("[RM92] a meeting that was left by all is over after a while, with its peak and how many came", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const bob = stage.join("bob", { role: "listener" });
  const startedAt = stage.now;
  stage.command(ann, { do: "leave" });
  stage.command(stage.join("ann"), { do: "leave" });
  stage.command(bob, { do: "leave" });
  stage.pass(15_000);
  expect(stage.events.at(-1)).toMatchObject({ type: "room-ended", why: "empty", startedAt, peak: 2, joins: 3 });
  const first = stage.room.state.meeting;
  stage.join("cid");
  expect(first).toBeNull();
  expect(new Set(stage.events.map(({ meeting }) => meeting)).size).toBe(2);
});

test("[RM93] a host ends the meeting for all: everyone is told and closed, the host has the ack first", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann");
  stage.bind("ann", "a1");
  stage.command(host, { do: "set-rules", rules: { lobby: true } });
  const waiting = stage.join("eve");
  expect(stage.command(host, { do: "end" })?.type).toBe("ack");
  for (const peer of [host, ann, waiting]) {
    expect(peer.received.at(-1)).toMatchObject({ type: "error", code: "ended", retry: false });
    expect(peer.closed).toBe("ended");
  }
  expect(stage.released).toEqual(["a1"]);
  expect(stage.ended).toBe(1);
  expect(stage.events.at(-1)).toMatchObject({ type: "room-ended", why: "ended", by: { participant: "host" } });
});

test("[RM94] a meeting ends on time, and in a room that is kept nobody begins it again", () => {
  const stage = new Stage();
  stage.order({ do: "keep", kept: true });
  const host = stage.host();
  expect(stage.command(host, { do: "set-rules", rules: { endsAt: stage.now } })).toMatchObject({ code: "bad-message" });
  stage.command(host, { do: "set-rules", rules: { endsAt: stage.now + 7_000 } });
  stage.pass(7_000);
  expect(host.closed).toBe("ended");
  expect(stage.events.at(-1)).toMatchObject({ type: "room-ended", why: "schedule" });
  expect(stage.join("late").closed).toBe("ended");
  stage.order({ do: "set-rules", rules: { endsAt: null } });
  expect(stage.join("late").closed).toBeUndefined();
});

test("[RM95] rules go with the meeting, unless the room was made to be kept", () => {
  const stage = new Stage();
  stage.command(stage.host(), { do: "set-rules", rules: { locked: true } });
  stage.order({ do: "end" });
  expect(stage.room.state.rules.locked).toBe(false);
  stage.order({ do: "keep", kept: true });
  stage.order({ do: "set-passcode", hash: "h" });
  stage.order({ do: "set-rules", rules: { lobby: true } });
  stage.restart();
  const host = stage.host();
  expect(host.view?.rules).toMatchObject({ lobby: true, passcode: true });
  stage.command(host, { do: "end" });
  expect(stage.room.state.rules).toMatchObject({ lobby: true, passcode: true });
  expect(stage.room.passcode).toBe("h");
});

test("[RM95] a room that nobody is in takes orders, and none that need a meeting", () => {
  const stage = new Stage();
  expect(stage.order({ do: "set-rules", rules: { most: 5 } })).toMatchObject({ ok: true });
  expect(stage.ended).toBe(1);
  expect(stage.order({ do: "say", text: "hi" })).toMatchObject({ ok: false, refusal: { code: "not-found" } });
});

test("[RM96] recording is seen by everyone, and logged", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.command(ann, { do: "record", on: true });
  stage.command(ann, { do: "record", on: true });
  expect(stage.join("bob").view?.recording).toBe(stage.now);
  stage.command(ann, { do: "record", on: false });
  const logged = stage.events.filter(({ type }) => type.startsWith("recording"));
  expect(logged.map(({ type }) => type)).toEqual(["recording-started", "recording-stopped"]);
});

test("[RM90] the log tells who came and left, how long they stayed, and what they sent", () => {
  const stage = new Stage();
  stage.host();
  const ann = stage.join("ann");
  stage.bind("ann", "a1");
  const track = { name: "mic", kind: "audio", source: "microphone", session: "a1", muted: false } as const;
  stage.command(ann, { do: "publish", tracks: [track] });
  stage.pass(4_000);
  stage.command(ann, { do: "leave" });
  expect(stage.events.slice(-4)).toMatchObject([
    { type: "participant-joined", who: { participant: "ann" }, role: "speaker" },
    { type: "track-published", track: "mic", source: "microphone" },
    { type: "track-unpublished", track: "mic" },
    { type: "participant-left", why: "left", stayed: 4_000 },
  ]);
});

test("[RM90] so many events are kept", () => {
  const stage = new Stage({ eventsKept: 3 });
  const ann = stage.join("ann");
  for (const name of ["a", "b", "c"]) stage.command(ann, { do: "rename", name });
  expect([...stage.stored.keys()].filter((key) => key.startsWith("event:"))).toHaveLength(3);
});
