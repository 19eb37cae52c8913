import { createHash } from "node:crypto";
import type { Envelope, ManagedKey } from "@satsuma/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { type KeyKind, type KeyPlatform, Keys } from "./keys.ts";
import { memoryKeys } from "./memory.ts";
import { manageRoutes } from "./routes.ts";

const token = "a-management-token-that-nobody-knows";
let now = 0;
let counter = 0;
let store = memoryKeys();
let keys = new Keys(store, platform());
let removed: [KeyKind, string][] = [];
let failures: unknown[] = [];
let routes = manageRoutes({ keys, token, onRemoved: () => {}, onError: () => {} });

beforeEach(() => {
  now = 1_000;
  store = memoryKeys();
  keys = new Keys(store, platform());
  removed = [];
  failures = [];
  routes = manageRoutes({
    keys,
    token,
    onRemoved: (kind, uid) => removed.push([kind, uid]),
    onError: (error) => failures.push(error),
  });
});

describe.each([
  ["apps", "app", "secret"],
  ["turn_keys", "turn", "key"],
] as const)("%s", (path, kind, shown) => {
  test("are made with a secret that is told once and kept as a digest", async () => {
    const { status, body } = await call("POST", path, { name: "mine" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ success: true, errors: [], messages: [], result: { name: "mine" } });
    const secret = body.result?.[shown] ?? "";
    const uid = body.result?.uid ?? "";
    expect(secret).toHaveLength(64);
    expect(JSON.stringify(store.list(kind))).not.toContain(secret);
    for (const again of [await call("GET", path), await call("GET", `${path}/${uid}`)]) {
      expect(again.status).toBe(200);
      expect(JSON.stringify(again.body)).toContain(uid);
      expect(JSON.stringify(again.body)).not.toMatch(/secret|digest/);
      expect(JSON.stringify(again.body)).not.toContain(createHash("sha256").update(secret).digest("hex"));
    }
    expect(keys.admits(kind, uid, secret)).toBe(true);
    expect(keys.admits(kind, uid, `${secret}x`)).toBe(false);
    expect(keys.admits(kind === "app" ? "turn" : "app", uid, secret)).toBe(false);
  });

  test("are renamed, and say when", async () => {
    const uid = (await call("POST", path)).body.result?.uid ?? "";
    now = 61_000;
    const { body } = await call("PUT", `${path}/${uid}`, { name: "other" });
    expect(body.result).toEqual({
      uid,
      name: "other",
      created: "1970-01-01T00:00:01.000Z",
      modified: "1970-01-01T00:01:01.000Z",
    });
    expect((await call("GET", `${path}/${uid}`)).body.result?.name).toBe("other");
  });

  test("rotate: the new secret counts at once, the old one for as long as it was told to", async () => {
    const { uid = "", [shown]: first = "" } = (await call("POST", path)).body.result ?? {};
    const second = (await call("PUT", `${path}/${uid}/secret`, { overlap: 60 })).body.result?.[shown] ?? "";
    expect(second).not.toBe(first);
    expect([first, second].map((secret) => keys.admits(kind, uid, secret))).toEqual([true, true]);
    now += 60_000;
    expect([first, second].map((secret) => keys.admits(kind, uid, secret))).toEqual([false, true]);
    const third = (await call("PUT", `${path}/${uid}/secret`)).body.result?.[shown] ?? "";
    expect([first, second, third].map((secret) => keys.admits(kind, uid, secret))).toEqual([false, false, true]);
  });

  test("are deleted with what they opened", async () => {
    const { uid = "", [shown]: secret = "" } = (await call("POST", path)).body.result ?? {};
    expect((await call("DELETE", `${path}/${uid}`)).status).toBe(200);
    expect(removed).toEqual([[kind, uid]]);
    expect(keys.admits(kind, uid, secret)).toBe(false);
    for (const method of ["GET", "PUT", "DELETE"]) expect((await call(method, `${path}/${uid}`)).status).toBe(404);
    expect((await call("PUT", `${path}/${uid}/secret`)).status).toBe(404);
    expect((await call("GET", path)).body.result).toEqual([]);
  });

  test("are a thousand at the most", async () => {
    for (let index = 0; index < 1_000; index += 1) keys.create(kind, "");
    expect(await call("POST", path)).toMatchObject({ status: 409, body: { success: false, result: null } });
  });
});

test.each([
  ["no token", ""],
  ["a wrong token", `Bearer ${token}x`],
  ["the start of the token", `Bearer ${token.slice(0, 9)}`],
  ["another scheme", `Basic ${token}`],
])("nothing is told to %s", async (_, authorization) => {
  const { status, body } = await call("GET", "apps", undefined, authorization);
  expect(status).toBe(401);
  expect(body).toMatchObject({ success: false, errors: [{ code: 10_000 }], result: null });
});

test.each([
  [400, "POST", "apps", "{"],
  [400, "POST", "apps", '{"name":7}'],
  [400, "POST", "apps", '{"name":"a\\u0000"}'],
  [400, "POST", "apps", JSON.stringify({ name: "n".repeat(129) })],
  [400, "POST", "apps", "null"],
  [413, "POST", "apps", JSON.stringify({ name: "n".repeat(5_000) })],
  [404, "GET", "apps/__proto__", undefined],
  [404, "PATCH", "apps/x", undefined],
  [404, "GET", "elsewhere", undefined],
])("bad input is an enveloped %i: %s %s", async (status, method, path, text) => {
  const answer = await call(method, path, text);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ success: false, errors: [{ code: status }], result: null });
  expect(failures).toEqual([]);
});

test("an error of the store is told to the operator and not to the client", async () => {
  store.put = () => {
    throw new Error("disk full at /secret/place");
  };
  const answer = await call("POST", "apps");
  expect(answer.status).toBe(500);
  expect(JSON.stringify(answer.body)).not.toContain("place");
  expect(failures).toHaveLength(1);
});

async function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  const response = await routes.fetch(
    new Request(`http://sfu/client/v4/accounts/me/calls/${path}`, {
      method,
      headers: authorization === "" ? {} : { authorization },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
  return { status: response.status, body: (await response.json()) as Envelope<ManagedKey> };
}

function platform(): KeyPlatform {
  return {
    now: () => now,
    iso: (time) => new Date(time).toISOString(),
    newId: () => String(++counter).padStart(32, "0"),
    newSecret: () => `secret-${++counter}`.padEnd(64, "x"),
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  };
}
