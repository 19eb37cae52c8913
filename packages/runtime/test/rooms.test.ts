import { allowing } from "@satsuma/testkit";
import { afterEach, expect, test } from "vitest";
import { type Host, type HostOptions, Member, present, startHost } from "./host.ts";

let host: Host;

async function start(options?: HostOptions): Promise<void> {
  host = await startHost(options);
}

afterEach(() => host.close());

test("everyone sees everyone, with names, tracks and mute state", async () => {
  await start();
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  const session = await ann.session(host, "r");
  const track = { name: "mic", kind: "audio", source: "microphone", session, muted: false } as const;
  expect(await ann.command({ do: "publish", tracks: [track] })).toMatchObject({ type: "ack" });
  expect(await ann.command({ do: "mute", name: "mic", muted: true })).toMatchObject({ type: "ack" });
  await bob.until(() => bob.view?.participants[0]?.tracks[0]?.muted);
  expect(bob.view).toEqual(ann.view);
  const late = await Member.join(host, "r", "Cid");
  expect(late.view?.participants.map(({ name }) => name)).toEqual(["Ann", "Bob", "Cid"]);
  expect(late.view?.participants[0]?.tracks).toEqual([{ ...track, muted: true }]);
});

test("rooms do not hear of each other", async () => {
  await start();
  const ann = await Member.join(host, "one", "Ann");
  const bob = await Member.join(host, "two", "Bob");
  await bob.command({ do: "rename", name: "Bobby" });
  await ann.command({ do: "rename", name: "Annie" });
  expect(ann.view?.participants.map(({ name }) => name)).toEqual(["Annie"]);
  expect(await present(host, "two")).toEqual(["Bobby"]);
});

test("a member who leaves is gone at once, and the socket closes as left", async () => {
  await start();
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  expect(await ann.command({ do: "leave" })).toMatchObject({ type: "ack" });
  expect(await ann.closed).toEqual({ code: 1000, reason: "left" });
  await bob.sees("Ann", "gone");
});

test("a member whose connection dies is recovering, then gone after the grace period", async () => {
  await start({ room: { grace: 150 } });
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  ann.peer.terminate();
  await bob.sees("Ann", "recovering");
  await bob.sees("Ann", "gone");
  expect(bob.received.at(-1)).toMatchObject({ changes: [{ change: "left", why: "timed-out" }] });
});

test("[RM28] a member whose page is closed is gone long before the grace period is over", async () => {
  await start({ room: { leavingGrace: 150, grace: 600_000 } });
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  ann.peer.close(1001);
  await bob.sees("Ann", "recovering");
  await bob.sees("Ann", "gone");
});

test("a member who comes back within the grace period was never gone", async () => {
  await start();
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  ann.peer.terminate();
  await bob.sees("Ann", "recovering");
  const back = await Member.join(host, "r", "Ann", ann.token);
  expect(back.participant).toBe(ann.participant);
  await bob.sees("Ann", "connected");
  const changes = bob.received.flatMap((message) => (message.type === "delta" ? message.changes : []));
  expect(changes.map(({ change }) => change)).toEqual(["connection", "connection"]);
});

test("a reload that shows its old token is the same participant under a new name", async () => {
  await start();
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  const renewed = await host.tokens.issue("r", "Annie", ann.token);
  const back = await Member.join(host, "r", "Annie", renewed.token);
  expect(await ann.closed).toEqual({ code: 4410, reason: "replaced" });
  expect(back.participant).toBe(ann.participant);
  await bob.sees("Annie", "connected");
  expect(bob.view?.participants).toHaveLength(2);
});

test("a member that is replaced hears nothing more, and its late close changes nothing", async () => {
  await start();
  const old = await Member.join(host, "r", "Ann");
  const fresh = await Member.join(host, "r", "Ann", old.token);
  await old.closed;
  const heard = old.received.length;
  await fresh.command({ do: "rename", name: "Still here" });
  expect(old.received).toHaveLength(heard);
  expect(fresh.view?.participants).toMatchObject([{ name: "Still here", connection: "connected" }]);
});

test("a member that asks for it is sent the whole state again", async () => {
  await start();
  const ann = await Member.join(host, "r", "Ann");
  ann.view = undefined;
  ann.send({ type: "resync" });
  const state = await ann.until(() => ann.view);
  expect(state.participants).toMatchObject([{ name: "Ann" }]);
});

test("a member that says nothing for three ping intervals is closed and recovering", async () => {
  await start({ room: { pingInterval: 1_000 } });
  const quiet = await Member.join(host, "r", "Quiet");
  const bob = await Member.join(host, "r", "Bob");
  const pings = setInterval(() => bob.send({ type: "ping" }), 100);
  await bob.sees("Quiet", "recovering");
  clearInterval(pings);
  expect(await quiet.closed).toEqual({ code: 4408, reason: "timed-out" });
  expect(bob.received).toContainEqual({ type: "pong" });
});

test("a meeting ends a moment after its last member has left", async () => {
  await start({ room: { emptyFor: 20 } });
  const ann = await Member.join(host, "r", "Ann");
  await ann.command({ do: "leave" });
  expect(await present(host, "r")).toEqual([]);
  const next = await Member.join(host, "r", "Bob");
  expect(next.view?.participants).toMatchObject([{ name: "Bob" }]);
});

test("stopping tells everyone, and takes less than a second", async () => {
  await start();
  const members = await Promise.all([1, 2, 3].map((number) => Member.join(host, "r", `M${number}`)));
  const started = performance.now();
  await host.close();
  expect(performance.now() - started).toBeLessThan(allowing(1_000));
  for (const member of members) expect(await member.closed).toEqual({ code: 1012, reason: "shutting-down" });
  await start();
});
