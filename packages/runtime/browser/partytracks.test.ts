/**
 * Cloudflare's partytracks 0.0.54 as it is published, in a real Chromium, on our SFU: called directly, and through the
 * proxy that comes with it. The SFU has a process of its own, so that it can be killed.
 */
import { Hono } from "hono";
import { routePartyTracksRequest } from "partytracks/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Listening, listen } from "../src/node/listen.ts";
import { bundlePage } from "./bundle.ts";
import { startChromium } from "./chromium.ts";
import { onPage } from "./on-page.ts";
import type { PartyTracksPage } from "./pages/partytracks.ts";
import { appId, SfuHost, secret } from "./sfu-host.ts";

const patience = { timeout: 30_000, interval: 100 };
/** A client finds out by itself that its server is gone: seconds of missing answers, then seven of its own. */
const mourning = { timeout: 60_000, interval: 200 };
const complaints: string[] = [];
let browser: Browser;
let http: Listening;
let sfu: SfuHost;
let page: Page;

beforeAll(async () => {
  const html = await bundlePage("partytracks");
  sfu = await SfuHost.start();
  const app = new Hono();
  app.get("/", (c) => c.html(html));
  app.all("/partytracks/*", async (c) => {
    // The proxy is written for Workers, which pass a body on as a stream; fetch on Node wants it whole.
    const { headers, url, method } = c.req.raw;
    const request = { headers, url, method, body: method === "GET" ? null : await c.req.text() } as unknown as Request;
    return routePartyTracksRequest({
      appId,
      token: secret,
      realtimeApiBaseUrl: sfu.url,
      request,
      lockSessionToInitiator: true,
    });
  });
  http = await listen({
    fetch: async (request) => app.fetch(request),
    upgrade: (_, socket) => socket.destroy(),
    host: "127.0.0.1",
    port: 0,
  });
  browser = await startChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await http?.close(100);
  await sfu?.kill();
});

const directly = "called directly";
const proxied = "through its own proxy, which locks a session to who began it";

describe.each([directly, proxied])("partytracks %s", (how) => {
  beforeEach(async () => {
    page = await browser.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("dialog", (dialog) => {
      complaints.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`http://127.0.0.1:${http.port}/`);
    await join("alice", how);
    await join("bob", how);
  });

  afterEach(async () => {
    await page.close();
    complaints.splice(0);
  });

  test("a microphone and a camera are pushed and pulled", async () => {
    await run("push", "alice", "mic", "microphone");
    await run("push", "alice", "cam", "camera");
    await run("pull", "bob", "her mic", "mic");
    await run("pull", "bob", "her cam", "cam");
    await flows("bob", { width: 320 });
    await vi.waitFor(async () => expect((await run("received", "bob")).audioPackets).toBeGreaterThan(50), patience);
    const metadata = (await run("metadata", "cam")).at(-1);
    expect(metadata).toMatchObject({ location: "remote", sessionId: (await run("sessions", "alice")).at(-1) });
    expect(metadata?.trackName).toMatch(/^[0-9a-f-]{36}$/);
    await expectNoErrors();
  });

  test("another track in place of the pushed one reaches who pulls it, without a call", async () => {
    await run("push", "alice", "cam", "camera");
    await run("pull", "bob", "her cam", "cam");
    await flows("bob", { width: 320 });
    const before = (await run("history", "alice")).length;
    await run("replace", "cam", 480, 272);
    await flows("bob", { width: 480, height: 272 });
    expect(await run("history", "alice")).toHaveLength(before);
    expect(await run("tracks", "her cam")).toBe(1);
    expect(new Set((await run("metadata", "cam")).map(({ trackName }) => trackName)).size).toBe(1);
  });

  test("a simulcast preference is met from the first frame, and a changed one soon after", async () => {
    await run("push", "alice", "cam", "layers");
    await run("pull", "bob", "her cam", "cam", "b");
    await flows("bob", { width: 320, height: 240 });
    await run("prefer", "her cam", "a");
    await flows("bob", { width: 640, height: 480 });
    await run("prefer", "her cam", "b");
    await flows("bob", { width: 320, height: 240 });
    await expectNoErrors();
    expect((await run("received", "bob")).frozen).toBeLessThan(5);
  });

  test("two pulls given up at once are both closed, although the library stops but one, and the rest goes on", async () => {
    await run("push", "alice", "mic", "microphone");
    await run("push", "alice", "cam", "camera");
    await run("push", "alice", "cam 2", "camera");
    for (const key of ["mic", "cam", "cam 2"]) await run("pull", "bob", `her ${key}`, key);
    await flows("bob", { width: 320 }, "her cam");
    await flows("bob", { width: 320 }, "her cam 2");
    await vi.waitFor(async () => expect(await statusesOf("bob")).toEqual(["active", "active", "active"]), patience);
    await run("stop", "her mic", "her cam");
    await vi.waitFor(async () => {
      expect((await statusesOf("bob")).filter((status) => status === "active")).toHaveLength(1);
    }, patience);
    await flows("bob", { width: 320 }, "her cam 2");
    await run("pull", "bob", "her cam again", "cam");
    await flows("bob", { width: 320 }, "her cam again");
    await expectNoErrors();
  });

  test("the first of all pulls is given up, on which Chromium's transport hangs, and the others go on", async () => {
    await run("push", "alice", "cam", "camera");
    await run("push", "alice", "mic", "microphone");
    await run("pull", "bob", "her cam", "cam");
    await flows("bob", { width: 320 }, "her cam");
    await run("pull", "bob", "her mic", "mic");
    await flows("bob", {}, "her mic", "audioPackets");
    // A client that lost libdatachannel's race for its first connection has had another session before this one.
    const before = (await run("sessions", "bob")).length;
    await run("stop", "her cam");
    await vi.waitFor(async () => {
      expect((await statusesOf("bob")).sort()).toEqual(["active", "inactive"]);
    }, patience);
    await flows("bob", {}, "her mic", "audioPackets");
    await run("pull", "bob", "her cam again", "cam");
    await flows("bob", { width: 320 }, "her cam again");
    await flows("bob", {}, "her mic", "audioPackets");
    expect(await run("sessions", "bob")).toHaveLength(before);
    await expectNoErrors();
  });

  test("a push that is given up ends for who pulls it, and the publisher may push again", async () => {
    await run("push", "alice", "cam", "camera");
    await run("push", "alice", "mic", "microphone");
    await run("pull", "bob", "her cam", "cam");
    await run("pull", "bob", "her mic", "mic");
    await flows("bob", { width: 320 }, "her cam");
    // The library shares a publication among all who look at it; its end is the end of the last.
    await run("stop", "her cam", "cam");
    await vi.waitFor(async () => {
      expect((await statusesOf("alice")).sort()).toEqual(["active", "inactive"]);
    }, patience);
    await flows("bob", {}, "her mic", "audioPackets");
    expect(await statusesOf("bob")).toContain("active");
    await run("push", "alice", "cam again", "camera");
    await run("pull", "bob", "her cam again", "cam again");
    await flows("bob", { width: 320 }, "her cam again");
    await expectNoErrors();
  });

  test("after the server was killed and started again, both join anew, and it is published and pulled again", async () => {
    await run("push", "alice", "mic", "microphone");
    await run("push", "alice", "cam", "camera");
    await run("pull", "bob", "her cam", "cam");
    await run("pull", "bob", "her mic", "mic");
    await flows("bob", { width: 320 });
    const [hers, his] = [(await run("sessions", "alice")).length, (await run("sessions", "bob")).length];
    const tracks = await run("tracks", "her cam");
    await sfu.kill();
    await sfu.restart();
    await vi.waitFor(async () => {
      expect((await run("sessions", "alice")).length).toBeGreaterThan(hers);
      expect((await run("sessions", "bob")).length).toBeGreaterThan(his);
      expect(await run("tracks", "her cam")).toBeGreaterThan(tracks);
    }, mourning);
    await flows("bob", { width: 320 }, "her cam");
    await flows("bob", {}, undefined, "audioPackets");
    const names = (await run("metadata", "cam")).map(({ sessionId }) => sessionId);
    expect(new Set(names).size).toBeGreaterThan(1);
  }, 120_000);
});

async function join(name: string, how: string): Promise<void> {
  if (how === proxied) return run("join", name, {});
  return run("join", name, { prefix: `${sfu.url}/apps/${appId}`, iceServers: [] }, `Bearer ${secret}`);
}

/** A function of the page by its name. */
function run<Name extends keyof PartyTracksPage>(name: Name, ...args: Parameters<PartyTracksPage[Name]>) {
  return onPage<PartyTracksPage, Name>(page, name, args);
}

/** Of the tracks of a member's newest session. */
async function statusesOf(name: string): Promise<string[]> {
  const session = (await run("sessions", name)).at(-1) ?? "";
  return Object.values((await sfu.statuses(session)) ?? {});
}

/** What is pulled has the size that is looked for, and goes on. */
async function flows(
  name: string,
  picture: { width?: number; height?: number },
  key?: string,
  what: "frames" | "audioPackets" = "frames",
): Promise<void> {
  await vi.waitFor(async () => {
    const before = await run("received", name, ...(key === undefined ? [] : [key]));
    expect(before).toMatchObject(picture);
    await vi.waitFor(
      async () =>
        expect((await run("received", name, ...(key === undefined ? [] : [key])))[what]).toBeGreaterThan(
          before[what] + 5,
        ),
      { timeout: 3_000, interval: 100 },
    );
  }, patience);
}

/** No call of either was refused, in whole or in part. */
async function expectNoErrors(): Promise<void> {
  for (const name of ["alice", "bob"]) {
    const answers = (await run("history", name)).map(({ body }) => JSON.stringify(body ?? ""));
    expect(answers.filter((answer) => answer.includes("errorCode"))).toEqual([]);
  }
  expect(complaints).toEqual([]);
}
