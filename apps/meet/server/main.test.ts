import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RoomsClient } from "@satsuma/calls";
import { allowing } from "@satsuma/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";

// Each test starts processes of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const main = fileURLToPath(new URL("main.ts", import.meta.url));

let folder: string;
let running: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meet-"));
  running = [];
});
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly complained: () => string;
  /** The process's end: its exit code and the milliseconds since it was asked for. */
  ended(): Promise<number | null>;
}

function run(environment: Record<string, string>): Run {
  const child = spawn(process.execPath, ["--conditions=@satsuma/source", main], {
    env: { PATH: process.env.PATH, SATSUMA_DATA_FOLDER: folder, SATSUMA_HTTP_PORT: "0", ...environment },
  });
  running.push(child);
  let said = "";
  let complained = "";
  child.stdout.on("data", (data) => {
    said += data;
  });
  child.stderr.on("data", (data) => {
    complained += data;
  });
  const closed = once(child, "close");
  return { child, said: () => said, complained: () => complained, ended: async () => (await closed)[0] };
}

/** Starts on free ports and resolves with the URL that it printed. */
async function start(environment: Record<string, string> = {}): Promise<Run & { url: string }> {
  const started = run({ SATSUMA_MEDIA_PORT: String(await freeUdpPort()), ...environment });
  for (;;) {
    const url = /http:\S+/.exec(started.said())?.[0];
    if (url) return { ...started, url };
    if (started.child.exitCode !== null || started.child.signalCode !== null)
      throw new Error(`did not start: ${started.complained()}`);
    await Promise.race([once(started.child.stdout ?? started.child, "data"), started.ended()]);
  }
}

async function joined(url: string, room = "r") {
  const response = await fetch(`${url}/api/rooms/${room}/tokens`, { method: "POST", body: '{"name":"Ann"}' });
  const { token } = (await response.json()) as { token: string };
  const socket = new WebSocket(`${url.replace("http", "ws")}/rooms/${room}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
  const welcome = new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
  socket.send(JSON.stringify({ type: "hello", protocols: [2], client: "c", token }));
  await welcome;
  return { token, socket };
}

test("one process is the page's API, its rooms and its media server", async () => {
  const { url, complained } = await start();
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });
  const { token, socket } = await joined(url);
  const headers = { Authorization: `Bearer ${token}` };
  const session = await fetch(`${url}/rooms/r/sfu/sessions/new`, { method: "POST", headers });
  expect(session.status).toBe(201);
  const { sessionId } = (await session.json()) as { sessionId: string };
  const state = await fetch(`${url}/rooms/r/sfu/sessions/${sessionId}`, { headers });
  expect(state.status).toBe(200);
  const direct = await fetch(`${url}/v1/apps/app/sessions/new`, { method: "POST", headers });
  expect(direct.status).toBe(401);
  expect(await direct.json()).toMatchObject({ errorCode: "unauthorized" });
  socket.close();
  expect(complained()).toBe("");
});

test("media can be spread over processes beside it, which end with it", { timeout: 60_000 }, async () => {
  const port = await freeUdpPort(2);
  const environment = { SATSUMA_MEDIA_PORT: String(port), SATSUMA_MEDIA_WORKERS: "2", SATSUMA_LOG_LEVEL: "info" };
  const { url, child, complained, ended } = await start(environment);
  const { token, socket } = await joined(url);
  const headers = { Authorization: `Bearer ${token}` };
  const sessions = [];
  for (let count = 0; count < 2; count += 1) {
    const session = await fetch(`${url}/rooms/r/sfu/sessions/new`, { method: "POST", headers });
    expect(session.status).toBe(201);
    sessions.push(((await session.json()) as { sessionId: string }).sessionId);
  }
  expect(new Set(sessions.map((id) => id.slice(0, 2)))).toEqual(new Set(["00", "01"]));
  expect(complained()).toContain(`"event":"media worker started","worker":1`);
  child.kill("SIGTERM");
  expect(await ended()).toBe(0);
  socket.close();
  const squatter = createSocket("udp4").bind(port + 1, "127.0.0.1");
  await once(squatter, "listening");
  squatter.close();
});

test("with a relay, whoever is let in is told of it, with credentials of their own that expire", async () => {
  const secret = "a-secret-shared-with-coturn";
  const { url } = await start({ SATSUMA_TURN_URLS: "turn:relay.example?transport=tcp", SATSUMA_TURN_SECRET: secret });
  const ask = async () => {
    const response = await fetch(`${url}/api/rooms/r/tokens`, { method: "POST", body: '{"name":"Ann"}' });
    return (await response.json()) as { relay: { ttl: number; iceServers: { urls: string[]; username: string }[] } };
  };
  const [one, other] = await Promise.all([ask(), ask()]);
  expect(one.relay).toMatchObject({ ttl: 3_600, iceServers: [{ urls: ["turn:relay.example?transport=tcp"] }] });
  expect(one.relay.iceServers[0]?.username).not.toBe(other.relay.iceServers[0]?.username);
  expect(JSON.stringify(one)).not.toContain(secret);
});

test("every answer says what a browser must refuse", async () => {
  const { url } = await start();
  for (const path of ["/healthz", "/nothing"]) {
    const { headers } = await fetch(`${url}${path}`);
    expect(headers.get("permissions-policy")).toContain("camera=(self), microphone=(self)");
    expect(headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("a stop with somebody connected takes less than a second and is clean", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { child, url, ended, complained } = await start();
    const { token, socket } = await joined(url);
    await fetch(`${url}/rooms/r/sfu/sessions/new`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
    const asked = performance.now();
    child.kill(signal);
    expect(await ended()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(allowing(1_000));
    expect(await closed).toMatchObject({ code: 1012, reason: "shutting-down" });
    expect(complained()).toBe("");
  }
});

test("[F10] a room is there after a restart, and so is whoever was in it", async () => {
  const before = await start();
  const { token } = await joined(before.url);
  before.child.kill("SIGINT");
  await before.ended();
  const after = await start();
  const { socket } = await joined(after.url);
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${after.url}/rooms/r/sfu/sessions/new`, { method: "POST", headers });
  expect(answer.status).toBe(201);
  socket.close();
});

test("a taken TCP port is said in one sentence that names the option", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const port = (squatter.address() as { port: number }).port;
  const { ended, complained } = run({
    SATSUMA_HTTP_PORT: String(port),
    SATSUMA_MEDIA_PORT: String(await freeUdpPort()),
  });
  expect(await ended()).toBe(1);
  expect(complained()).toBe(`TCP port ${port} is taken; choose another with SATSUMA_HTTP_PORT.\n`);
  squatter.close();
});

test("a data folder in use is said in one sentence that names the option", async () => {
  await start();
  const { ended, complained } = run({ SATSUMA_MEDIA_PORT: String(await freeUdpPort()) });
  expect(await ended()).toBe(1);
  expect(complained()).toContain("is in use by another process; choose another with SATSUMA_DATA_FOLDER.\n");
});

test("a taken UDP port is said in one sentence that names the option", async () => {
  const squatter = createSocket("udp4").bind(0);
  await once(squatter, "listening");
  const { port } = squatter.address();
  const { ended, complained } = run({ SATSUMA_MEDIA_PORT: String(port) });
  expect(await ended()).toBe(1);
  expect(complained()).toBe(`UDP port ${port} is taken; choose another with SATSUMA_MEDIA_PORT.\n`);
  squatter.close();
});

test.each([
  [{ SATSUMA_HTTP_PORT: "x" }, "SATSUMA_HTTP_PORT"],
  [{ SATSUMA_HTTP_HOST: "192.0.2.1" }, "SATSUMA_HTTP_HOST"],
  [{ SATSUMA_MEDIA_HOST: "999.1.1.1" }, "SATSUMA_MEDIA_HOST"],
  [{ SATSUMA_DATA_FOLDER: join(import.meta.filename, "data") }, "SATSUMA_DATA_FOLDER"],
  [{ SATSUMA_CONFIG: "/nowhere/satsuma.json" }, "SATSUMA_CONFIG"],
  [{ SATSUMA_SFU_URL: "http://127.0.0.1:9/v1" }, "SATSUMA_SFU_APP"],
])("%j does not start, and one sentence names %s", async (environment, name) => {
  const { ended, complained } = run({ SATSUMA_MEDIA_PORT: String(await freeUdpPort()), ...environment });
  expect(await ended()).toBe(1);
  expect(complained()).toContain(name);
  expect(complained().trim().split("\n")).toHaveLength(1);
});

test("media can be served by another process: one URL changes", async () => {
  const keys = { SATSUMA_SFU_APP: "app", SATSUMA_SFU_SECRET: "a-secret-of-some-length" };
  const media = await start(keys);
  const data = { SATSUMA_DATA_FOLDER: join(folder, "rooms-only") };
  const rooms = await start({ ...keys, ...data, SATSUMA_SFU_URL: `${media.url}/v1` });
  const { token } = await joined(rooms.url);
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${rooms.url}/rooms/r/sfu/sessions/new`, { method: "POST", headers });
  expect(answer.status).toBe(201);
  const { sessionId } = (await answer.json()) as { sessionId: string };
  const secret = { Authorization: `Bearer ${keys.SATSUMA_SFU_SECRET}` };
  const found = await fetch(`${media.url}/v1/apps/app/sessions/${sessionId}`, { headers: secret });
  expect(found.status).toBe(200);
  const none = await fetch(`${rooms.url}/v1/apps/app/sessions/${sessionId}`, { headers: secret });
  expect(none.status).toBe(404);
});

test("an app's backend sees who meets, and what it asks is done", async () => {
  const key = "k".repeat(32);
  const { url } = await start({ SATSUMA_API_KEY: key });
  const { socket } = await joined(url, "caf\u00e9");
  const client = new RoomsClient({ url, key, operator: "ops@example.org" });
  const room = await client.room("caf\u00e9");
  expect(room.people).toMatchObject([{ name: "Ann" }]);
  await vi.waitFor(async () => expect((await client.rooms()).items).toMatchObject([{ name: "caf\u00e9" }]));
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  await client.order("caf\u00e9", { do: "end" });
  expect(await closed).toMatchObject({ reason: "ended" });
  await vi.waitFor(async () => {
    const { items } = await client.meetings({ room: "caf\u00e9" });
    expect(items).toMatchObject([{ room: "caf\u00e9", why: "ended", peak: 1, joins: 1 }]);
    expect((await client.visits(items[0]?.id ?? "")).items).toMatchObject([
      { name: "Ann", stayed: expect.any(Number) },
    ]);
  });
  const audit = await client.order("caf\u00e9", { do: "audit", limit: 10 });
  expect(audit.result).toMatchObject({ of: "audit" });
  expect(JSON.stringify(audit.result)).toContain("ops@example.org");
  const stranger = new RoomsClient({ url, key: "x".repeat(32) });
  await expect(stranger.rooms()).rejects.toMatchObject({ code: "unauthorized" });
});

test("a body of 2 MB, for tokens or for the media server, is refused by code", async () => {
  const keys = { SATSUMA_SFU_APP: "app", SATSUMA_SFU_SECRET: "a-secret-of-some-length" };
  const { url } = await start(keys);
  const body = "x".repeat(2_000_000);
  const token = await fetch(`${url}/api/rooms/r/tokens`, { method: "POST", body });
  expect([token.status, await token.json()]).toMatchObject([413, { code: "too-large" }]);
  const headers = { Authorization: `Bearer ${keys.SATSUMA_SFU_SECRET}` };
  const media = await fetch(`${url}/v1/apps/app/sessions/new`, { method: "POST", body, headers });
  expect([media.status, await media.json()]).toMatchObject([413, { errorCode: "payload_too_large" }]);
  const { socket } = await joined(url);
  socket.close();
});

test("one address asking for too many tokens is told when to come back", async () => {
  const { url } = await start({ SATSUMA_TOKENS_PER_MINUTE: "2" });
  const ask = () => fetch(`${url}/api/rooms/r/tokens`, { method: "POST", body: '{"name":"Ann"}' });
  expect((await ask()).status).toBe(201);
  expect((await ask()).status).toBe(201);
  const refused = await ask();
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: "too-many-requests", retry: true }]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a token request that is malformed is refused by code", async () => {
  const { url } = await start();
  for (const body of ['{"name":""}', '{"name":"a\\u0000b"}', "{", "[]", '{"name":"Ann","role":"admin"}']) {
    const refused = await fetch(`${url}/api/rooms/r/tokens`, { method: "POST", body });
    expect([refused.status, await refused.json()], body).toMatchObject([400, { code: "bad-message", retry: false }]);
  }
});
