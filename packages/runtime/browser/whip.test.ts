/** WHIP and WHEP with real ends: GStreamer publishes, Chromium publishes and plays. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { findChromium, NoChromiumError } from "../../../scripts/chromium.ts";
import { ensureGstreamer, gstreamerPython } from "../../../scripts/gstreamer.ts";
import { type Listening, listen } from "../src/node/listen.ts";
import { createSfu, type NodeSfu } from "../src/node/sfu.ts";
import { freeUdpPort } from "../test/udp-port.ts";

const app = "app";
const secret = "secret-of-the-test";
const patience = { timeout: 20_000, interval: 100 };
const errors: unknown[] = [];
const encoders: Encoder[] = [];
let browser: Browser;
let page: Page;
let sfu: NodeSfu;
let http: Listening;

beforeAll(async () => {
  ensureGstreamer();
  const executablePath = findChromium();
  if (executablePath === undefined) throw new NoChromiumError("No Chromium was found; npm test installs one.");
  browser = await chromium.launch({
    executablePath,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
    ],
  });
  const html = await readFile(new URL("whip.html", import.meta.url), "utf8");
  sfu = await createSfu({
    apps: [{ id: app, secret }],
    media: { port: await freeUdpPort(), bindAddress: "127.0.0.1", advertise: undefined },
    onError: (error) => errors.push(error),
  });
  http = await listen({
    fetch: (request) =>
      new URL(request.url).pathname === "/"
        ? new Response(html, { headers: { "content-type": "text/html" } })
        : sfu.fetch(request),
    upgrade: (_, socket) => socket.destroy(),
    host: "127.0.0.1",
    port: 0,
  });
}, 300_000);

afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.end()));
  await page.close();
  await vi.waitFor(() => expect(sfu.sessionCount()).toBe(0), { timeout: 60_000, interval: 100 });
  expect(errors.splice(0)).toEqual([]);
}, 90_000);

afterAll(async () => {
  await browser?.close();
  sfu?.close();
  await http?.close(100);
});

test("an encoder publishes, a page plays it, and both end when the encoder ends", async () => {
  await openPage();
  const encoder = publishWithGstreamer("camera");
  await vi.waitFor(() => expect(encoder.said).toContainEqual({ state: "connected" }), patience);
  const token = await tokenFor("whep", "camera");
  expect(await inPage("play", "viewer", url("whep/camera"), token)).toMatchObject({
    status: 201,
    type: "application/sdp",
  });
  await vi.waitFor(async () => expect(await received("viewer")).toMatchObject({ width: 320 }), patience);
  await flows("viewer");
  await encoder.end();
  expect(encoder.said).toContainEqual({ deleted: 200 });
  await vi.waitFor(async () => expect((await received("viewer")).state).not.toBe("connected"), patience);
  expect(await inPage("play", "late", url("whep/camera"), token)).toMatchObject({ status: 404 });
});

test("a page publishes with a token, trickles, and is played by offer and by answer", async () => {
  await openPage();
  const token = await tokenFor("whip", "page");
  expect(await inPage("publish", "publisher", url("whip/other"), token)).toMatchObject({ status: 401 });
  expect(await inPage("publish", "publisher", url("whip/page"), token)).toMatchObject({ status: 201 });
  await vi.waitFor(async () => expect((await received("publisher")).state).toBe("connected"), patience);
  expect(await inPage("trickle", "publisher")).toBe(204);
  expect(await inPage("trickle", "publisher", { etag: "" })).toBe(428);
  expect(await inPage("trickle", "publisher", { etag: '"other"' })).toBe(412);
  expect(await inPage("trickle", "publisher", { etag: "*" })).toBe(422);
  const restart = "a=ice-ufrag:fresh\r\na=ice-pwd:freshfreshfreshfreshfresh\r\n";
  expect(await inPage("trickle", "publisher", { body: restart })).toBe(422);

  expect(await inPage("play", "asking", url("whep/page"), secret)).toMatchObject({ status: 201 });
  await flows("asking");
  expect(await inPage("end", "asking")).toBe(200);
  expect(await inPage("end", "asking")).toBe(404);
  expect(await inPage("playOffered", "asked", url("whep/page"), secret)).toMatchObject({ status: 204 });
  await flows("asked");
  expect(await inPage("end", "publisher")).toBe(200);
  await vi.waitFor(() => expect(sfu.sessionCount()).toBe(0), patience);
});

test("an encoder that comes back takes its stream over, and the session before it is over", async () => {
  await openPage();
  const first = publishWithGstreamer("camera");
  await vi.waitFor(() => expect(first.said).toContainEqual({ state: "connected" }), patience);
  const second = publishWithGstreamer("camera");
  await vi.waitFor(() => expect(second.said).toContainEqual({ state: "connected" }), patience);
  expect(sfu.sessionCount()).toBe(1);
  expect(await inPage("play", "viewer", url("whep/camera"), secret)).toMatchObject({ status: 201 });
  await flows("viewer");
});

async function openPage(): Promise<void> {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${http.port}/`);
  await page.waitForFunction("window.ready === true");
}

function inPage(call: string, ...args: unknown[]): Promise<unknown> {
  return page.evaluate(
    ([name, given]) => (globalThis as unknown as Record<string, (...all: unknown[]) => unknown>)[name]?.(...given),
    [call, args] as const,
  );
}

async function received(name: string) {
  return (await inPage("received", name)) as { state: string; frames: number; width: number; audio: number };
}

/** Picture and sound go on: more frames decoded than before, and energy in the sound. */
async function flows(name: string): Promise<void> {
  const { frames } = await received(name);
  await vi.waitFor(async () => {
    const now = await received(name);
    expect(now.frames).toBeGreaterThan(frames + 10);
    expect(now.audio).toBeGreaterThan(0);
  }, patience);
}

function url(path: string): string {
  return `http://127.0.0.1:${http.port}/v1/apps/${app}/${path}`;
}

async function tokenFor(door: "whip" | "whep", stream: string): Promise<string> {
  const response = await fetch(url(`${door}/${stream}/tokens`), {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
  });
  return ((await response.json()) as { token: string }).token;
}

interface Encoder {
  /** The lines that it printed. */
  readonly said: unknown[];
  end(): Promise<void>;
}

function publishWithGstreamer(stream: string): Encoder {
  const script = new URL("gst-publish.py", import.meta.url).pathname;
  const child: ChildProcessWithoutNullStreams = spawn(gstreamerPython, [script, url(`whip/${stream}`), secret]);
  const said: unknown[] = [];
  createInterface(child.stdout).on("line", (line) => said.push(JSON.parse(line)));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const encoder = {
    said,
    async end() {
      child.stdin.end();
      await ended;
    },
  };
  encoders.push(encoder);
  return encoder;
}
