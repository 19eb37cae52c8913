import { expect, test } from "vitest";
import { Stage } from "../../test/stage.ts";

function room() {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann", { issuedAt: stage.now });
  stage.bind("ann", "a1");
  return { stage, host, ann };
}

test("[RM70] whoever is removed is out at once on all devices, and their token with them", () => {
  const { stage, host, ann } = room();
  const phone = stage.join("phone", { identity: "person-ann" });
  const issuedAt = stage.now;
  stage.pass(1_000);
  expect(stage.command(host, { do: "remove", id: "ann" })?.type).toBe("ack");
  expect([ann.closed, phone.closed]).toEqual(["removed", "removed"]);
  expect(stage.released).toEqual(["a1"]);
  expect(host.view?.participants.map(({ id }) => id)).toEqual(["host"]);
  expect(stage.join("ann", { issuedAt }).closed).toBe("revoked");
  expect(stage.join("phone", { identity: "person-ann", issuedAt }).closed).toBe("revoked");
  expect(stage.room.authorize("ann", { do: "inspect", session: "a1" }, stage.now)).toMatchObject({
    refusal: { code: "not-a-member" },
  });
});

test("[RM70] a token from after the removal lets them in as a newcomer", () => {
  const { stage, host } = room();
  stage.command(host, { do: "set-role", id: "ann", role: "host" });
  stage.command(host, { do: "remove", id: "ann" });
  stage.pass(1_000);
  const back = stage.join("ann", { issuedAt: stage.now });
  expect(back.view?.participants.at(-1)).toMatchObject({ id: "ann", role: "speaker" });
});

test("[RM71] a ban outlives tokens, the meeting and the process", () => {
  const { stage, host, ann } = room();
  stage.command(host, { do: "ban", identity: "person-ann" });
  expect(ann.closed).toBe("banned");
  stage.command(host, { do: "end" });
  stage.restart();
  stage.pass(60_000);
  expect(stage.join("ann", { issuedAt: stage.now }).closed).toBe("banned");
  expect(stage.order({ do: "unban", identity: "person-ann" })).toMatchObject({ ok: true });
  expect(stage.join("ann", { issuedAt: stage.now }).view).toBeDefined();
});

test("[RM71] who waits in the lobby is reached by a ban as well", () => {
  const { stage, host } = room();
  stage.command(host, { do: "set-rules", rules: { lobby: true } });
  const eve = stage.join("eve");
  stage.command(host, { do: "ban", identity: "person-eve" });
  expect(eve.closed).toBe("banned");
});

test("[RM72] the server revokes tokens of a person, or of one participant", () => {
  const { stage, ann } = room();
  const phone = stage.join("phone", { identity: "person-ann", issuedAt: stage.now });
  stage.order({ do: "revoke", participant: "ann", before: stage.now });
  expect([ann.closed, phone.closed]).toEqual(["revoked", undefined]);
  stage.order({ do: "revoke", identity: "person-ann", before: stage.now });
  expect(phone.closed).toBe("revoked");
  stage.restart();
  expect(stage.join("phone", { identity: "person-ann", issuedAt: stage.now }).closed).toBe("revoked");
});

test("[RM73] only a host acts on somebody who moderates, and nobody puts themselves out", () => {
  const { stage, host, ann } = room();
  stage.command(host, { do: "grant", id: "ann", grants: ["chat", "moderate"] });
  expect(stage.command(ann, { do: "remove", id: "host" })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(ann, { do: "ban", identity: "person-host" })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(host, { do: "remove", id: "host" })).toMatchObject({ code: "not-allowed" });
  expect(stage.command(host, { do: "remove", id: "ann" })?.type).toBe("ack");
});

test("[RM71] so many bans are remembered, and no more are made", () => {
  const stage = new Stage({ remembered: 1 });
  const host = stage.host();
  expect(stage.command(host, { do: "ban", identity: "a" })?.type).toBe("ack");
  expect(stage.command(host, { do: "ban", identity: "b" })).toMatchObject({ code: "limit-reached" });
});

test("[RM71] moderators read who is banned, a page at a time, also when all of it happened before", () => {
  const { stage, host, ann } = room();
  for (const identity of ["d", "b", "a", "c"]) stage.command(host, { do: "ban", identity });
  stage.command(host, { do: "unban", identity: "b" });
  stage.restart();
  const back = stage.host();
  const page = (after?: string) => stage.result(back, { do: "list-bans", limit: 2, after });
  const ban = (identity: string) => ({ identity, at: 1_000_000, by: "host" });
  expect(page()).toEqual({ of: "list-bans", bans: [ban("a"), ban("c")], more: true });
  expect(page("c")).toEqual({ of: "list-bans", bans: [ban("d")], more: false });
  expect(stage.order({ do: "list-bans", limit: 10 })).toMatchObject({ ok: true, result: { more: false } });
  expect(ann.closed).toBeUndefined();
  expect(stage.command(stage.join("ann"), { do: "list-bans", limit: 2 })).toMatchObject({ code: "not-allowed" });
});
