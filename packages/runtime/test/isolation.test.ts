import { type Input, Room } from "@satsuma/rooms";
import { afterEach, expect, test, vi } from "vitest";
import { type Host, Member, startHost } from "./host.ts";

let host: Host;
afterEach(() => {
  vi.restoreAllMocks();
  return host.close();
});

/** Gives the room core a bug: one name makes it throw. */
function breakOn(name: string): void {
  const { handle } = Room.prototype;
  vi.spyOn(Room.prototype, "handle").mockImplementation(function (this: Room, input: Input, now: number) {
    const fatal = input.input === "command" && input.command.do === "rename" && input.command.name === name;
    if (fatal) throw new Error("a bug");
    return handle.call(this, input, now);
  });
}

test("[F8] a room that fails closes its sockets and begins anew with everybody in it; other rooms notice nothing", async () => {
  host = await startHost();
  breakOn("boom");
  const ann = await Member.join(host, "fragile", "Ann");
  const bob = await Member.join(host, "fragile", "Bob");
  const cid = await Member.join(host, "other", "Cid");
  const heard = cid.received.length;
  const session = await bob.session(host, "fragile");
  const track = { name: "mic", kind: "audio", source: "microphone", session, muted: false } as const;
  await bob.command({ do: "publish", tracks: [track] });

  ann.send({ type: "command", id: 1, command: { do: "rename", name: "boom" } });
  expect(await ann.closed).toEqual({ code: 1011, reason: "internal" });
  expect(await bob.closed).toEqual({ code: 1011, reason: "internal" });
  expect(host.logged).toMatchObject([{ event: "room failed", fields: { room: "fragile" } }]);
  expect(cid.received).toHaveLength(heard);
  expect(await cid.command({ do: "rename", name: "Fine" })).toMatchObject({ type: "ack" });

  const back = await Member.join(host, "fragile", "Bob", bob.token);
  expect(back.view?.participants).toMatchObject([
    { id: ann.participant, connection: "recovering" },
    { id: bob.participant, connection: "connected", tracks: [track] },
  ]);
});

test("a reader that does not read is closed, and the others are served all the while", async () => {
  host = await startHost({
    room: { messageBurst: 1_000_000, mediaBurst: 1_000 },
    sockets: { waitingBytes: 65_536 },
  });
  const ann = await Member.join(host, "r", "Ann");
  const slow = await Member.join(host, "r", "Slow");
  const session = await ann.session(host, "r");
  const tracks = Array.from({ length: 16 }, (_, number) => {
    const name = `${number}`.padEnd(128, "x");
    return { name, kind: "audio", source: "microphone", session, muted: false } as const;
  });
  await ann.command({ do: "publish", tracks });

  slow.peer.pause();
  // Each answer is 4 kB; the kernel takes some megabytes before anything has to wait in the process.
  for (let count = 0; count < 5_000; count++) slow.send({ type: "resync" });
  const seen = ann.sees("Slow", "recovering");
  let served = 0;
  for (let done = false; !done; served++) {
    done = await Promise.race([
      seen.then(() => true),
      ann.command({ do: "mute", name: tracks[0]?.name ?? "", muted: served % 2 === 0 }).then(() => false),
    ]);
  }
  expect(served).toBeGreaterThan(0);
  slow.peer.resume();
  expect(await slow.closed).toEqual({ code: 4408, reason: "too-slow" });
});

test("a reader that falls behind is spared deltas, and sent the whole state when it has caught up", async () => {
  host = await startHost({
    room: { messageRate: 1_000_000, messageBurst: 1_000_000 },
    sockets: { waitingBytes: 524_288, behindMs: 60_000 },
  });
  const ann = await Member.join(host, "r", "Ann");
  const slow = await Member.join(host, "r", "Slow");
  const session = await ann.session(host, "r");
  const tracks = Array.from({ length: 16 }, (_, number) => {
    const name = `${number}`.padEnd(128, "x");
    return { name, kind: "audio", source: "microphone", session, muted: false } as const;
  });
  const before = slow.received.length;
  slow.peer.pause();
  // 4 kB each: more than the kernel takes and the server lets wait.
  for (let round = 0; round < 20; round++) {
    const publish = (_: unknown, count: number) => {
      return ann.command({ do: "publish", tracks: tracks.map((track) => ({ ...track, muted: count % 2 === 0 })) });
    };
    await Promise.all(Array.from({ length: 100 }, publish));
  }
  slow.peer.resume();
  await ann.command({ do: "rename", name: "Annie" });
  await slow.until(() => slow.view?.participants.some(({ name }) => name === "Annie"));
  expect(slow.view).toEqual(ann.view);
  const heard = slow.received.slice(before);
  expect(heard.filter(({ type }) => type === "delta").length).toBeLessThan(2_000);
  expect(heard.some(({ type }) => type === "snapshot")).toBe(true);
});

test("a server that has all the connections it takes refuses the next one, and has room again when one ends", async () => {
  host = await startHost({ sockets: { sockets: 2 } });
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "other", "Bob");
  await expect(Member.open(host, "r")).rejects.toThrow("429");
  expect(await ann.command({ do: "rename", name: "Annie" })).toMatchObject({ type: "ack" });
  await bob.command({ do: "leave" });
  await bob.closed;
  expect((await Member.join(host, "r", "Cid")).view?.participants).toHaveLength(2);
});

test("[K3] an address that opens sockets too often is refused with the time to wait; who is in is not concerned", async () => {
  host = await startHost({ sockets: { joinsPerMinute: 3 } });
  const ann = await Member.join(host, "r", "Ann");
  await Member.join(host, "r", "Bob");
  await Member.join(host, "r", "Cid");
  await expect(Member.open(host, "r")).rejects.toThrow("429");
  expect(await ann.command({ do: "rename", name: "Annie" })).toMatchObject({ type: "ack" });
});

test("[K3] an address that says too much is refused by code and id, told when to go on, and closed if it does not care", async () => {
  host = await startHost({ sockets: { messagesPerSecond: 5 }, room: { messageBurst: 1_000 } });
  const ann = await Member.join(host, "r", "Ann");
  const bob = await Member.join(host, "r", "Bob");
  // Both have said hello, so eighteen are left of twenty.
  for (let id = 1; id <= 40; id++)
    ann.send({ type: "command", id, command: { do: "mute", name: "none", muted: true } });
  const refused = await ann.until(() =>
    ann.received.find((message) => message.type === "error" && message.code === "too-many-requests"),
  );
  expect(refused).toMatchObject({ retry: true });
  expect(refused.type === "error" && refused.id).toBeGreaterThan(15);
  expect(refused.type === "error" && refused.retryAfter).toBeGreaterThan(0);
  expect(refused.type === "error" && refused.retryAfter).toBeLessThanOrEqual(200);
  // The other socket shares the address, and is heard when that time is over.
  await expect.poll(async () => (await bob.command({ do: "raise" })).type, { timeout: 10_000 }).toBe("ack");
  for (let time = 0; time < 200; time++) ann.send({ type: "ping" });
  expect(await ann.closed).toEqual({ code: 4429, reason: "too-many-requests" });
});
