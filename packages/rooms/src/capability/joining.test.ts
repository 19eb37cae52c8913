import { expect, test } from "vitest";
import { Stage } from "../../test/stage.ts";

test("[RM3] a newcomer gets welcome, then a snapshot that holds them, and no delta before", () => {
  const stage = new Stage();
  stage.join("ann");
  const bob = stage.join("bob");
  expect(bob.received.map((message) => message.type)).toEqual(["welcome", "snapshot"]);
  expect(bob.received[0]).toMatchObject({ participant: "bob", pingInterval: 5_000, grace: 10_000 });
  expect(bob.view?.participants.map(({ id }) => id)).toEqual(["ann", "bob"]);
});

test("[RM2] a joined socket gets deltas, a waiting one does not", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  const waiting = stage.open();
  stage.join("bob");
  expect(ann.received.at(-1)).toMatchObject({ type: "delta", version: 2 });
  expect(waiting.received).toEqual([]);
});

test("[RM10] a socket that says nothing is closed when its time is up", () => {
  const stage = new Stage();
  const silent = stage.open();
  stage.pass(9_999);
  expect(silent.closed).toBeUndefined();
  stage.pass(1);
  expect(silent.received).toMatchObject([{ type: "error", code: "hello-late" }]);
  expect(silent.closed).toBe("hello-late");
});

test("[RM11] a command before the hello is refused and the socket closed", () => {
  const stage = new Stage();
  const eager = stage.open();
  expect(stage.command(eager, { do: "rename", name: "x" })).toMatchObject({ type: "error", code: "hello-first" });
  expect(eager.closed).toBe("hello-first");
});

test("[RM11] a ping or a resync before the hello closes the socket too", () => {
  for (const input of ["ping", "resync"] as const) {
    const stage = new Stage();
    const eager = stage.open();
    stage.play({ input, socket: eager.socket });
    expect(eager.closed).toBe("hello-first");
  }
});

test("[RM11] a hello that was refused outside closes the socket with that reason", () => {
  const stage = new Stage();
  const forged = stage.open();
  const why = { code: "bad-token", message: "no", retry: false } as const;
  stage.play({ input: "rejected", socket: forged.socket, refusal: why });
  expect(forged.received).toMatchObject([{ type: "error", code: "bad-token" }]);
  expect(forged.closed).toBe("bad-token");
});

test("[RM12] a second hello is refused, and the socket stays", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.hello(ann, "bob");
  expect(ann.received.at(-1)).toMatchObject({ type: "error", code: "bad-message" });
  expect(ann.closed).toBeUndefined();
  expect(stage.room.state.participants).toHaveLength(1);
});

test("[RM13] a full room refuses a newcomer and lets a returning member in", () => {
  const stage = new Stage({ participants: 2 });
  const ann = stage.join("ann");
  stage.join("bob");
  const cid = stage.join("cid");
  expect(cid.received).toMatchObject([{ type: "error", code: "room-full", retry: true }]);
  expect(cid.closed).toBe("room-full");
  stage.lose(ann);
  expect(stage.join("dan").closed).toBe("room-full");
  expect(stage.join("ann").closed).toBeUndefined();
});

test("[RM14] only so many sockets may wait for their hello", () => {
  const stage = new Stage({ waiting: 2 });
  const first = stage.open();
  stage.open();
  const third = stage.open();
  expect(third.closed).toBe("too-many-requests");
  stage.hello(first, "ann");
  expect(stage.open().closed).toBeUndefined();
});

test("[RM15] a second socket of a participant replaces the first, without a delta", () => {
  const stage = new Stage();
  const bob = stage.join("bob");
  const old = stage.join("ann");
  const version = stage.room.state.version;
  const heard = bob.received.length;
  const fresh = stage.join("ann");
  expect(old.received.at(-1)).toMatchObject({ type: "error", code: "replaced", retry: false });
  expect(old.closed).toBe("replaced");
  expect(fresh.view).toEqual(stage.room.state);
  expect(stage.room.state.version).toBe(version);
  expect(bob.received).toHaveLength(heard);
});

test("[RM15] what a replaced socket still says changes nothing", () => {
  const stage = new Stage();
  const old = stage.join("ann");
  stage.join("ann");
  const before = stage.room.state;
  expect(stage.command(old, { do: "rename", name: "Old" })).toBeUndefined();
  stage.command(old, { do: "leave" });
  stage.play({ input: "resync", socket: old.socket });
  expect(stage.room.state).toBe(before);
});

test("[RM15] what is said late on the older of two sockets does not replace the newer one", () => {
  const stage = new Stage();
  const old = stage.open();
  const fresh = stage.join("ann");
  const { version } = stage.room.state;
  stage.hello(old, "ann");
  expect(old.closed).toBe("replaced");
  expect(fresh.closed).toBeUndefined();
  expect(stage.command(fresh, { do: "rename", name: "Annie" })).toMatchObject({ type: "ack" });
  expect(stage.room.state.version).toBe(version + 1);
});

test("[RM16] a new name in a token renames, a name from a command outlives a return with the old token", () => {
  const stage = new Stage();
  const ann = stage.join("ann", { name: "Ann" });
  stage.command(ann, { do: "rename", name: "Annie" });
  stage.lose(ann);
  const back = stage.join("ann", { name: "Ann" });
  expect(back.view?.participants[0]?.name).toBe("Annie");
  const renewed = stage.join("ann", { name: "Dr. Ann" });
  expect(renewed.view?.participants[0]?.name).toBe("Dr. Ann");
});

test("[RM5] resync is answered with the state as it is", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.join("bob");
  stage.play({ input: "resync", socket: ann.socket });
  expect(ann.received.at(-1)).toMatchObject({ type: "snapshot", state: stage.room.state });
});

test("[RM3] whoever comes back with another role is welcomed before anything is said of it", () => {
  const stage = new Stage();
  const host = stage.host();
  const ann = stage.join("ann");
  stage.lose(ann);
  const back = stage.join("ann", { role: "listener" });
  expect(back.received.map(({ type }) => type)).toEqual(["welcome", "snapshot"]);
  expect(back.received[0]).toMatchObject({ you: { role: "listener" } });
  expect(host.view?.participants.map(({ id }) => id)).toEqual(["host"]);
});

test("[RM17] a crowd that says hello at once is one version, one delta for the others and one snapshot for itself", () => {
  const stage = new Stage();
  const host = stage.host();
  const { version } = stage.room.state;
  const heard = host.received.length;
  const before = stage.deltas.length;
  const peers = stage.crowd(["ann", "bob", "cid"]);
  expect(stage.room.state.version).toBe(version + 1);
  expect(stage.deltas.slice(before)).toEqual([version + 1]);
  expect(host.received.slice(heard).map(({ type }) => type)).toEqual(["delta"]);
  for (const peer of peers) {
    expect(peer.received.map(({ type }) => type)).toEqual(["welcome", "snapshot"]);
    expect(peer.view).toEqual(stage.room.state);
  }
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["host", "ann", "bob", "cid"]);
});

test("[RM17] in a crowd each is judged by itself, and who comes twice is in by the newer socket", () => {
  const stage = new Stage({ participants: 3 });
  const host = stage.host();
  const [old, ann, bob, cid] = stage.crowd(["ann", "ann", "bob", "cid"]);
  expect(old?.received).toMatchObject([{ type: "error", code: "replaced" }]);
  expect(cid?.received).toMatchObject([{ type: "error", code: "room-full" }]);
  for (const peer of [host, ann, bob]) expect(peer?.view).toEqual(stage.room.state);
  expect(stage.room.state.participants.map(({ id }) => id)).toEqual(["host", "ann", "bob"]);
});

test("[RM5] in a crowd that comes back, whoever knows how far they were is sent what they missed", () => {
  const stage = new Stage();
  const ann = stage.join("ann");
  stage.join("bob");
  stage.lose(ann);
  const resume = { lineage: ann.lineage, version: ann.view?.version ?? 0, chat: ann.chat };
  const [back, other] = [stage.open(), stage.open()];
  const claims = (name: string) => ({ room: "room", participant: name, identity: `person-${name}`, name });
  back.view = ann.view;
  stage.play({
    input: "hellos",
    hellos: [
      { socket: other.socket, claims: claims("cid") },
      { socket: back.socket, claims: claims("ann"), resume },
    ],
  });
  expect(back.received.map(({ type }) => type)).toEqual(["welcome", "delta", "presence"]);
  expect(other.received.map(({ type }) => type)).toEqual(["welcome", "snapshot"]);
  expect(back.view).toEqual(stage.room.state);
});
