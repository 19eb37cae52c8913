import { expect, test } from "vitest";
import { camera, grantsOf, heard, microphone, Stage } from "../../test/stage.ts";

function webinar() {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann", { role: "listener" });
  stage.bind("ann", "a1");
  return { stage, host, ann };
}

test("[RM60] a listener is counted and not listed, and may not publish", () => {
  const { stage, host, ann } = webinar();
  stage.pass(500);
  expect(host.view?.participants.map(({ id }) => id)).toEqual(["host"]);
  expect(host.presence?.audience).toBe(1);
  expect(grantsOf(ann)).not.toContain("microphone");
  const answer = stage.command(ann, { do: "publish", tracks: [microphone("a1")] });
  expect(answer).toMatchObject({ type: "error", code: "not-allowed" });
});

test("[RM61] whoever is let on stage is told at once what they may do, and everyone sees them", () => {
  const { stage, host, ann } = webinar();
  expect(stage.command(ann, { do: "raise" })?.type).toBe("ack");
  expect(host.view?.hands).toMatchObject([{ id: "ann" }]);
  expect(stage.command(host, { do: "set-role", id: "ann", role: "speaker" })?.type).toBe("ack");
  expect(host.view?.participants.at(-1)).toMatchObject({ id: "ann", role: "speaker" });
  expect(host.view?.hands).toEqual([]);
  expect(grantsOf(ann)).toContain("camera");
  expect(stage.command(ann, { do: "publish", tracks: [camera("a1")] })?.type).toBe("ack");
  stage.pass(500);
  expect(host.presence?.audience).toBe(0);
});

test("[RM62] whoever goes back to the audience sends nothing any more, and keeps listening", () => {
  const { stage, host, ann } = webinar();
  stage.command(host, { do: "set-role", id: "ann", role: "speaker" });
  stage.command(ann, { do: "publish", tracks: [camera("a1")] });
  stage.command(host, { do: "set-role", id: "ann", role: "listener" });
  expect(stage.stopped).toEqual(["a1/cam"]);
  expect(stage.released).toEqual([]);
  expect(heard(host, "delta").at(-1)?.changes.at(-1)).toEqual({ change: "left", id: "ann", why: "demoted" });
  expect(stage.command(ann, { do: "publish", tracks: [camera("a1")] })).toMatchObject({ code: "not-allowed" });
});

test("[RM61] a role that was offered may be taken, and one that was not may not", () => {
  const { stage, host, ann } = webinar();
  expect(stage.command(ann, { do: "accept" })).toMatchObject({ code: "not-found" });
  stage.command(host, { do: "invite", id: "ann", role: "speaker" });
  expect(heard(ann, "you").at(-1)?.you.invited).toBe("speaker");
  expect(stage.command(ann, { do: "accept" })?.type).toBe("ack");
  expect(host.view?.participants.at(-1)).toMatchObject({ id: "ann" });
  expect(stage.command(ann, { do: "accept" })).toMatchObject({ code: "not-found" });
});

test("[RM63] a role given holds for the meeting, whatever the old token says, and a newer token says otherwise", () => {
  const { stage, host, ann } = webinar();
  stage.command(host, { do: "set-role", id: "ann", role: "speaker" });
  stage.command(ann, { do: "leave" });
  const again = stage.join("ann", { role: "listener" });
  expect(grantsOf(again)).toContain("camera");
  stage.lose(again);
  stage.join("ann", { role: "host" });
  expect(host.view?.participants.at(-1)).toMatchObject({ id: "ann", role: "host" });
});

test("[RM61] nobody who merely moderates makes a host or a moderator, of themselves least of all", () => {
  const { stage, host } = webinar();
  const bob = stage.join("bob");
  stage.command(host, { do: "grant", id: "bob", grants: ["moderate"] });
  for (const id of ["ann", "bob"]) {
    expect(stage.command(bob, { do: "set-role", id, role: "host" })).toMatchObject({ code: "not-allowed" });
    expect(stage.command(bob, { do: "invite", id, role: "host" })).toMatchObject({ code: "not-allowed" });
    expect(stage.command(bob, { do: "grant", id, grants: ["moderate"] })).toMatchObject({ code: "not-allowed" });
  }
  expect(stage.command(bob, { do: "set-role", id: "ann", role: "speaker" })?.type).toBe("ack");
});

test("[RM63] being host is handed on, and the one who was is a speaker", () => {
  const { stage, host } = webinar();
  const bob = stage.join("bob");
  expect(stage.command(host, { do: "transfer", id: "bob" })?.type).toBe("ack");
  expect(bob.view?.participants.map(({ role }) => role)).toEqual(["speaker", "host"]);
  expect(grantsOf(bob)).toContain("moderate");
  expect(stage.command(host, { do: "end" })).toMatchObject({ code: "not-allowed" });
});

test("[RM69] hands stand in the order of raising, are lowered by their owner or a moderator, and go with who leaves", () => {
  const { stage, host, ann } = webinar();
  const bob = stage.join("bob");
  for (const peer of [bob, ann, bob]) stage.command(peer, { do: "raise" });
  expect(host.view?.hands.map(({ id }) => id)).toEqual(["bob", "ann"]);
  stage.command(ann, { do: "rename", name: "Annie" });
  expect(host.view?.hands[1]).toMatchObject({ name: "Annie" });
  expect(stage.command(ann, { do: "lower", id: "bob" })).toMatchObject({ code: "not-allowed" });
  stage.command(host, { do: "lower", id: "bob" });
  stage.command(ann, { do: "leave" });
  expect(host.view?.hands).toEqual([]);
});

test("[RM60] listeners are told by name only by the page, in the order of joining", () => {
  const { stage, host } = webinar();
  for (const id of ["bob", "cid"]) stage.join(id, { role: "listener" });
  const first = stage.result(host, { do: "list-audience", limit: 2 });
  expect(first).toMatchObject({ people: [{ id: "ann" }, { id: "bob" }], more: true });
  expect(stage.result(host, { do: "list-audience", after: "bob", limit: 2 })).toMatchObject({
    people: [{ id: "cid" }],
    more: false,
  });
});

test("[RM60] what listeners do among themselves is no delta for anybody", () => {
  const { stage, host, ann } = webinar();
  const { version } = stage.room.state;
  const bob = stage.join("bob", { role: "listener" });
  stage.command(bob, { do: "rename", name: "Bobby" });
  stage.lose(bob);
  stage.pass(10_000);
  expect(stage.room.state.version).toBe(version);
  expect(heard(host, "delta").filter(({ version: after }) => after > version)).toEqual([]);
  expect(ann.view).toEqual(stage.room.state);
});

test("[RM46] who may not publish pushes nothing, and who may not receive pulls nothing", () => {
  const { stage, host } = webinar();
  const push = { location: "local", mid: "0", trackName: "cam" } as const;
  const ask = () => stage.room.authorize("ann", { do: "tracks", session: "a1", body: { tracks: [push] } }, stage.now);
  expect(ask()).toMatchObject({ refusal: { code: "not-allowed" } });
  stage.command(host, { do: "set-role", id: "ann", role: "speaker" });
  expect(ask()).toMatchObject({ verdict: "allowed" });
  stage.command(host, { do: "grant", id: "ann", grants: ["chat"] });
  const pull = { location: "remote", sessionId: "h1", trackName: "cam" } as const;
  expect(
    stage.room.authorize("ann", { do: "tracks", session: "a1", body: { tracks: [pull] } }, stage.now),
  ).toMatchObject({ refusal: { code: "not-allowed" } });
});

test("[RM13] whoever goes back to a full audience is let in there, and takes the room of a newcomer", () => {
  const stage = new Stage({ participants: 2, listeners: 1 });
  const host = stage.host();
  stage.join("ann");
  stage.join("lis", { role: "listener" });
  expect(stage.command(host, { do: "set-role", id: "ann", role: "listener" })?.type).toBe("ack");
  expect(stage.join("bob").closed).toBe("room-full");
  stage.command(host, { do: "remove", id: "lis" });
  expect(stage.join("bob").closed).toBeUndefined();
});

test("[RM13] a host does not hand on to a listener for whom the stage has no room", () => {
  const stage = new Stage({ participants: 2 });
  const host = stage.host();
  stage.join("ann");
  stage.join("lis", { role: "listener" });
  expect(stage.command(host, { do: "transfer", id: "lis" })).toMatchObject({ code: "room-full" });
  expect(stage.command(host, { do: "transfer", id: "ann" })?.type).toBe("ack");
});
