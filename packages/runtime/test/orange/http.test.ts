import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Sessions } from "../../src/orange/session.ts";
import { type Host, orangeSecret, startHost } from "../host.ts";
import { Jar } from "./browser-like.ts";

let host: Host;

beforeAll(async () => {
  host = await startHost({ orange: {} });
});
afterAll(() => host.close());

async function named(username: string): Promise<Jar> {
  const jar = new Jar(host.url);
  await jar.post("/set-username", { username });
  return jar;
}

/** The status of a refused upgrade, or 101. */
function upgrade(path: string, headers: Record<string, string> = {}, at = host): Promise<number | undefined> {
  const peer = new WebSocket(`${at.url.replace("http", "ws")}${path}`, { headers });
  return new Promise((resolve) => {
    peer.on("open", () => {
      peer.terminate();
      resolve(101);
    });
    peer.on("unexpected-response", (_, response) => {
      resolve(response.statusCode);
      peer.terminate();
    });
    peer.on("error", () => {});
  });
}

describe("3.1 /set-username", () => {
  test("gives a cookie that Orange would give, and goes back to where the visitor came from", async () => {
    const jar = new Jar(host.url);
    const answer = await jar.post("/set-username?return-url=%2Fgarden%3Finstructions%3Dx", { username: " Ann " });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/garden?instructions=x"]);
    expect(jar.set[0]).toMatch(/^__session=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/);
    const value = decodeURIComponent(jar.cookies.get("__session") ?? "");
    expect(await new Sessions([orangeSecret]).read(value)).toMatchObject({ name: "Ann" });
  });

  test.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "http://127.0.0.1:1/",
    "/..//evil.example",
  ])("goes nowhere else, whatever it is told: %s (mended)", async (url) => {
    const answer = await new Jar(host.url).post(`/set-username?return-url=${encodeURIComponent(url)}`, {
      username: "A",
    });
    const location = new URL(answer.headers.get("location") ?? "", host.url);
    expect([answer.status, location.origin]).toEqual([302, host.url]);
    expect(answer.headers.get("location")).toMatch(/^\/(?![/\\])/);
  });

  test("another name is still the same person", async () => {
    const jar = await named("Ann");
    const person = async () => {
      return (await new Sessions([orangeSecret]).read(decodeURIComponent(jar.cookies.get("__session") ?? "")))?.person;
    };
    const before = await person();
    await jar.post("/set-username", { username: "Annie" });
    expect(await person()).toBe(before);
  });

  test("a name of nothing is refused, and a page asks for one", async () => {
    expect((await new Jar(host.url).post("/set-username", { username: " \n" })).status).toBe(400);
    const page = await new Jar(host.url).fetch("/set-username?return-url=/x");
    expect(await page.text()).toContain('action="/set-username?return-url=/x"');
  });
});

test("3.1 /new goes to a room of eight letters, and keeps the query", async () => {
  const answer = await new Jar(host.url).fetch("/new?voice=echo");
  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).toMatch(/^\/[\w-]{8}\?voice=echo$/);
});

describe("2.1 the upgrade", () => {
  test("without a name is answered with 401, with a cookie let through", async () => {
    const jar = await named("Ann");
    expect(await upgrade("/parties/rooms/door?_pk=1")).toBe(401);
    expect(await upgrade("/parties/rooms/door?_pk=1", { cookie: "__session=forged.signature" })).toBe(401);
    expect(await upgrade("/parties/rooms/door?_pk=1", { cookie: jar.header })).toBe(101);
    expect(await upgrade("/parties/rooms/door/deeper", { cookie: jar.header })).toBe(101);
  });

  test("of another party is answered with 404", async () => {
    const jar = await named("Ann");
    expect(await upgrade("/parties/lobbies/door?_pk=1", { cookie: jar.header })).toBe(404);
  });

  test("a header names somebody only where it is trusted (mended)", async () => {
    const headers = { "cf-access-authenticated-user-email": "ann@example.com" };
    expect(await upgrade("/parties/rooms/door?_pk=1", headers)).toBe(401);
    const trusting = await startHost({ orange: { nameHeader: "cf-access-authenticated-user-email" } });
    expect(await upgrade("/parties/rooms/door?_pk=1", headers, trusting)).toBe(101);
    expect((await fetch(`${trusting.url}/set-username`, { headers, redirect: "manual" })).status).toBe(302);
    await trusting.close();
  });

  test("a server that does not serve Orange has none of it", async () => {
    const plain = await startHost();
    expect(await upgrade("/parties/rooms/door?_pk=1", {}, plain)).toBe(404);
    expect((await fetch(`${plain.url}/partytracks/generate-ice-servers`)).status).toBe(404);
    await plain.close();
  });
});

describe("3.1 reports", () => {
  const info = JSON.stringify({
    roomName: "garden",
    identity: { id: "1" },
    roomHistory: { entries: [] },
    url: "/garden",
  });

  test("are taken from who has a name, and kept", async () => {
    const jar = await named("Ann");
    const bug = await jar.post("/api/bugReport", { info, description: "no sound" });
    expect([bug.status, await bug.json()]).toEqual([200, { status: "ok" }]);
    const body = JSON.stringify({ trackId: "t", pullSessionTrace: "a", pushedSessionTrace: "b", pullingUser: "Ann" });
    expect(await (await jar.fetch("/api/deadTrack", { method: "POST", body })).json()).toEqual({ status: "ok" });
    expect((await jar.fetch("/api/reportRefresh", { method: "POST" })).status).toBe(201);
    const feedback = await jar.post("/call-quality-feedback?meetingId=m", {
      experiencedIssues: "true",
      meetingId: "m",
    });
    expect([feedback.status, feedback.headers.get("location")]).toEqual([302, "/"]);
    expect(await host.reports()).toMatchObject([
      { kind: "feedback", from: "Ann", body: { meetingId: "m", experiencedIssues: true } },
      { kind: "refresh" },
      { kind: "dead-track", body: { trackId: "t", pullingUser: "Ann" } },
      { kind: "bug", body: { description: "no sound", room: "garden" }, debug: expect.any(String) },
    ]);
  });

  test("what a bug report holds is read under its id", async () => {
    const jar = await named("Bob");
    await jar.post("/api/bugReport", { info, description: "black" });
    const [bug] = await host.reports();
    expect(await (await fetch(`${host.url}/api/debugInfo?id=${bug?.debug}`)).json()).toEqual(JSON.parse(info));
    expect((await fetch(`${host.url}/api/debugInfo`)).status).toBe(400);
    expect((await fetch(`${host.url}/api/debugInfo?id=nothing`)).status).toBe(404);
  });

  test("are kept over the end of the process", async () => {
    const before = (await host.reports()).length;
    await host.restart();
    expect(await host.reports()).toHaveLength(before);
  });

  test("are refused from nobody, half, and in floods", async () => {
    expect((await new Jar(host.url).post("/api/bugReport", { info, description: "x" })).status).toBe(401);
    const jar = await named("Cid");
    expect((await jar.post("/api/bugReport", { description: "x" })).status).toBe(400);
    expect((await jar.post("/api/bugReport", { info: "{", description: "x" })).status).toBe(400);
    expect((await jar.fetch("/api/deadTrack", { method: "POST", body: "[]" })).status).toBe(400);
    const many = await Promise.all(
      Array.from({ length: 20 }, () => jar.fetch("/api/reportRefresh", { method: "POST" })),
    );
    expect(many.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  });

  test("feedback has a page for who has none of their own", async () => {
    const page = await fetch(`${host.url}/call-quality-feedback?meetingId=%22%3Ex`);
    expect(await page.text()).toContain('value="&quot;&gt;x"');
  });
});
