/** Media spread over two worker processes: real peers at one, whose tracks are received at the other. */
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { ascii, rtp, vp8 } from "../../sfu/test/packets.ts";
import type { WorkerEvent } from "../src/node/workers/worker-process.ts";
import { Client, isMedia, secret, startSfu, type TestSfu, videoPacket } from "./rtc-client.ts";

// Processes are started, which takes a second, and on a busy machine half a minute.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const patience = { timeout: 60_000, interval: 10 };
const token = "management-token-of-the-test-0123456789";
const open: { close(): void }[] = [];

afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close();
});

const events: WorkerEvent[] = [];
let sfu: TestSfu;

beforeAll(async () => {
  sfu = await startSfu(
    {},
    {},
    {},
    {
      workers: 2,
      management: { token },
      workerLimits: { interval: 100, silence: 60, startSilence: 600, shortestPause: 100 },
      onWorker: (event) => events.push(event),
    },
  );
});

afterAll(async () => {
  await sfu.close();
  expect(sfu.errors).toEqual([]);
});

describe("between two workers", () => {
  test("a picture crosses unchanged, begins at a keyframe, and asks its publisher for one", async () => {
    const [publisher, subscriber] = [await client(sfu, 0), await client(sfu, 1)];
    expect(await publisher.push("camera", 77)).toBe(200);
    await connected(publisher);
    await subscriber.pull(publisher.session, "camera");
    await connected(subscriber);
    publisher.send(videoPacket(77, 1, false, new Uint8Array(10)));
    await vi.waitFor(() => expect(publisher.received.some((packet) => asksKeyframe(packet, 77))).toBe(true), patience);
    expect(media(subscriber)).toEqual([]);
    const body = Uint8Array.from({ length: 1_000 }, (_, index) => index & 0xff);
    let sequence = 10;
    await vi.waitFor(() => {
      publisher.send(videoPacket(77, sequence, true, body));
      sequence += 1;
      expect(media(subscriber).length).toBeGreaterThan(5);
    }, patience);
    const packets = media(subscriber);
    expect(packets[0]?.subarray(-body.length)).toEqual(Buffer.from(body));
    const numbers = packets.map((packet) => packet.readUInt16BE(2));
    expect(numbers).toEqual(numbers.map((_, index) => ((numbers[0] ?? 0) + index) & 0xffff));

    const { json } = await sfu.call("GET", `usage?by=session`);
    const bytes = media(subscriber).reduce((sum, packet) => sum + packet.length, 0);
    await vi.waitFor(
      () => expect(media(subscriber).reduce((sum, packet) => sum + packet.length, 0)).toBe(bytes),
      patience,
    );
    expect(json).toMatchObject({ usage: [{ name: subscriber.session }] });
    const shown = await sfu.call("GET", `sessions/${subscriber.session}/stats`);
    expect(shown.json).toMatchObject({ received: [{ sessionId: publisher.session, trackName: "camera" }] });

    await sfu.call("PUT", `sessions/${publisher.session}/tracks/close`, { tracks: [{ mid: "0" }], force: true });
    await vi.waitFor(async () => expect(await statuses(sfu, subscriber)).toEqual(["inactive"]), patience);
  });

  test("sound crosses", async () => {
    const [publisher, subscriber] = [await client(sfu, 1), await client(sfu, 0)];
    await publisher.push("voice", 5, undefined, "audio");
    await connected(publisher);
    await subscriber.pull(publisher.session, "voice");
    await connected(subscriber);
    let sequence = 0;
    await vi.waitFor(() => {
      sequence += 1;
      const payload = Uint8Array.of(sequence & 0xff, 1, 2, 3);
      publisher.send(rtp({ payloadType: 111, ssrc: 5, sequence, timestamp: sequence * 960, payload }));
      expect(media(subscriber).length).toBeGreaterThan(5);
    }, patience);
    expect(media(subscriber)[0]?.subarray(-3)).toEqual(Buffer.of(1, 2, 3));
  });

  test("of a picture in layers, the one that is wanted crosses, and another when that is wanted", async () => {
    const [publisher, subscriber] = [await client(sfu, 0), await client(sfu, 1)];
    const lines = [
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
      "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
      "a=rid:a send",
      "a=rid:b send",
      "a=simulcast:send a;b",
    ];
    expect(await publisher.push("camera", 77, (sdp) => `${sdp}${lines.join("\r\n")}\r\n`)).toBe(200);
    await connected(publisher);
    const want = { preferredRid: "a" };
    await subscriber.pull(publisher.session, "camera", want);
    await connected(subscriber);
    let sequence = 0;
    const until = (mark: number) => {
      subscriber.received.length = 0;
      return vi.waitFor(() => {
        sequence += 1;
        for (const [index, rid] of ["a", "b"].entries()) {
          const extensions = [
            { id: 4, data: ascii("0") },
            { id: 10, data: ascii(rid) },
          ];
          const payload = Uint8Array.from([...vp8({ key: true }), index + 1]);
          const packet = { ssrc: 80 + index, sequence, timestamp: sequence * 3_000, marker: true, extensions, payload };
          publisher.send(rtp(packet));
        }
        expect(media(subscriber).at(-1)?.at(-1)).toBe(mark);
      }, patience);
    };
    await until(1);
    const { mid } = (await sfu.call("GET", `sessions/${subscriber.session}`)).json.tracks?.[0] ?? {};
    const track = { location: "remote", sessionId: publisher.session, trackName: "camera", mid };
    const tracks = [{ ...track, simulcast: { preferredRid: "b" } }];
    expect((await sfu.call("PUT", `sessions/${subscriber.session}/tracks/update`, { tracks })).status).toBe(200);
    await until(2);
  });

  test("a data channel crosses, and its replies", async () => {
    const [publisher, subscriber] = [await client(sfu, 0), await client(sfu, 1)];
    for (const each of [publisher, subscriber]) await each.establish();
    const chat = await publisher.channel({ location: "local", dataChannelName: "chat" });
    const { session: sessionId } = publisher;
    const other = await subscriber.channel({ location: "remote", sessionId, dataChannelName: "chat", canReply: true });
    await vi.waitFor(() => {
      chat.say("hello");
      expect(other.heard).toContain("hello");
    }, patience);
    await vi.waitFor(() => {
      other.say("hello yourself");
      expect(chat.heard).toContain("hello yourself");
    }, patience);
  });

  test("an app that is made is everybody's at once, and gone everywhere when it is deleted", async () => {
    const manage = async (method: string, path: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const url = `http://sfu/client/v4/accounts/a/calls/${path}`;
      const response = await sfu.fetch(new Request(url, { method, headers, ...(method === "POST" && { body: "{}" }) }));
      return ((await response.json()) as { result: { uid: string; secret: string } }).result;
    };
    const { uid, secret } = await manage("POST", "apps");
    const call = async (method: string, path: string) => {
      const headers = { authorization: `Bearer ${secret}` };
      const response = await sfu.fetch(new Request(`http://sfu/v1/apps/${uid}/${path}`, { method, headers }));
      return { status: response.status, json: (await response.json()) as { sessionId: string } };
    };
    const sessions = [await call("POST", "sessions/new"), await call("POST", "sessions/new")];
    // Where earlier tests have left more sessions at one of them, the first go to the other.
    while (new Set(sessions.map(({ json }) => workerOf(json.sessionId))).size < 2 && sessions.length < 40) {
      sessions.push(await call("POST", "sessions/new"));
    }
    expect(new Set(sessions.map(({ json }) => workerOf(json.sessionId)))).toEqual(new Set([0, 1]));
    for (const { json } of sessions) expect((await call("GET", `sessions/${json.sessionId}`)).status).toBe(200);
    await manage("DELETE", `apps/${uid}`);
    for (const { json } of sessions) expect((await call("GET", `sessions/${json.sessionId}`)).status).toBe(401);
    expect((await call("POST", "sessions/new")).status).toBe(401);
  });

  test("a stream has its publisher and its players at one of them", async () => {
    const publisher = await client(sfu, 0);
    const whip = "http://sfu/v1/apps/app/whip/stage";
    const post = (url: string, body: string) => {
      const headers = { authorization: `Bearer ${secret}`, "content-type": "application/sdp" };
      return sfu.fetch(new Request(url, { method: "POST", headers, body }));
    };
    const whep = whip.replace("whip", "whep");
    expect((await post(whep, "")).status).toBe(404);
    const begun = await post(whip, await publisher.offer());
    expect(begun.status).toBe(201);
    publisher.accept(await begun.text());
    await connected(publisher);
    const playing = await post(whep, "");
    expect([playing.status, playing.headers.get("content-type")]).toEqual([201, "application/sdp"]);
    const sessions = [begun, playing].map(({ headers }) => headers.get("location")?.split("/").at(-1) ?? "");
    expect(workerOf(sessions[0] ?? "")).toBe(workerOf(sessions[1] ?? ""));
    const resource = new URL(begun.headers.get("location") ?? "", whip);
    const headers = { authorization: `Bearer ${secret}` };
    expect((await sfu.fetch(new Request(resource, { method: "DELETE", headers }))).status).toBe(200);
    expect((await post(whep, "")).status).toBe(404);
  });
});

describe("a worker that dies", () => {
  test("takes its own sessions along and nobody else's, and comes back", async () => {
    const [here, there] = [await client(sfu, 0), await client(sfu, 1)];
    const [viewer, other] = [await client(sfu, 0), await client(sfu, 0)];
    await here.push("camera", 77);
    await there.push("camera", 78);
    for (const each of [here, there]) await connected(each);
    await viewer.pull(here.session, "camera");
    await other.pull(there.session, "camera");
    for (const each of [viewer, other]) await connected(each);
    expect(await statuses(sfu, other)).toEqual(["active"]);
    const pid = signal(sfu, 1, "SIGKILL");
    await vi.waitFor(async () => {
      expect(await sfu.call("GET", `sessions/${there.session}`)).toMatchObject({
        status: 410,
        json: { errorCode: "session_error" },
      });
      expect(await statuses(sfu, other)).toEqual(["inactive"]);
    }, patience);
    let sequence = 0;
    await vi.waitFor(() => {
      sequence += 1;
      here.send(videoPacket(77, sequence, true, new Uint8Array(100)));
      expect(media(viewer).length).toBeGreaterThan(5);
    }, patience);
    expect(await statuses(sfu, viewer)).toEqual(["active"]);
    await vi.waitFor(() => expect(sfu.workers()[1]).toMatchObject({ up: true }), patience);
    expect(sfu.workers()[1]?.pid).not.toBe(pid);
    const lives = events.filter(({ worker, event }) => worker === 1 && event !== "load");
    const [ended, started] = lives.slice(-2);
    expect(ended).toMatchObject({ event: "ended", why: expect.stringContaining("SIGKILL") });
    expect(started).toMatchObject({ event: "started", pid: sfu.workers()[1]?.pid });
    expect((await sfu.call("GET", `sessions/${there.session}`)).status).toBe(410);
    const again = await client(sfu, 1);
    await again.pull(here.session, "camera");
    await connected(again);
    await vi.waitFor(() => {
      sequence += 1;
      here.send(videoPacket(77, sequence, true, new Uint8Array(100)));
      expect(media(again).length).toBeGreaterThan(5);
    }, patience);
  });

  test("and one that hangs is killed, so that its sessions are answered", async () => {
    const { session: hung } = await client(sfu, 1);
    signal(sfu, 1, "SIGSTOP");
    expect(await sfu.call("GET", `sessions/${hung}`)).toMatchObject({ status: 410 });
    const ended = expect.objectContaining({ event: "ended", worker: 1, why: "it hung" });
    await vi.waitFor(() => expect(events).toContainEqual(ended), patience);
  });
});

test("a worker that cannot have its port is told at start, and leaves nothing behind", async () => {
  const port = await freeUdpPort(2);
  const taken = await bound(port + 1);
  const starting = startSfu({}, { port }, {}, { workers: 2 });
  await expect(starting).rejects.toMatchObject({ code: "EADDRINUSE" });
  await closed(taken);
  await vi.waitFor(async () => closed(await bound(port)), patience);
});

test("workers end with the process that started them, also when that is killed", async () => {
  const port = await freeUdpPort(2);
  const script = fileURLToPath(new URL("./sfu-process.ts", import.meta.url));
  const parameters = ["--conditions=@satsuma/source", script, "secret", "0", String(port), "{}", "2"];
  const child = spawn(process.execPath, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  for (const each of [port, port + 1]) await expect(bound(each)).rejects.toMatchObject({ code: "EADDRINUSE" });
  child.kill("SIGKILL");
  for (const each of [port, port + 1]) await vi.waitFor(async () => closed(await bound(each)), patience);
});

async function bound(port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind({ port, address: "127.0.0.1", exclusive: true });
  await once(socket, "listening");
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, "close");
}

/** A client whose session is at that worker. */
async function client(sfu: TestSfu, worker: number): Promise<Client> {
  for (;;) {
    const session = await sfu.session();
    if (workerOf(session) !== worker) continue;
    const made = new Client(sfu, session);
    open.push(made);
    return made;
  }
}

/** Gives the process that was sent the signal. */
function signal(sfu: TestSfu, worker: number, name: "SIGKILL" | "SIGSTOP"): number {
  const pid = sfu.workers()[worker]?.pid;
  if (pid === undefined) throw new Error(`Worker ${worker} is not there.`);
  process.kill(pid, name);
  return pid;
}

function workerOf(session: string): number {
  return Number.parseInt(session.slice(0, 2), 16);
}

function connected(client: Client): Promise<void> {
  return vi.waitFor(() => expect(client.state).toBe("connected"), patience);
}

function media(client: Client): Buffer[] {
  return client.received.filter(isMedia);
}

async function statuses(sfu: TestSfu, { session }: Client): Promise<(string | undefined)[]> {
  return (await sfu.call("GET", `sessions/${session}`)).json.tracks?.map(({ status }) => status) ?? [];
}

function asksKeyframe(packet: Buffer, ssrc: number): boolean {
  return packet[1] === 206 && ((packet[0] ?? 0) & 0x1f) === 1 && packet.readUInt32BE(8) === ssrc;
}
