import { expect, test } from "vitest";
import { Stage } from "../../test/stage.ts";

test("[RM67] a locked room takes no newcomer, and takes back who was here", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann");
  stage.command(host, { do: "set-rules", rules: { locked: true } });
  expect(stage.join("bob").closed).toBe("locked");
  stage.lose(ann);
  stage.pass(10_000);
  expect(stage.join("ann").closed).toBeUndefined();
  expect(stage.host("second").closed).toBeUndefined();
});

test("[RM68] a room with a passcode asks for it, and compares with the newest one only", () => {
  const stage = new Stage();
  const host = stage.host();
  stage.command(host, { do: "set-passcode", hash: "h1" });
  expect(stage.room.passcode).toBe("h1");
  expect(host.view?.rules.passcode).toBe(true);
  expect(stage.join("ann").closed).toBe("passcode-needed");
  expect(stage.join("ann", {}, { passcode: { hash: "h1", right: false } }).closed).toBe("wrong-passcode");
  expect(stage.join("ann", {}, { passcode: { hash: "h0", right: true } }).closed).toBe("passcode-needed");
  expect(stage.join("ann", {}, { passcode: { hash: "h1", right: true } }).view).toBeDefined();
  stage.command(host, { do: "set-passcode", hash: null });
  expect(stage.join("bob").view).toBeDefined();
});

test("[RM68] wrong passcodes are counted over all who try, and the right one waits with them", () => {
  const stage = new Stage({ passcodeTries: 2 });
  stage.command(stage.host(), { do: "set-passcode", hash: "h1" });
  const guess = (right: boolean) => stage.join("ann", {}, { passcode: { hash: "h1", right } });
  guess(false);
  guess(false);
  const third = guess(true);
  expect(third.received).toMatchObject([{ code: "too-many-requests", retryAfter: 30_000 }]);
  stage.pass(30_000);
  expect(guess(true).view).toBeDefined();
});

test("[RM13] a room takes no more members than its rules say, and no more on stage than the server does", () => {
  const stage = new Stage({ participants: 2 });
  const host = stage.host();
  stage.join("ann");
  expect(stage.join("bob").closed).toBe("room-full");
  expect(stage.join("bob", { role: "listener" }).view).toBeDefined();
  stage.command(host, { do: "set-rules", rules: { most: 3 } });
  expect(stage.join("cid", { role: "listener" }).closed).toBe("room-full");
});

test("[RM13] nobody gets on a full stage, neither by a moderator's word nor by a newer token", () => {
  const stage = new Stage({ participants: 1 });
  const host = stage.host();
  const ann = stage.join("ann", { role: "listener" });
  expect(stage.command(host, { do: "set-role", id: "ann", role: "speaker" })).toMatchObject({ code: "room-full" });
  stage.lose(ann);
  stage.join("ann", { role: "speaker" });
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["host"]);
});

test("[RM66] of so many who were let in the first one is forgotten, and has to ask again", () => {
  const stage = new Stage({ acquainted: 2 });
  const host = stage.host();
  stage.command(host, { do: "set-rules", rules: { lobby: true } });
  for (const id of ["ann", "bob"]) {
    stage.join(id);
    stage.command(host, { do: "admit" });
  }
  for (const id of ["ann", "bob"]) stage.command(stage.join(id), { do: "leave" });
  expect(stage.join("ann").view).toBeDefined();
  expect([...stage.stored.keys()].filter((key) => key.startsWith("person:"))).toHaveLength(2);
});
