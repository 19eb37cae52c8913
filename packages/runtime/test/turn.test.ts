import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Envelope, IceServer, ManagedKey } from "@satsuma/protocol";
import { afterEach, expect, test } from "vitest";
import { freeUdpPort } from "../../../scripts/ports.ts";
import { type Listening, listen } from "../src/node/listen.ts";
import { createSfu, type NodeSfu } from "../src/node/sfu.ts";
import type { TurnConfig } from "../src/node/turn.ts";
import { openTurnUsers } from "../src/node/turn-users.ts";

const management = { token: "management-token-of-the-test-0123456789" };
const urls = ["stun:relay.example:3478", "turn:relay.example:3478?transport=udp", "turns:relay.example:5349"];
const shared: TurnConfig = { by: "shared-secret", urls, secret: "secret-that-coturn-shares-with-us" };
const errors: unknown[] = [];
const open: { sfu: NodeSfu; http: Listening }[] = [];

afterEach(async () => {
  for (const { sfu, http } of open.splice(0).reverse()) {
    sfu.close();
    await http.close(100);
  }
});

test("credentials are what coturn computes, in both shapes, and say when they expire", async () => {
  const { url, uid, key } = await start(shared);
  const before = Math.floor(Date.now() / 1_000);
  const array = await ask(url, uid, key, "generate-ice-servers", { ttl: 60, customIdentifier: "guest.7" });
  expect(array.status).toBe(201);
  const [stun, turn] = array.json.iceServers as IceServer[];
  expect(stun).toEqual({ urls: [urls[0]] });
  expect(turn?.urls).toEqual(urls.slice(1));
  const username = String(turn?.username);
  expect(username).toMatch(new RegExp(`^\\d{10}:${uid}\\.[0-9a-f]{12}\\.guest\\.7$`));
  expect(Number.parseInt(username, 10) - before).toBeGreaterThanOrEqual(60);
  expect(Number.parseInt(username, 10) - before).toBeLessThan(70);
  expect(turn?.credential).toBe(
    createHmac("sha1", "secret-that-coturn-shares-with-us").update(username).digest("base64"),
  );

  const object = await ask(url, uid, key, "generate");
  expect(object.status).toBe(201);
  const { urls: all, username: other } = object.json.iceServers as unknown as IceServer;
  expect(all).toEqual(urls);
  expect(Number.parseInt(String(other), 10) - before).toBeGreaterThanOrEqual(86_400);
  expect(other).not.toContain(".guest");
});

test.each([
  [401, "unauthorized", "generate", undefined, "wrong"],
  [406, "invalid_params", "generate", { ttl: 172_801 }, undefined],
  [400, "decoding_error", "generate", { ttl: 0 }, undefined],
  [400, "decoding_error", "generate", { ttl: "60" }, undefined],
  [400, "decoding_error", "generate-ice-servers", { customIdentifier: "a:b" }, undefined],
  [413, "payload_too_large", "generate", { customIdentifier: "x".repeat(5_000) }, undefined],
  [404, "not_found", "elsewhere", undefined, undefined],
  [501, "not_supported", "1:x.y/revoke", undefined, undefined],
])("a wrong request is refused with %i %s: %s", async (status, errorCode, path, body, token) => {
  const { url, uid, key } = await start(shared);
  expect(await ask(url, uid, token ?? key, path, body)).toMatchObject({ status, json: { errorCode } });
  expect(errors).toEqual([]);
});

test("the longest ttl is taken, and a key of another server or app opens nothing", async () => {
  const { url, uid, key } = await start(shared);
  const second = await createKey(url, "turn_keys");
  const app = await createKey(url, "apps");
  expect((await ask(url, uid, key, "generate", { ttl: 172_800 })).status).toBe(201);
  expect((await ask(url, uid, second.key, "generate")).status).toBe(401);
  expect((await ask(url, app.uid, app.key, "generate")).status).toBe(401);
});

test("Cloudflare's service is asked in its own words; whoever speaks them is a relay", async () => {
  // Our own server speaks them too, so it stands for theirs: another process could as well.
  const theirs = await start(shared);
  const { url, uid, key } = await start({
    by: "cloudflare",
    url: `${theirs.url}/v1`,
    keyId: theirs.uid,
    token: theirs.key,
  });
  const { status, json } = await ask(url, uid, key, "generate-ice-servers", { ttl: 60, customIdentifier: "guest" });
  expect(status).toBe(201);
  expect((json.iceServers as IceServer[])[1]?.username).toContain(`${theirs.uid}.`);
  expect((json.iceServers as IceServer[])[1]?.username).toContain(".guest");
  expect(await ask(url, uid, key, "x/revoke")).toMatchObject({ status: 503 });
  expect(errors.splice(0)).toHaveLength(1);
  await theirs.stop();
  const gone = await ask(url, uid, key, "generate");
  expect(gone).toMatchObject({ status: 500, json: { errorCode: "internal_error" } });
  expect(JSON.stringify(gone.json)).not.toContain(theirs.key);
  expect(errors.splice(0)).toHaveLength(1);
});

test("rows of the user database are coturn's keys, and go with revocation, their key and their time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satsuma-turn-"));
  const file = join(folder, "turndb");
  let now = 1_800_000_000_000;
  const users = openTurnUsers({ urls, file, realm: "satsuma" }, () => now);
  const names = () => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare("SELECT name FROM turnusers_lt ORDER BY name").all();
    database.close();
    return rows.map(({ name }) => String(name));
  };
  const issue = async (key: string, ttl: number) =>
    String((await users.issue({ key, ttl, identifier: undefined })).at(-1)?.username);
  const [a, b, c, d] = [
    await issue("one", 60),
    await issue("one", 120),
    await issue("two", 60),
    await issue("two", 600),
  ];
  expect(names()).toEqual([a, b, c, d].sort());
  await expect(users.revoke("two", a)).rejects.toMatchObject({ code: "not_found" });
  await users.revoke("one", a);
  await users.revoke("one", a);
  expect(names()).toEqual([b, c, d].sort());
  await users.forget("one");
  expect(names()).toEqual([c, d].sort());
  now += 61_000;
  await users.sweep();
  expect(names()).toEqual([d]);
  users.close();
  await rm(folder, { recursive: true });
});

test("coturn can look a user up while credentials are written, since it does not wait for locks", async () => {
  const folder = await mkdtemp(join(tmpdir(), "satsuma-turn-"));
  const file = join(folder, "turndb");
  const users = openTurnUsers({ urls, file, realm: "satsuma" }, () => 1_800_000_000_000);
  await users.issue({ key: "one", ttl: 60, identifier: undefined });
  const [writer, coturn] = [new DatabaseSync(file), new DatabaseSync(file)];
  writer.exec("BEGIN EXCLUSIVE; DELETE FROM turnusers_lt");
  expect(coturn.prepare("SELECT count(*) AS rows FROM turnusers_lt").get()).toEqual({ rows: 1 });
  writer.exec("ROLLBACK");
  for (const database of [writer, coturn, users]) database.close();
  await rm(folder, { recursive: true });
});

async function start(turn: TurnConfig) {
  const sfu = await createSfu({
    apps: [],
    media: { port: await freeUdpPort(), bindAddress: "127.0.0.1", advertise: undefined },
    management,
    turn,
    onError: (error) => errors.push(error),
  });
  const http = await listen({ fetch: sfu.fetch, upgrade: (_, socket) => socket.destroy(), host: "127.0.0.1", port: 0 });
  const entry = { sfu, http };
  open.push(entry);
  const url = `http://127.0.0.1:${http.port}`;
  const stop = async () => {
    open.splice(open.indexOf(entry), 1);
    sfu.close();
    await http.close(100);
  };
  return { url, ...(await createKey(url, "turn_keys")), stop };
}

async function createKey(url: string, path: string): Promise<{ uid: string; key: string }> {
  const response = await fetch(`${url}/client/v4/accounts/me/calls/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${management.token}` },
  });
  const { result } = (await response.json()) as Envelope<ManagedKey>;
  return { uid: result?.uid ?? "", key: result?.key ?? result?.secret ?? "" };
}

async function ask(url: string, uid: string, token: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/v1/turn/keys/${uid}/credentials/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
}
