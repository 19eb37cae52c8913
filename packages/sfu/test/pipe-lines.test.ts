/** Lines between servers that are slow, break or hang; and the data channels that cross them. */
import { describe, expect, test, vi } from "vitest";
import { ChannelRegistry } from "../src/channels/registry.ts";
import { type FrameHead, headerBytes, kinds, writeHead } from "../src/pipe/frame.ts";
import { nothing, writeJson } from "../src/pipe/line.ts";
import { readRtpHeader } from "../src/rtp/header.ts";
import { call, camera, keyframesAsked, media, picture } from "./across.ts";
import { offer } from "./descriptions.ts";
import { app, Member, Servers } from "./servers.ts";

describe("a line", () => {
  test("that is not read holds 4 MiB, and then goes on at a keyframe", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    publisher.wire?.deliver(picture(true));
    await servers.settle();
    media(subscriber.wire);
    for (const cable of servers.cables) cable.stands = true;
    for (let count = 0; count < 6_000; count += 1) publisher.wire?.deliver(picture(false, { size: 1_000 }));
    const waiting = Math.max(...servers.cables.map((cable) => cable.waiting));
    expect(waiting).toBeGreaterThan(4_000_000);
    expect(waiting).toBeLessThan(4_194_304 + 2_000);
    servers.at(0).world.advance(1_000);
    keyframesAsked(publisher.wire);
    for (const cable of servers.cables) cable.stands = false;
    await servers.settle();
    const late = media(subscriber.wire);
    expect(late.length).toBeLessThan(4_400);
    publisher.wire?.deliver(picture(false, { mark: 1 }));
    await servers.advance(400);
    expect(keyframesAsked(publisher.wire)).toContain(9);
    publisher.wire?.deliver(picture(true, { mark: 2 }));
    publisher.wire?.deliver(picture(false, { mark: 3 }));
    await servers.settle();
    const packets = media(subscriber.wire);
    expect(packets.map((packet) => packet.at(-1))).toEqual([2, 3]);
    // The one packet that found no room is missed, and nothing else.
    const last = readRtpHeader(late.at(-1) ?? new Uint8Array(12))?.sequence ?? 0;
    expect(packets.map((packet) => ((readRtpHeader(packet)?.sequence ?? 0) - last) & 0xffff)).toEqual([2, 3]);
  });

  test("whose server dies ends what came over it, and nothing else; the next pull opens another", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    const local = await Member.at(servers.at(1));
    await local.push(camera, "track");
    const second = await Member.at(servers.at(1));
    await second.pull(local, "track");
    servers.down.add(0);
    servers.cut();
    await servers.settle();
    expect(await subscriber.statuses()).toEqual(["inactive"]);
    expect(await second.statuses()).toEqual(["active"]);
    local.wire?.deliver(picture(true));
    expect(media(second.wire)).toHaveLength(1);
    expect(await (await Member.at(servers.at(1))).pull(publisher, "track")).toBe("not_found_track_error");
    servers.down.delete(0);
    expect(await (await Member.at(servers.at(1))).pull(publisher, "track")).toBeUndefined();
  });

  test("whose server does not answer keeps a pull for as long as a publisher may take to connect, and two seconds", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    for (const cable of servers.cables) cable.stands = true;
    const other = await Member.at(servers.at(0));
    await other.push(camera, "track");
    const pulling = subscriber.pull(other, "track");
    await servers.advance(7_100);
    expect(await servers.during(pulling)).toBe("not_found_track_error");
    expect(await subscriber.statuses()).toEqual(["active"]);
    expect(publisher.wire?.state).toBe("connected");
  });
});

test("an app that asks a server which hangs for track after track has half of what may be waited for, and another app the rest", async () => {
  const { servers, publisher, subscriber } = await call(camera);
  const [cable] = servers.cables.filter(({ listener }) => listener !== undefined);
  for (const each of servers.cables) each.stands = true;
  const { json } = await servers.at(1).call("POST", "other/sessions/new");
  const { pipes } = servers.at(1).world.sfu;
  const pull = async (of: string, session: string, count: number) => {
    const wanted = Array.from({ length: count }, (_, track) => ({
      location: "remote" as const,
      sessionId: publisher.id,
      name: `${track}`.padStart(6, "0"),
    }));
    const before = cable?.waiting ?? 0;
    const pulling = pipes.with(of, session, "tracks", wanted, () => "over");
    await new Promise((resolve) => setImmediate(resolve));
    return { pulling, bytes: (cable?.waiting ?? 0) - before };
  };
  const one = await pull(app, subscriber.id, 1);
  const greedy = await pull(app, subscriber.id, 9_000);
  const modest = await pull("other", json.sessionId ?? "", 100);
  // The first of them was asked for already.
  expect(greedy.bytes).toBe(one.bytes * 4_999);
  expect(modest.bytes).toBe((one.bytes + "other".length - app.length) * 100);
  await servers.advance(7_100);
  for (const { pulling } of [one, greedy, modest]) expect(await pulling).toBe("over");
  for (const each of servers.cables) each.stands = false;
  await servers.settle();
  expect(await (await Member.at(servers.at(1))).pull(publisher, "track")).toBeUndefined();
});

describe("a data channel of another server", () => {
  async function channels() {
    const servers = new Servers(2);
    const open = async (number: number) => {
      const member = await Member.at(servers.at(number));
      const wires = member.server.world.wires.length;
      await member.server.call("POST", `sessions/${member.id}/datachannels/establish`, {
        dataChannel: { location: "remote", dataChannelName: "server-events" },
        sessionDescription: offer([{ mid: "0", kind: "application" }]),
      });
      member.wire = member.server.world.wires[wires];
      member.wire?.enter("connected");
      return member;
    };
    const publish = async (member: Member) => {
      const dataChannels = [{ location: "local", dataChannelName: "chat" }];
      const { json } = await member.server.call("POST", `sessions/${member.id}/datachannels/new`, { dataChannels });
      return member.wire?.channels.get(json.dataChannels?.[0]?.id ?? -1);
    };
    const subscribe = async (member: Member, of: Member, canReply = false) => {
      const dataChannels = [{ location: "remote", sessionId: of.id, dataChannelName: "chat", canReply }];
      const { json } = await member.server.call("POST", `sessions/${member.id}/datachannels/new`, { dataChannels });
      const [{ id = -1, errorCode } = {}] = json.dataChannels ?? [];
      return { channel: member.wire?.channels.get(id), errorCode };
    };
    return { servers, open, publish, subscribe };
  }

  test("brings text as text and bytes as bytes, to everybody there", async () => {
    const { servers, open, publish, subscribe } = await channels();
    const publisher = await open(0);
    const chat = await publish(publisher);
    const [one, two] = [await subscribe(await open(1), publisher), await subscribe(await open(1), publisher)];
    chat?.say("grüß");
    chat?.say(Uint8Array.of(1, 2));
    await servers.settle();
    for (const { channel } of [one, two]) expect(channel?.take()).toEqual(["grüß", Uint8Array.of(1, 2)]);
    one.channel?.say("nobody asked");
    await servers.settle();
    expect(chat?.take()).toEqual([]);
    expect(servers.cables).toHaveLength(2);
  });

  test("has one subscriber that may reply, wherever that is", async () => {
    const { servers, open, publish, subscribe } = await channels();
    const publisher = await open(0);
    const chat = await publish(publisher);
    const far = await open(1);
    const there = await subscribe(far, publisher, true);
    there.channel?.say("from there");
    await servers.settle();
    expect(chat?.take()).toEqual(["from there"]);
    const here = await subscribe(await open(0), publisher, true);
    here.channel?.say("from here");
    there.channel?.say("too late");
    await servers.settle();
    expect(chat?.take()).toEqual(["from here"]);
    const update = (canReply: boolean) => {
      const dataChannels = [{ location: "remote", sessionId: publisher.id, dataChannelName: "chat", canReply }];
      return far.server.call("PUT", `sessions/${far.id}/datachannels/update`, { dataChannels });
    };
    await update(true);
    await servers.settle();
    there.channel?.say("again");
    here.channel?.say("not me");
    await servers.settle();
    expect(chat?.take()).toEqual(["again"]);
    await update(false);
    await servers.settle();
    there.channel?.say("no more");
    await servers.settle();
    expect(chat?.take()).toEqual([]);
  });

  test("outlives a line that is full of media", async () => {
    const { servers, open, publish, subscribe } = await channels();
    const talker = await open(0);
    const chat = await publish(talker);
    const { channel } = await subscribe(await open(1), talker);
    const publisher = await Member.at(servers.at(0));
    await publisher.push(camera, "track");
    await (await Member.at(servers.at(1))).pull(publisher, "track");
    for (const cable of servers.cables) cable.stands = true;
    for (let count = 0; count < 500; count += 1) publisher.wire?.deliver(picture(count === 0, { size: 10_000 }));
    const long = "still there".repeat(2_000);
    chat?.say(long);
    for (const cable of servers.cables) cable.stands = false;
    await servers.settle();
    chat?.say("and again");
    await servers.settle();
    expect(channel?.take()).toEqual([long, "and again"]);
  });

  test("is gone with its publisher, and given back by those who left it", async () => {
    const { servers, open, publish, subscribe } = await channels();
    const publisher = await open(0);
    const chat = await publish(publisher);
    const far = await open(1);
    const { channel } = await subscribe(far, publisher);
    await far.server.call("PUT", `sessions/${far.id}/datachannels/close`, {
      dataChannels: [{ id: channel?.options.id }],
    });
    await servers.advance(4_000);
    const cable = servers.cables.find(({ bytes }) => bytes > 0);
    const before = cable?.bytes;
    chat?.say("anybody?");
    await servers.settle();
    expect(servers.cables.find((each) => each === cable)?.bytes).toBe(before);
    expect((await subscribe(await open(1), publisher)).errorCode).toBeUndefined();
    chat?.end();
    await servers.settle();
    expect((await subscribe(await open(1), publisher)).errorCode).toBe("not_found_track_error");
  });

  test("is not given to a line that said what it may not, however much it asks for behind that", async () => {
    const { servers, open, publish } = await channels();
    const publisher = await open(0);
    const chat = await publish(publisher);
    const sent: number[] = [];
    const line = {
      waiting: 0,
      send: ({ kind }: FrameHead) => void sent.push(kind),
      close: () => {},
      complain: () => {},
    };
    const { pipes } = servers.at(0).world.sfu;
    const bytes = (kind: FrameHead["kind"], body: Uint8Array) => {
      const frame = new Uint8Array(headerBytes + body.length);
      writeHead(frame, { kind, stream: 1, layer: 0 }, body.length);
      frame.set(body, headerBytes);
      return frame;
    };
    const asked = bytes(kinds.channel, writeJson({ app, session: publisher.id, name: "chat" }));
    const ears = vi.spyOn(ChannelRegistry.prototype, "subscribe");
    pipes.serve(line).received(new Uint8Array(Buffer.concat([bytes(kinds.ended, nothing), asked])));
    chat?.say("anybody?");
    expect(sent).toEqual([]);
    expect(ears).not.toHaveBeenCalled();
    pipes.serve(line).received(asked);
    expect(ears).toHaveBeenCalledOnce();
    ears.mockRestore();
  });
});
