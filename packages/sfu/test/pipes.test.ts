/** Tracks and data channels whose publisher is at another server, over lines and transports in memory. */
import { describe, expect, test } from "vitest";
import { isRtcp, readRtpHeader, uint32 } from "../src/rtp/header.ts";
import type { OfferedLine } from "./descriptions.ts";
import { offer } from "./descriptions.ts";
import { ascii, pictureLossPacket, rtp, senderReportPacket, vp8 } from "./packets.ts";
import { app, Member, Servers } from "./servers.ts";
import type { Wire } from "./wire.ts";

const camera: OfferedLine = { mid: "0", kind: "video" };
const microphone: OfferedLine = { mid: "0", kind: "audio" };
const layered: OfferedLine = {
  mid: "0",
  kind: "video",
  attributes: [
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack pli",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=rid:a send",
    "a=rid:b send",
    "a=simulcast:send a;b",
  ],
  payloads: "96",
};

let sequence = 0;

/** The next packet of a camera. */
function picture(key: boolean, { rid = "", size = 100, mark = 0 } = {}): Uint8Array {
  sequence += 1;
  const extensions = [{ id: 4, data: ascii("0") }, ...(rid === "" ? [] : [{ id: 10, data: ascii(rid) }])];
  const ssrc = rid === "" ? 9 : 10 + rid.charCodeAt(0);
  const payload = Uint8Array.from([...vp8({ key }), ...new Uint8Array(size).fill(mark)]);
  return rtp({ ssrc, sequence: sequence & 0xffff, timestamp: sequence * 3_000, marker: true, extensions, payload });
}

function media(wire: Wire | undefined): Uint8Array[] {
  return wire?.take().filter((packet) => !isRtcp(packet)) ?? [];
}

/** What a publisher was asked for keyframes of, by SSRC. */
function keyframesAsked(wire: Wire | undefined): number[] {
  const asked = wire?.take().filter((packet) => packet[1] === 206 && ((packet[0] ?? 0) & 0x1f) === 1) ?? [];
  return asked.map((packet) => uint32(packet, 8));
}

/** A publisher at server 0 and a subscriber at server 1. */
async function call(line: OfferedLine, simulcast?: { preferredRid: string }, limits = {}) {
  const servers = new Servers(2, limits);
  const publisher = await Member.at(servers.at(0));
  await publisher.push(line, "track");
  const subscriber = await Member.at(servers.at(1));
  expect(await subscriber.pull(publisher, "track", simulcast)).toBeUndefined();
  await servers.settle();
  return { servers, publisher, subscriber };
}

describe("a track of another server", () => {
  test("arrives as it was sent, from a keyframe on, in numbers without a gap, and crosses once for all", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    const second = await Member.at(servers.at(1));
    await second.pull(publisher, "track");
    for (const key of [false, true, false, false]) publisher.wire?.deliver(picture(key, { mark: 7 }));
    await servers.settle();
    for (const { wire } of [subscriber, second]) {
      const packets = media(wire);
      expect(packets).toHaveLength(3);
      const headers = packets.map((packet) => readRtpHeader(packet));
      expect(headers.map((header) => ((header?.sequence ?? 0) - (headers[0]?.sequence ?? 0)) & 0xffff)).toEqual([
        0, 1, 2,
      ]);
      expect(packets[0]?.slice(-100)).toEqual(new Uint8Array(100).fill(7));
    }
    expect(servers.at(0).world.sfu.pipes.counts).toEqual({ imports: 0, exports: 1 });
    expect(servers.at(1).world.sfu.pipes.counts).toEqual({ imports: 1, exports: 0 });
  });

  test("gets its keyframe when a subscriber there asks for one", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    publisher.wire?.deliver(picture(true));
    await servers.settle();
    const [packet] = media(subscriber.wire);
    await servers.advance(1_000);
    publisher.wire?.deliver(picture(false));
    keyframesAsked(publisher.wire);
    subscriber.wire?.deliver(pictureLossPacket(uint32(packet ?? new Uint8Array(12), 8)));
    await servers.advance(100);
    expect(keyframesAsked(publisher.wire)).toEqual([9]);
  });

  test("keeps its clocks: sender reports arrive, and speak of the timestamps that arrive", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    publisher.wire?.deliver(picture(true));
    publisher.wire?.deliver(senderReportPacket(9, 77, 88, sequence * 3_000));
    await servers.settle();
    const packets = subscriber.wire?.take() ?? [];
    const report = packets.findLast((packet) => packet[1] === 200);
    const [picked] = packets.filter((packet) => !isRtcp(packet));
    expect(report && [uint32(report, 8), uint32(report, 12)]).toEqual([77, 88]);
    expect(report && uint32(report, 16)).toBe(picked && uint32(picked, 4));
  });

  test("brings its levels: who speaks is told at home, and the loudest are chosen where they are heard", async () => {
    const servers = new Servers(2);
    const spoken: string[] = [];
    for (const { world } of servers.all)
      world.sfu.onSpeaking((_, id, name, speaking) => spoken.push(`${id} ${name} ${speaking}`));
    const { json } = await servers.at(1).call("POST", "sessions/new?loudest=1");
    const listener = new Member(servers.at(1), json.sessionId ?? "");
    const speakers = [await Member.at(servers.at(0)), await Member.at(servers.at(0))];
    for (const speaker of speakers) {
      await speaker.push(microphone, "track");
      await listener.pull(speaker, "track");
    }
    const talk = async (levels: readonly number[]) => {
      for (let turn = 0; turn < 100; turn += 1) {
        sequence += 1;
        for (const [index, { wire }] of speakers.entries()) {
          const extensions = [
            { id: 1, data: Uint8Array.of(levels[index] ?? 127) },
            { id: 4, data: ascii("0") },
          ];
          const payload = new Uint8Array(40).fill(index);
          wire?.deliver(
            rtp({
              payloadType: 111,
              ssrc: 5,
              sequence: sequence & 0xffff,
              timestamp: sequence * 960,
              extensions,
              payload,
            }),
          );
        }
        await servers.advance(20);
      }
    };
    await talk([70, 30]);
    listener.wire?.take();
    await talk([70, 30]);
    expect(new Set(media(listener.wire).map((packet) => packet.at(-1)))).toEqual(new Set([1]));
    expect(spoken).toEqual([`${speakers[1]?.id} track true`]);
  });

  test("ends with its publication, and with its publisher's session; a pull then finds nothing", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    expect(await subscriber.statuses()).toEqual(["active"]);
    await publisher.close("0");
    await servers.settle();
    expect(await subscriber.statuses()).toEqual(["inactive"]);
    expect(await (await Member.at(servers.at(1))).pull(publisher, "track")).toBe("not_found_track_error");
    const other = await Member.at(servers.at(0));
    await other.push(camera, "track");
    const third = await Member.at(servers.at(1));
    await third.pull(other, "track");
    other.wire?.enter("closed");
    await servers.advance(3_000);
    expect(await third.statuses()).toEqual(["inactive"]);
    expect(servers.all.map(({ world }) => world.sfu.pipes.counts)).toEqual([
      { imports: 0, exports: 0 },
      { imports: 0, exports: 0 },
    ]);
  });

  test("is given back when nobody has a use for it any more, and comes again with the next pull", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    const second = await Member.at(servers.at(1));
    await second.pull(publisher, "track");
    await subscriber.close(subscriber.mid);
    await servers.advance(5_000);
    expect(servers.at(0).world.sfu.pipes.counts.exports).toBe(1);
    second.wire?.enter("closed");
    await servers.advance(5_000);
    expect(servers.at(0).world.sfu.pipes.counts.exports).toBe(0);
    expect(servers.at(0).world.sfu.routedCount).toBe(1);
    const third = await Member.at(servers.at(1));
    await third.pull(publisher, "track");
    await servers.settle();
    publisher.wire?.deliver(picture(true));
    await servers.settle();
    expect(media(third.wire)).toHaveLength(1);
  });

  test("stays for as long as an offer of it waits for its answer", async () => {
    const servers = new Servers(2);
    const publisher = await Member.at(servers.at(0));
    await publisher.push(camera, "track");
    const slow = await Member.at(servers.at(1));
    const tracks = [{ location: "remote", sessionId: publisher.id, trackName: "track" }];
    await slow.server.call("POST", `sessions/${slow.id}/tracks/new`, { tracks });
    await servers.advance(20_000);
    expect(servers.at(1).world.sfu.pipes.counts.imports).toBe(1);
    await servers.advance(60_000);
    expect(servers.at(1).world.sfu.pipes.counts.imports).toBe(0);
  });

  test("can take the place of another on a receiving m-line", async () => {
    const { servers, publisher, subscriber } = await call(camera);
    const local = await Member.at(servers.at(1));
    await local.push(camera, "track");
    publisher.wire?.deliver(picture(true));
    await servers.settle();
    media(subscriber.wire);
    expect((await subscriber.update(local, "track")).json.tracks).toMatchObject([{ sessionId: local.id }]);
    local.wire?.deliver(picture(true, { mark: 2 }));
    publisher.wire?.deliver(picture(true, { mark: 1 }));
    await servers.settle();
    expect(media(subscriber.wire).map((packet) => packet.at(-1))).toEqual([2]);
    expect((await subscriber.update(publisher, "track")).json.tracks).toMatchObject([{ sessionId: publisher.id }]);
    local.wire?.deliver(picture(true, { mark: 2 }));
    publisher.wire?.deliver(picture(true, { mark: 1 }));
    await servers.settle();
    expect(media(subscriber.wire).map((packet) => packet.at(-1))).toEqual([1]);
  });

  test("of another app is none", async () => {
    const { servers, publisher } = await call(camera);
    const { json } = await servers.at(1).call("POST", "other/sessions/new");
    const tracks = [{ location: "remote", sessionId: publisher.id, trackName: "track" }];
    const pulled = await servers.at(1).call("POST", `other/sessions/${json.sessionId}/tracks/new`, { tracks });
    expect(pulled.json.tracks).toMatchObject([{ errorCode: "not_found_track_error" }]);
  });

  test("is waited for while its publisher connects, and not for ever", async () => {
    const servers = new Servers(2);
    const publisher = await Member.at(servers.at(0));
    await publisher.push(camera, "track", false);
    const subscriber = await Member.at(servers.at(1));
    const pulling = subscriber.pull(publisher, "track");
    await servers.settle();
    publisher.wire?.enter("connected");
    expect(await servers.during(pulling)).toBeUndefined();
    const late = await Member.at(servers.at(0));
    await late.push(camera, "track", false);
    const second = (await Member.at(servers.at(1))).pull(late, "track");
    await servers.advance(5_100);
    expect(await servers.during(second)).toBe("not_found_track_error");
  });

  test("whose first packet is waited for is empty when none comes", async () => {
    const servers = new Servers(2, { sourceWait: 3_000 });
    const publisher = await Member.at(servers.at(0));
    await publisher.push(camera, "track");
    const pulling = (await Member.at(servers.at(1))).pull(publisher, "track");
    await servers.advance(3_100);
    expect(await servers.during(pulling)).toBe("empty_track_error");
    const second = (await Member.at(servers.at(1))).pull(publisher, "track");
    await servers.settle();
    publisher.wire?.deliver(picture(true));
    expect(await servers.during(second)).toBeUndefined();
  });

  test("is metered where it is received, and not on its way there", async () => {
    const { servers, publisher } = await call(camera);
    publisher.wire?.deliver(picture(true));
    await servers.settle();
    const query = { app, from: "2026-11-28", to: "2026-11-28", by: "track" } as const;
    for (const { meter } of servers.all) meter.read();
    expect(servers.at(0).usage.total(query)).toBe(0);
    expect(servers.at(1).usage.sum(query, 5)).toMatchObject([{ name: `${publisher.id}/track` }]);
  });
});

describe("layers of a track of another server", () => {
  test("cross as far as they are watched, and change at a keyframe", async () => {
    const { servers, publisher, subscriber } = await call(layered, { preferredRid: "a" });
    const both = async (key: boolean) => {
      for (const rid of ["a", "b"]) publisher.wire?.deliver(picture(key, { rid, mark: rid.charCodeAt(0) }));
      await servers.settle();
    };
    const flow = async (milliseconds: number) => {
      for (let passed = 0; passed < milliseconds; passed += 200) {
        await both(false);
        await servers.advance(200);
      }
      media(subscriber.wire);
    };
    await both(true);
    await flow(2_000);
    const crossed = () => servers.cables.reduce((sum, { bytes }) => sum + bytes, 0);
    const before = crossed();
    await both(false);
    expect(media(subscriber.wire).map((packet) => packet.at(-1))).toEqual([97]);
    expect(crossed() - before).toBeLessThan(200);
    keyframesAsked(publisher.wire);
    await subscriber.update(publisher, "track", { preferredRid: "b" });
    await both(false);
    await servers.advance(400);
    expect(keyframesAsked(publisher.wire)).toContain(10 + 98);
    await both(true);
    await flow(2_000);
    await both(false);
    expect(media(subscriber.wire).map((packet) => packet.at(-1))).toEqual([98]);
    const { json } = await servers.at(0).call("GET", `sessions/${publisher.id}`);
    expect(json.tracks?.[0]?.watchedRids).toEqual(["b"]);
  });
});

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
});
