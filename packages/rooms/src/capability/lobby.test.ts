import { expect, test } from "vitest";
import { heard, Stage } from "../../test/stage.ts";

function room() {
  const stage = new Stage();
  const host = stage.host();
  stage.command(host, { do: "set-rules", rules: { lobby: true } });
  return { stage, host };
}

test("[RM66] whoever waits sees only that they wait, and moderators see who does", () => {
  const { stage, host } = room();
  const ann = stage.join("ann", { name: "Ann" });
  stage.pass(50);
  expect(ann.received).toEqual([{ type: "waiting", pingInterval: 5_000 }]);
  expect(heard(host, "lobby").at(-1)).toMatchObject({ waiting: [{ id: "ann", name: "Ann" }], count: 1 });
  expect(stage.room.lobby()).toMatchObject([{ id: "ann", identity: "person-ann", since: 1_000_000 }]);
  expect(stage.command(ann, { do: "say", text: "hello?" })).toMatchObject({ code: "not-a-member" });
  expect(stage.room.people().map(({ id }) => id)).toEqual(["host"]);
});

test("[RM66] whoever is admitted is in, with a welcome and a snapshot", () => {
  const { stage, host } = room();
  const ann = stage.join("ann");
  const bob = stage.join("bob");
  expect(stage.command(host, { do: "admit", ids: ["ann"] })?.type).toBe("ack");
  expect(ann.received.map(({ type }) => type)).toEqual(["waiting", "welcome", "snapshot"]);
  expect(ann.view).toEqual(stage.room.state);
  expect(stage.command(host, { do: "admit" })?.type).toBe("ack");
  expect(bob.view).toEqual(stage.room.state);
  stage.pass(50);
  expect(heard(host, "lobby").at(-1)).toMatchObject({ waiting: [], count: 0 });
});

test("[RM1][RM66] many who are admitted at once are one version", () => {
  const { stage, host } = room();
  const peers = ["ann", "bob", "cid"].map((id) => stage.join(id));
  const { version } = stage.room.state;
  stage.command(host, { do: "admit" });
  expect(stage.room.state.version).toBe(version + 1);
  for (const peer of [host, ...peers]) expect(peer.view).toEqual(stage.room.state);
});

test("[RM66] whoever was admitted comes back without asking again, also after a restart", () => {
  const { stage, host } = room();
  const ann = stage.join("ann");
  stage.command(host, { do: "admit", ids: ["ann"] });
  stage.command(ann, { do: "leave" });
  expect(stage.join("ann").view).toBeDefined();
  stage.restart();
  stage.pass(10_000);
  expect(stage.join("ann").view).toBeDefined();
});

test("[RM66] who is turned away is told so and closed", () => {
  const { stage, host } = room();
  const ann = stage.join("ann");
  expect(stage.command(host, { do: "deny", ids: ["ann"] })?.type).toBe("ack");
  expect(ann.closed).toBe("denied");
  expect(stage.command(host, { do: "deny", ids: ["ann"] })).toMatchObject({ code: "not-found" });
});

test("[RM66] moderators see that whoever is banned in front of the door waits no longer", () => {
  const { stage, host } = room();
  const ann = stage.join("ann");
  stage.pass(50);
  expect(heard(host, "lobby").at(-1)).toMatchObject({ count: 1 });
  expect(stage.command(host, { do: "ban", identity: "person-ann" })?.type).toBe("ack");
  expect(ann.closed).toBe("banned");
  stage.pass(50);
  expect(heard(host, "lobby").at(-1)).toMatchObject({ waiting: [], count: 0 });
});

test("[RM66] only moderators admit, and only they are told who waits", () => {
  const { stage, host } = room();
  const ann = stage.join("ann");
  stage.command(host, { do: "admit" });
  stage.join("bob");
  stage.pass(50);
  expect(heard(ann, "lobby")).toEqual([]);
  expect(stage.command(ann, { do: "admit" })).toMatchObject({ code: "not-allowed" });
});

test("[RM66] a host comes in past the lobby, and who was here when it began is no newcomer", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann");
  stage.command(host, { do: "set-rules", rules: { lobby: true } });
  stage.lose(ann);
  stage.pass(10_000);
  expect(stage.join("ann").view).toBeDefined();
  expect(stage.host("second").view).toBeDefined();
});

test("[RM66] so many may wait, and one who is silent waits no longer", () => {
  const stage = new Stage({ knocking: 1 });
  const host = stage.host();
  stage.command(host, { do: "set-rules", rules: { lobby: true } });
  const ann = stage.join("ann");
  expect(stage.join("bob").closed).toBe("room-full");
  const again = stage.join("ann");
  expect(ann.closed).toBe("replaced");
  for (let ping = 0; ping < 3; ping++) {
    stage.pass(5_000);
    stage.play({ input: "ping", socket: host.socket });
  }
  stage.pass(50);
  expect(again.closed).toBe("timed-out");
  expect(heard(host, "lobby").at(-1)).toMatchObject({ count: 0 });
});

test("[RM66] whoever waits and then comes in by a better token waits no longer", () => {
  const { stage, host } = room();
  const waiting = stage.join("ann", { role: "listener" });
  const ann = stage.join("ann", { role: "host" });
  expect(waiting.closed).toBe("replaced");
  expect(stage.room.lobby()).toEqual([]);
  expect(stage.command(ann, { do: "admit" })?.type).toBe("ack");
  expect(stage.command(host, { do: "admit", ids: ["ann"] })).toMatchObject({ code: "not-found" });
});
