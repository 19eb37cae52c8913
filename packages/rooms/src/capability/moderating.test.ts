import { expect, test } from "vitest";
import { camera, grantsOf, heard, microphone, Stage } from "../../test/stage.ts";

function room() {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann");
  stage.bind("ann", "a1");
  stage.command(ann, { do: "publish", tracks: [microphone("a1"), camera("a1")] });
  return { stage, host, ann };
}

test("[RM74] a silenced microphone is muted for everyone, its owner is told first, and may unmute again", () => {
  const { stage, host, ann } = room();
  const before = ann.received.length;
  expect(stage.command(host, { do: "silence", id: "ann" })?.type).toBe("ack");
  expect(ann.received.slice(before).map(({ type }) => type)).toEqual(["notice", "delta"]);
  expect(heard(ann, "notice")[0]).toMatchObject({ notice: "silenced", by: { participant: "host" } });
  expect(host.view?.participants[1]?.tracks).toMatchObject([{ muted: true }, { muted: false }]);
  expect(stage.command(ann, { do: "mute", name: "mic", muted: false })?.type).toBe("ack");
});

test("[RM74] all are silenced at once but those who moderate", () => {
  const { stage, host } = room();
  stage.bind("host", "h1");
  stage.command(host, { do: "publish", tracks: [microphone("h1")] });
  stage.command(host, { do: "silence" });
  expect(host.view?.participants.map(({ tracks }) => tracks[0]?.muted)).toEqual([false, true]);
});

test("[RM75] a stopped camera is unpublished, and ended at the media server", () => {
  const { stage, host, ann } = room();
  expect(stage.command(host, { do: "stop", id: "ann", source: "camera" })?.type).toBe("ack");
  expect(stage.stopped).toEqual(["a1/cam"]);
  expect(host.view?.participants[1]?.tracks.map(({ name }) => name)).toEqual(["mic"]);
  expect(heard(ann, "notice")).toMatchObject([{ notice: "stopped", source: "camera" }]);
});

test("[RM79] a moderator's word that was missed is told to whoever comes back, before the state, and once", () => {
  const { stage, host, ann } = room();
  stage.lose(ann);
  stage.command(host, { do: "silence", id: "ann" });
  stage.command(host, { do: "stop", id: "ann", source: "camera" });
  const back = stage.resume(ann);
  expect(back.received.map(({ type }) => type)).toEqual(["welcome", "notice", "notice", "delta", "presence"]);
  expect(heard(back, "notice")).toMatchObject([{ notice: "silenced" }, { notice: "stopped", source: "camera" }]);
  stage.lose(back);
  expect(heard(stage.resume(back), "notice")).toEqual([]);
});

test("[RM79] so it is after the end of the process, and of a page that knows nothing yet it is not", () => {
  const { stage, host, ann } = room();
  stage.lose(ann);
  stage.command(host, { do: "silence", id: "ann" });
  stage.restart();
  const back = stage.resume(ann);
  expect(heard(back, "notice")).toMatchObject([{ notice: "silenced" }]);
  stage.lose(back);
  expect(heard(stage.join("ann"), "notice")).toEqual([]);
});

test("[RM76] asking to unmute is a notice and no more", () => {
  const { stage, host, ann } = room();
  const { version } = stage.room.state;
  stage.command(host, { do: "ask-unmute", id: "ann" });
  expect(heard(ann, "notice")).toMatchObject([{ notice: "asked-to-unmute" }]);
  expect(stage.room.state.version).toBe(version);
});

test("[RM65] what the rules withhold is taken at once from all but moderators, tracks included", () => {
  const { stage, host, ann } = room();
  stage.command(host, { do: "set-rules", rules: { withheld: ["camera"] } });
  expect(stage.stopped).toEqual(["a1/cam"]);
  expect(grantsOf(ann)).not.toContain("camera");
  expect(grantsOf(host)).toContain("camera");
  expect(stage.command(ann, { do: "publish", tracks: [camera("a1")] })).toMatchObject({ code: "not-allowed" });
});

test("[RM63] a grant taken from one person ends what they send with it, and holds when they come back", () => {
  const { stage, host, ann } = room();
  stage.command(host, { do: "grant", id: "ann", grants: ["microphone", "chat"] });
  expect(stage.stopped).toEqual(["a1/cam"]);
  expect(grantsOf(ann)).toEqual(["microphone", "chat"]);
  stage.command(ann, { do: "leave" });
  expect(grantsOf(stage.join("ann"))).toEqual(["microphone", "chat"]);
});

test.each([
  { do: "silence" },
  { do: "ask-unmute", id: "host" },
  { do: "stop", id: "host", source: "camera" },
  { do: "remove", id: "host" },
  { do: "ban", identity: "person-host" },
  { do: "unban", identity: "person-host" },
  { do: "set-role", id: "ann", role: "host" },
  { do: "grant", id: "ann", grants: ["moderate"] },
  { do: "invite", id: "ann", role: "host" },
  { do: "transfer", id: "ann" },
  { do: "set-rules", rules: { locked: true } },
  { do: "set-passcode", hash: null },
  { do: "admit" },
  { do: "deny" },
  { do: "end" },
  { do: "audit", limit: 1 },
] as const)("[RM73] $do is for moderators", (command) => {
  const { stage, ann } = room();
  expect(stage.command(ann, command)).toMatchObject({ type: "error", code: "not-allowed" });
});

test("[RM77] everything that a moderator does is in the log, newest first, by page", () => {
  const { stage, host } = room();
  stage.command(host, { do: "silence", id: "ann" });
  stage.command(host, { do: "set-rules", rules: { locked: true } });
  expect(stage.result(host, { do: "audit", limit: 2 })).toMatchObject({
    of: "audit",
    events: [
      { type: "moderated", did: "set-rules", by: { participant: "host" }, detail: "locked=true" },
      { type: "moderated", did: "silence", who: { participant: "ann", identity: "person-ann" } },
    ],
    more: true,
  });
  const [, second] = stage.events.toReversed();
  expect(stage.result(host, { do: "audit", before: second?.seq, limit: 100 })).toMatchObject({ more: false });
});

test("[RM78] the server's own API does what a moderator may, and is named in the log", () => {
  const { stage, host, ann } = room();
  expect(stage.order({ do: "stop", id: "ann", source: "camera" })).toMatchObject({ ok: true });
  expect(stage.stopped).toEqual(["a1/cam"]);
  expect(stage.order({ do: "remove", id: "host" })).toMatchObject({ ok: true });
  expect(host.closed).toBe("removed");
  expect(stage.order({ do: "remove", id: "nobody" })).toMatchObject({ ok: false, refusal: { code: "not-found" } });
  expect(stage.order({ do: "say", text: "welcome" })).toMatchObject({ ok: true, result: { of: "say", seq: 1 } });
  expect(heard(ann, "chat")).toMatchObject([{ message: { from: { participant: "server", name: "operator" } } }]);
  expect(stage.order({ do: "audit", limit: 1 })).toMatchObject({
    result: { events: [{ type: "moderated", did: "remove", by: { name: "operator" } }] },
  });
});

test("[RM78] the server says of a participant what others see of them", () => {
  const { stage, host } = room();
  const attributes = { seat: "12" };
  expect(stage.order({ do: "update", id: "ann", name: "Dr. Ann", attributes })).toMatchObject({ ok: true });
  expect(host.view?.participants[1]).toMatchObject({ name: "Dr. Ann", attributes });
  expect(stage.order({ do: "update", id: "nobody", name: "N" })).toMatchObject({ ok: false });
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`k${number}`, "v"]));
  expect(stage.order({ do: "update", id: "ann", name: "Ann", attributes: many })).toMatchObject({
    refusal: { code: "limit-reached" },
  });
  expect(host.view?.participants[1]).toMatchObject({ name: "Dr. Ann" });
});
