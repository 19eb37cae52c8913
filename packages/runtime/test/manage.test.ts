import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Envelope, ManagedKey } from "@satsuma/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { type Listening, listen } from "../src/node/listen.ts";
import { createSfu, type NodeSfu } from "../src/node/sfu.ts";

const token = "management-token-of-the-test-0123456789";
let folder = "";
let sfu: NodeSfu | undefined;
let http: Listening | undefined;
const errors: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "satsuma-manage-"));
  await start();
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
  expect(errors.splice(0)).toEqual([]);
});

test("an app made over HTTP serves calls, survives a restart, and ends with its sessions when deleted", async () => {
  const [first, second] = [await create("apps"), await create("apps")];
  const session = await newSession(first);
  expect(session.status).toBe(201);
  expect((await newSession({ uid: second.uid, secret: first.secret })).status).toBe(401);
  const sessionId = String(session.json.sessionId);
  expect((await inspect(second, sessionId)).status).toBe(410);
  expect((await inspect(first, sessionId)).status).toBe(200);

  await stop();
  await start();
  const again = String((await newSession(first)).json.sessionId);
  await newSession(second);
  expect(sfu?.sessionCount()).toBe(2);

  expect((await manage("DELETE", `apps/${first.uid}`)).status).toBe(200);
  expect(sfu?.sessionCount()).toBe(1);
  expect((await inspect(first, again)).status).toBe(401);
  expect((await newSession(second)).status).toBe(201);

  await stop();
  await start();
  expect((await newSession(first)).status).toBe(401);
  expect((await manage("GET", "apps")).body.result).toMatchObject([{ uid: second.uid }]);
});

test("a rotated secret counts after a restart, and no file holds any secret", async () => {
  const app = await create("apps");
  const turn = await create("turn_keys");
  const rotated = await manage("PUT", `apps/${app.uid}/secret`, { overlap: 3_600 });
  const secret = String(rotated.body.result?.secret);
  await stop();
  await start();
  expect((await newSession({ uid: app.uid, secret })).status).toBe(201);
  expect((await newSession(app)).status).toBe(201);
  await manage("PUT", `apps/${app.uid}/secret`);
  expect((await newSession({ uid: app.uid, secret })).status).toBe(401);
  await stop();
  const file = join(folder, "apps.db");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const bytes = await readFile(file, "latin1");
  expect(bytes).toContain(app.uid);
  for (const hidden of [app.secret, secret, turn.secret]) expect(bytes).not.toContain(hidden);
});

test("without a management token there is no management", async () => {
  await stop();
  await start({ managed: false });
  const response = await fetch(`${url()}/client/v4/accounts/me/calls/apps`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(404);
});

async function start({ managed = true } = {}): Promise<void> {
  sfu = await createSfu({
    apps: [],
    media: { port: await freeUdpPort(), bindAddress: "127.0.0.1", advertise: undefined },
    ...(managed && { management: { token, file: join(folder, "apps.db") } }),
    onError: (error) => errors.push(error),
  });
  http = await listen({ fetch: sfu.fetch, upgrade: (_, socket) => socket.destroy(), host: "127.0.0.1", port: 0 });
}

async function stop(): Promise<void> {
  sfu?.close();
  await http?.close(100);
  sfu = http = undefined;
}

function url(): string {
  return `http://127.0.0.1:${http?.port}`;
}

async function manage(method: string, path: string, body?: unknown) {
  const response = await fetch(`${url()}/client/v4/accounts/me/calls/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Envelope<ManagedKey> };
}

async function create(path: "apps" | "turn_keys"): Promise<{ uid: string; secret: string }> {
  const { result } = (await manage("POST", path, { name: "test" })).body;
  return { uid: result?.uid ?? "", secret: result?.secret ?? result?.key ?? "" };
}

function newSession(app: { uid: string; secret: string }) {
  return ask("POST", app, "sessions/new");
}

function inspect(app: { uid: string; secret: string }, session: string) {
  return ask("GET", app, `sessions/${session}`);
}

async function ask(method: string, { uid, secret }: { uid: string; secret: string }, path: string) {
  const headers = { authorization: `Bearer ${secret}` };
  const response = await fetch(`${url()}/v1/apps/${uid}/${path}`, { method, headers });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
