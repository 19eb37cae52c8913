/** Tracks whose publisher is at another server, over lines and transports in memory. */
import { describe, expect, test } from "vitest";
import { isRtcp, readRtpHeader, uint32 } from "../src/rtp/header.ts";
import { call, camera, keyframesAsked, layered, media, microphone, nextSequence, picture, sequence } from "./across.ts";
import { ascii, pictureLossPacket, rtp, senderReportPacket } from "./packets.ts";
import { app, Member, Servers } from "./servers.ts";

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
        nextSequence();
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
