import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { createSfu } from "../src/node/sfu.ts";
import { Client, isMedia, secret, startSfu, type TestSfu, videoPacket } from "./rtc-client.ts";

const patience = { timeout: 10_000, interval: 10 };
const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close();
});

test("what one client sends, another receives: payload intact, header its own, beginning at a keyframe", async () => {
  const { publisher, subscriber } = await call();
  const body = Uint8Array.from({ length: 1_000 }, (_, index) => index & 0xff);
  publisher.send(videoPacket(77, 9, false, body));
  await sendUntil(publisher, subscriber, (sequence) => videoPacket(77, sequence, sequence % 2 === 0, body));
  const media = subscriber.received.filter(isMedia);
  const [first = Buffer.alloc(12)] = media;
  const payload = videoPacket(77, 10, true, body).subarray(12);
  expect(first.subarray(-payload.length)).toEqual(payload);
  expect(first.readUInt32BE(8)).not.toBe(77);
  const sequences = media.map((packet) => packet.readUInt16BE(2));
  sequences.forEach((sequence, index) => {
    expect(sequence).toBe(((sequences[0] ?? 0) + index) & 0xffff);
  });
});

test("a client asks for a keyframe by subscribing, and the publisher hears it", async () => {
  const { publisher, subscriber } = await call();
  publisher.send(videoPacket(77, 1, false, new Uint8Array(10)));
  await vi.waitFor(() => {
    const requests = publisher.received.filter((packet) => packet[1] === 206 && ((packet[0] ?? 0) & 0x1f) === 1);
    expect(requests.some((packet) => packet.readUInt32BE(8) === 77)).toBe(true);
  }, patience);
  expect(subscriber.received.filter(isMedia)).toHaveLength(0);
});

test("a client without ever connecting is forgotten", async () => {
  const sfu = await start({ unconnected: 50 });
  const session = await sfu.session();
  await vi.waitFor(async () => expect((await sfu.call("GET", `sessions/${session}`)).status).toBe(410), patience);
  expect(sfu.sessionCount()).toBe(0);
});

test("a client whose certificate is not the one its offer named never connects; its session and its tracks are gone", async () => {
  const sfu = await start();
  const impostor = await client(sfu);
  const subscriber = await client(sfu);
  const forged = (sdp: string) =>
    sdp.replace(
      /(a=fingerprint:sha-256 )(..):/,
      (_, name: string, byte: string) => `${name}${byte === "00" ? "01" : "00"}:`,
    );
  expect(await impostor.push("camera", 77, forged)).toBe(200);
  const pulling = sfu.call("POST", `sessions/${subscriber.session}/tracks/new`, {
    tracks: [{ location: "remote", sessionId: impostor.session, trackName: "camera" }],
  });
  await vi.waitFor(async () => {
    expect(await sfu.call("GET", `sessions/${impostor.session}`)).toMatchObject({
      status: 410,
      json: { errorCode: "session_error" },
    });
  }, patience);
  expect(await pulling).toMatchObject({ status: 200, json: { tracks: [{ errorCode: "not_found_track_error" }] } });
  // Whether it was gone before or after the pull is a matter of milliseconds; it is active in neither case.
  const pulled = (await sfu.call("GET", `sessions/${subscriber.session}`)).json.tracks ?? [];
  expect(pulled.filter(({ status }) => status === "active")).toEqual([]);
  const again = await sfu.call("POST", `sessions/${await sfu.session()}/tracks/new`, {
    tracks: [{ location: "remote", sessionId: impostor.session, trackName: "camera" }],
  });
  expect(again).toMatchObject({ status: 200, json: { tracks: [{ errorCode: "not_found_track_error" }] } });
  expect(subscriber.received.filter(isMedia)).toHaveLength(0);
});

test("10,000 datagrams of garbage at the media port change nothing for a call that runs", async () => {
  const { sfu, publisher, subscriber } = await call();
  const body = new Uint8Array(500).fill(7);
  await sendUntil(publisher, subscriber, (sequence) => videoPacket(77, sequence, true, body));
  const before = process.memoryUsage().rss;
  const socket = createSocket("udp4");
  const random = randomBytes(20_261_120);
  for (let count = 0; count < 10_000; count += 1) {
    await new Promise<void>((resolve, reject) => {
      socket.send(garbage(random, count), sfu.port, "127.0.0.1", (error) => (error ? reject(error) : resolve()));
    });
  }
  const heard = subscriber.received.filter(isMedia).length;
  await sendUntil(publisher, subscriber, (sequence) => videoPacket(77, 1_000 + sequence, true, body), heard + 5);
  expect([publisher.state, subscriber.state]).toEqual(["connected", "connected"]);
  expect((await sfu.call("GET", `sessions/${publisher.session}`)).status).toBe(200);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  // A newcomer still gets in.
  await subscribe(sfu, publisher);
  expect(sfu.errors).toEqual([]);
  socket.close();
  await once(socket, "close");
});

test("garbage inside a call, sent by a client that is connected, harms nobody else", async () => {
  const { sfu, publisher, subscriber } = await call();
  const body = new Uint8Array(100);
  await sendUntil(publisher, subscriber, (sequence) => videoPacket(77, sequence, true, body));
  const random = randomBytes(7);
  for (let count = 0; count < 500; count += 1) {
    const bytes = random(12 + (count % 200));
    bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
    bytes[1] = count % 3 === 0 ? 200 + (count % 8) : (bytes[1] ?? 0);
    subscriber.send(bytes);
  }
  const heard = subscriber.received.filter(isMedia).length;
  await sendUntil(publisher, subscriber, (sequence) => videoPacket(77, 1_000 + sequence, true, body), heard + 5);
  expect(sfu.errors).toEqual([]);
});

test("a channel that a client opened by itself ends with the first word on it, which nobody keeps, and no other does", async () => {
  const sfu = await start();
  const [talker, listener] = [await client(sfu), await client(sfu)];
  const [own, untouched] = [await talker.establish(), await listener.establish()];
  await vi.waitFor(() => expect([own.isOpen(), untouched.isOpen()]).toEqual([true, true]), patience);
  const chat = await talker.channel({ location: "local", dataChannelName: "chat" });
  const of = { location: "remote", sessionId: talker.session, dataChannelName: "chat" };
  const { heard } = await listener.channel(of);
  own.sendMessage("anybody?");
  await vi.waitFor(() => expect(own.isOpen()).toBe(false), patience);
  await vi.waitFor(() => {
    chat.say("hello");
    expect(heard).toContain("hello");
  }, patience);
  expect(untouched.isOpen()).toBe(true);
});

test("a media port that is taken is told at start", async () => {
  const port = await freeUdpPort();
  const socket = createSocket("udp4");
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  const options = {
    apps: [{ id: "app", secret }],
    media: { port, bindAddress: "127.0.0.1", advertise: undefined },
    onError: () => {},
  };
  await expect(createSfu(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
  socket.close();
  await once(socket, "close");
  open.push(await createSfu(options));
});

test("closing ends every session at once, and the port is free again", async () => {
  const { sfu, publisher } = await call();
  sfu.close();
  expect(sfu.sessionCount()).toBe(0);
  expect((await sfu.call("GET", `sessions/${publisher.session}`)).status).toBe(410);
  expect((await sfu.call("POST", "sessions/new")).status).toBe(503);
  await vi.waitFor(async () => {
    const again = await createSfu({
      apps: [],
      media: { port: sfu.port, bindAddress: "127.0.0.1", advertise: undefined },
      onError: () => {},
    });
    again.close();
  }, patience);
});

async function start(limits = {}): Promise<TestSfu> {
  const sfu = await startSfu(limits);
  open.push(sfu);
  return sfu;
}

async function client(sfu: TestSfu): Promise<Client> {
  const created = await Client.create(sfu);
  open.push(created);
  return created;
}

/** A publisher of `camera` under SSRC 77 and a subscriber, both connected. */
async function call() {
  const sfu = await start();
  const publisher = await client(sfu);
  expect(await publisher.push("camera", 77)).toBe(200);
  const subscriber = await subscribe(sfu, publisher);
  await vi.waitFor(() => expect(publisher.state).toBe("connected"), patience);
  return { sfu, publisher, subscriber };
}

/** A connected subscriber of `camera`, whose first offer is the server's. */
async function subscribe(sfu: TestSfu, publisher: Client): Promise<Client> {
  const subscriber = await client(sfu);
  await subscriber.pull(publisher.session, "camera");
  await vi.waitFor(() => expect(subscriber.state).toBe("connected"), patience);
  return subscriber;
}

/** Sends packets 10, 11, … until the subscriber has received `enough`. */
async function sendUntil(
  from: Client,
  to: Client,
  packet: (sequence: number) => Uint8Array,
  enough = 5,
): Promise<void> {
  let sequence = 10;
  await vi.waitFor(() => {
    from.send(packet(sequence));
    sequence += 1;
    expect(to.received.filter(isMedia).length).toBeGreaterThanOrEqual(enough);
  }, patience);
}

/** Bytes that begin like nothing, STUN, DTLS or RTP, whole or cut. */
function garbage(random: (length: number) => Buffer, count: number): Buffer {
  const bytes = random(1 + (count % 300));
  switch (count % 4) {
    case 0:
      return bytes;
    case 1:
      // A STUN binding request with its magic cookie (RFC 8489 §5).
      return Buffer.concat([Uint8Array.of(0, 1, 0, count & 0xff, 0x21, 0x12, 0xa4, 0x42), bytes]);
    case 2:
      // A DTLS 1.2 handshake record (RFC 6347 §4.1).
      return Buffer.concat([Uint8Array.of(22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, count & 0xff, 0, bytes.length), bytes]);
    default:
      return Buffer.concat([Uint8Array.of(0x80 | (count & 0x3f), count & 0xff), bytes]);
  }
}

/** Bytes that are the same in every run (mulberry32). */
function randomBytes(seed: number): (length: number) => Buffer {
  let state = seed;
  return (length) => {
    const bytes = Buffer.alloc(length);
    for (let index = 0; index < length; index += 1) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      bytes[index] = (mixed ^ (mixed >>> 14)) & 0xff;
    }
    return bytes;
  };
}
