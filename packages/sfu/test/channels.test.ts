/** Data channels from the calls that open them to the messages that go through, over in-memory transports. */
import type { DataChannelObject } from "@satsuma/protocol";
import { describe, expect, test } from "vitest";
import { Meter, memoryUsage } from "../src/index.ts";
import { accepting, type OfferedLine, offer, outline } from "./descriptions.ts";
import type { Wire } from "./wire.ts";
import { World } from "./world.ts";

const data: OfferedLine = { mid: "0", kind: "application" };
const mic: OfferedLine = { mid: "0", kind: "audio" };
const serverEvents = { location: "remote" as const, dataChannelName: "server-events" };
const chat = { location: "local" as const, dataChannelName: "chat" };

describe("establish", () => {
  test("offers data channels, with server-events announced in band once the answer takes them", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", undefined);
    const established = await world.sfu.establish("app", id, { dataChannel: serverEvents });
    expect(established).toMatchObject({
      requiresImmediateRenegotiation: true,
      dataChannel: { dataChannelName: "server-events", id: 0 },
      sessionDescription: { type: "offer" },
    });
    expect(world.wires[0]?.sctp).toBeUndefined();
    await world.sfu.renegotiate("app", id, accepting(established.sessionDescription?.sdp ?? ""));
    expect(world.wires[0]?.sctp).toEqual({ label: "server-events" });
  });

  test("answers an offer that has the m-line, and announces nothing: the peer does", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", undefined);
    const established = await world.sfu.establish("app", id, {
      dataChannel: serverEvents,
      sessionDescription: offer([data]),
    });
    expect(established).toMatchObject({
      requiresImmediateRenegotiation: false,
      dataChannel: { id: 0 },
      sessionDescription: { type: "answer" },
    });
    expect(world.wires[0]?.sctp).toEqual({ label: undefined });
  });

  test("is not needed after a push whose offer had the m-line, and an error the second time", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", undefined);
    const tracks = [{ location: "local" as const, mid: "0", trackName: "mic" }];
    const sessionDescription = offer([mic, { mid: "1", kind: "application" }]);
    await world.sfu.tracks("app", id, { tracks, sessionDescription });
    expect(world.sfu.openChannels("app", id, { dataChannels: [chat] }).dataChannels).toMatchObject([{ id: 2 }]);
    await expect(world.sfu.establish("app", id, { dataChannel: serverEvents })).rejects.toMatchObject({
      code: "decoding_error",
    });
  });

  test("refuses an offer without the m-line", async () => {
    const world = new World();
    const { id } = await world.sfu.newSession("app", undefined);
    const asked = world.sfu.establish("app", id, { dataChannel: serverEvents, sessionDescription: offer([mic]) });
    await expect(asked).rejects.toMatchObject({ code: "invalid_session_description" });
  });

  test("on a session with media waits until that is connected, and no longer than five seconds", async () => {
    const { world, id } = await unconnected();
    await tooEarly(world, world.sfu.establish("app", id, { dataChannel: serverEvents }));
  });

  test("is possible after it was refused for a connection that was not up", async () => {
    const { world, id } = await unconnected();
    await tooEarly(world, world.sfu.establish("app", id, { dataChannel: serverEvents }));
    world.wires[0]?.enter("connected");
    const again = await world.sfu.establish("app", id, { dataChannel: serverEvents });
    expect(outline(again.sessionDescription?.sdp ?? "")).toEqual(["audio 0 recvonly", "application 1 undefined"]);
  });

  test("a push that waited for the connection in vain has changed nothing: its peer rolls back, and offers other mids", async () => {
    const { world, id } = await unconnected();
    const push = (mid: string, channels: string) =>
      world.sfu.tracks("app", id, {
        tracks: [{ location: "local", mid, trackName: "camera" }],
        sessionDescription: offer([mic, { mid, kind: "video" }, { mid: channels, kind: "application" }]),
      });
    await tooEarly(world, push("1", "2"));
    expect(world.sfu.state("app", id).tracks).toMatchObject([{ trackName: "mic" }]);
    world.wires[0]?.enter("connected");
    expect(await push("3", "4")).toMatchObject({ tracks: [{ mid: "3", trackName: "camera" }] });
  });
});

/** A session that sends sound, and whose connection is not up yet. */
async function unconnected() {
  const world = new World();
  const { id } = await world.sfu.newSession("app", undefined);
  const tracks = [{ location: "local" as const, mid: "0", trackName: "mic" }];
  await world.sfu.tracks("app", id, { tracks, sessionDescription: offer([mic]) });
  return { world, id };
}

async function tooEarly(world: World, call: Promise<unknown>): Promise<void> {
  const refused = expect(call).rejects.toMatchObject({ code: "session_not_ready" });
  await turn();
  world.advance(5_000);
  await refused;
}

describe("messages", () => {
  test("go from the publisher to every subscriber, text as text and bytes as bytes", async () => {
    const { world, publisher, subscribe } = await begin();
    const one = await subscribe();
    const two = await subscribe();
    publisher.channel.say("hello");
    publisher.channel.say(Uint8Array.of(1, 2));
    for (const { channel } of [one, two]) expect(channel.take()).toEqual(["hello", Uint8Array.of(1, 2)]);
    one.channel.say("nobody asked");
    expect([publisher.channel.take(), two.channel.take()]).toEqual([[], []]);
    expect(world.sfu.sessionCount).toBe(3);
  });

  test("are metered in UTF-8 bytes for each session that they are sent to, replies too", async () => {
    const store = memoryUsage();
    const meter = new Meter(store, () => "2026-11-20");
    const { publisher, subscribe } = await begin(new World({}, meter));
    const one = await subscribe({ canReply: true });
    const two = await subscribe();
    publisher.channel.say("grüß");
    publisher.channel.say(Uint8Array.of(1, 2));
    one.channel.say("yes");
    two.channel.say("to nobody");
    meter.read();
    const query = { app: "app", from: "2026-11-20", to: "2026-11-20" };
    const sums = Object.fromEntries(store.sum({ ...query, by: "session" }, 10).map(({ name, bytes }) => [name, bytes]));
    expect(sums).toEqual({ [publisher.id]: 3, [one.id]: 8, [two.id]: 8 });
    expect(store.sum({ ...query, by: "track" }, 10)).toEqual([{ name: `${publisher.id}/chat`, bytes: 19 }]);
  });

  test("go back from the one that may reply, until the right is given to another", async () => {
    const { world, publisher, subscribe } = await begin();
    const one = await subscribe({ canReply: true });
    const two = await subscribe();
    one.channel.say("first");
    two.channel.say("lost");
    const of = { location: "remote" as const, sessionId: publisher.id, dataChannelName: "chat" };
    const updated = world.sfu.updateChannels("app", two.id, { dataChannels: [{ ...of, canReply: true }] });
    expect(updated.dataChannels).toMatchObject([{ canReply: true }]);
    one.channel.say("lost too");
    two.channel.say("second");
    expect(publisher.channel.take()).toEqual(["first", "second"]);
    expect(one.channel.take()).toEqual([]);
  });

  test("wait for the subscriber's first word, which is swallowed", async () => {
    const { publisher, subscribe } = await begin();
    const { channel } = await subscribe({ waitForAck: true, canReply: true });
    publisher.channel.say("too early");
    channel.say("here I am");
    publisher.channel.say("now");
    expect(channel.take()).toEqual(["now"]);
    expect(publisher.channel.take()).toEqual([]);
  });

  test("of a subscriber that says nothing for 30 s are no more: its channel is closed", async () => {
    const { world, publisher, subscribe } = await begin();
    const { channel, id, channelId } = await subscribe({ waitForAck: true });
    world.advance(29_999);
    expect(channel.open).toBe(true);
    world.advance(1);
    expect(channel.open).toBe(false);
    publisher.channel.say("anybody?");
    expect(channel.take()).toEqual([]);
    expect(world.sfu.state("app", id).dataChannels).toContainEqual(
      expect.objectContaining({ id: channelId, status: "inactive" }),
    );
  });

  test("a subscriber that cannot keep up loses its channel, and nobody else notices", async () => {
    const { publisher, subscribe } = await begin();
    const slow = await subscribe();
    const quick = await subscribe();
    slow.channel.full = true;
    publisher.channel.say("1");
    publisher.channel.say("2");
    expect([slow.channel.open, quick.channel.take()]).toEqual([false, ["1", "2"]]);
  });
});

describe("a channel", () => {
  test("is opened as the request has it: name, order and how often it is repeated", async () => {
    const { world, publisher } = await begin();
    const asked = { location: "local" as const, dataChannelName: "fast", ordered: false, maxRetransmits: 0 };
    const { dataChannels } = world.sfu.openChannels("app", publisher.id, { dataChannels: [asked] });
    expect(dataChannels).toEqual([{ ...asked, id: 3 }]);
    expect(publisher.wire.channels.get(3)?.options).toEqual({
      label: "fast",
      id: 3,
      ordered: false,
      maxRetransmits: 0,
      maxPacketLifeTime: undefined,
    });
  });

  test("has a state from opening to closing, and ids are never used twice", async () => {
    const { world, publisher } = await begin();
    const states = () => world.sfu.state("app", publisher.id).dataChannels;
    expect(states()).toMatchObject([
      { dataChannelName: "server-events", id: 0, status: "active" },
      { dataChannelName: "chat", id: 2, status: "active" },
    ]);
    const close = () => world.sfu.closeChannels("app", publisher.id, { dataChannels: [{ id: 2 }] }).dataChannels;
    expect(close()).toEqual([{ id: 2 }]);
    expect(close()).toMatchObject([{ id: 2, errorCode: "close_track_error" }]);
    expect(states()?.at(-1)).toMatchObject({ id: 2, status: "inactive" });
    expect(world.sfu.openChannels("app", publisher.id, { dataChannels: [chat] }).dataChannels).toMatchObject([
      { id: 3 },
    ]);
  });

  test("that its peer ended, or whose session did, is closed for its subscribers to see in silence", async () => {
    const { world, publisher, subscribe } = await begin();
    const { channel } = await subscribe();
    publisher.channel.end();
    expect(channel.open).toBe(true);
    const { dataChannels } = world.sfu.openChannels("app", publisher.id, { dataChannels: [chat] });
    publisher.wire.channels.get(dataChannels?.[0]?.id ?? 0)?.say("successor");
    expect(channel.take()).toEqual([]);
    publisher.wire.enter("closed");
    world.advance(2_000);
    expect(world.sfu.sessionCount).toBe(1);
  });

  test.each<[string, (publisher: string) => DataChannelObject, string]>([
    ["a name that is published", () => chat, "repeated_local_track_error"],
    ["no name", () => ({ location: "local" }), "invalid_params"],
    ["a publisher that does not publish it", (id) => of(id, "other"), "not_found_track_error"],
    ["a session that is not there", () => of("f".repeat(32), "chat"), "not_found_track_error"],
  ])("fails alone for %s", async (_, object, code) => {
    const { world, publisher } = await begin();
    const asked = object(publisher.id);
    const second = asked.location === "local" ? { ...chat, dataChannelName: "second" } : of(publisher.id, "chat");
    const opened = world.sfu.openChannels("app", publisher.id, { dataChannels: [asked, second] });
    expect(opened.dataChannels?.map(({ errorCode }) => errorCode)).toEqual([code, undefined]);
  });

  test("of another app is not found", async () => {
    const { world, publisher } = await begin();
    const { id } = await world.sfu.newSession("other", undefined);
    await world.sfu.establish("other", id, { dataChannel: serverEvents, sessionDescription: offer([data]) });
    const opened = world.sfu.openChannels("other", id, { dataChannels: [of(publisher.id, "chat")] });
    expect(opened.dataChannels).toMatchObject([{ errorCode: "not_found_track_error" }]);
  });

  test("more than a session may have fails alone, and one that closed makes room", async () => {
    const { world, publisher } = await begin(new World({ channelsPerSession: 2 }));
    const open = (...names: string[]) => {
      const dataChannels = names.map((dataChannelName) => ({ ...chat, dataChannelName }));
      return world.sfu.openChannels("app", publisher.id, { dataChannels }).dataChannels?.map((one) => one.errorCode);
    };
    expect(open("second", "third")).toEqual([undefined, "invalid_params"]);
    world.sfu.closeChannels("app", publisher.id, { dataChannels: [{ id: 2 }] });
    expect(open("third", "fourth")).toEqual([undefined, "invalid_params"]);
  });
});

test("a request that mixes publishing with subscribing, or names no side, is refused whole", async () => {
  const { world, publisher } = await begin();
  for (const dataChannels of [[chat, of(publisher.id, "chat")], [{ dataChannelName: "chat" }]]) {
    expect(() => world.sfu.openChannels("app", publisher.id, { dataChannels })).toThrow(
      expect.objectContaining({ code: "invalid_params" }),
    );
  }
});

test("channels before establish are refused", async () => {
  const world = new World();
  const { id } = await world.sfu.newSession("app", undefined);
  expect(() => world.sfu.openChannels("app", id, { dataChannels: [chat] })).toThrow(
    expect.objectContaining({ code: "session_error" }),
  );
});

/** A session that publishes `chat`, and a way to subscribe others to it. */
async function begin(world = new World()) {
  const join = async () => {
    const opened = world.wires.length;
    const { id } = await world.sfu.newSession("app", undefined);
    await world.sfu.establish("app", id, { dataChannel: serverEvents, sessionDescription: offer([data]) });
    const wire = world.wires[opened] as Wire;
    wire.enter("connected");
    return { id, wire };
  };
  const open = ({ id, wire }: { id: string; wire: Wire }, object: DataChannelObject) => {
    const [result] = world.sfu.openChannels("app", id, { dataChannels: [object] }).dataChannels ?? [];
    const channel = wire.channels.get(result?.id ?? -1);
    if (channel === undefined) throw new Error(`No channel was opened: ${result?.errorDescription}`);
    return { id, wire, channel, channelId: result?.id };
  };
  const publisher = open(await join(), chat);
  return {
    world,
    publisher,
    subscribe: async (options: Partial<DataChannelObject> = {}) =>
      open(await join(), { ...of(publisher.id, "chat"), ...options }),
  };
}

function of(sessionId: string, dataChannelName: string) {
  return { location: "remote" as const, sessionId, dataChannelName };
}

/** Everything that needs no more than its turn has had it. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
