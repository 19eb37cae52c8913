/** WHIP and WHEP with real ends: GStreamer publishes, Chromium publishes and plays. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { ensureGstreamer } from "../../../scripts/gstreamer.ts";
import { startChromium } from "./chromium.ts";
import { type Encoder, publishWithGstreamer } from "./encoder.ts";
import { type Served, secret, serve, Visitor } from "./stage.ts";

const patience = { timeout: 20_000, interval: 100 };
const errors: unknown[] = [];
const encoders: Encoder[] = [];
let browser: Browser;
let visitor: Visitor;
let served: Served;

beforeAll(async () => {
  ensureGstreamer();
  browser = await startChromium();
  served = await serve({ onError: (error) => errors.push(error) });
}, 300_000);

afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.end()));
  await visitor.close();
  await vi.waitFor(() => expect(served.sfu.sessionCount()).toBe(0), { timeout: 60_000, interval: 100 });
  expect(errors.splice(0)).toEqual([]);
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
});

test("an encoder publishes, a page plays it, and both end when the encoder ends", async () => {
  visitor = await Visitor.open(browser, served);
  const encoder = publish("camera");
  await vi.waitFor(() => expect(encoder.said).toContainEqual({ state: "connected" }), patience);
  const token = await tokenFor("whep", "camera");
  expect(await visitor.call("play", "viewer", served.url("whep/camera"), token)).toMatchObject({
    status: 201,
    type: "application/sdp",
  });
  await vi.waitFor(async () => expect(await visitor.received("viewer")).toMatchObject({ width: 320 }), patience);
  await flows("viewer");
  await encoder.end();
  expect(encoder.said).toContainEqual({ deleted: 200 });
  await vi.waitFor(async () => expect((await visitor.received("viewer")).state).not.toBe("connected"), patience);
  expect(await visitor.call("play", "late", served.url("whep/camera"), token)).toMatchObject({ status: 404 });
});

test("a page publishes with a token, trickles, and is played by offer and by answer", async () => {
  visitor = await Visitor.open(browser, served);
  const token = await tokenFor("whip", "page");
  expect(await visitor.call("publish", "publisher", served.url("whip/other"), token)).toMatchObject({ status: 401 });
  expect(await visitor.call("publish", "publisher", served.url("whip/page"), token)).toMatchObject({ status: 201 });
  await vi.waitFor(async () => expect((await visitor.received("publisher")).state).toBe("connected"), patience);
  expect(await visitor.call("trickle", "publisher")).toBe(204);
  expect(await visitor.call("trickle", "publisher", { etag: "" })).toBe(428);
  expect(await visitor.call("trickle", "publisher", { etag: '"other"' })).toBe(412);
  expect(await visitor.call("trickle", "publisher", { etag: "*" })).toBe(422);
  const restart = "a=ice-ufrag:fresh\r\na=ice-pwd:freshfreshfreshfreshfresh\r\n";
  expect(await visitor.call("trickle", "publisher", { body: restart })).toBe(422);

  expect(await visitor.call("play", "asking", served.url("whep/page"), secret)).toMatchObject({ status: 201 });
  await flows("asking");
  expect(await visitor.call("end", "asking")).toBe(200);
  expect(await visitor.call("end", "asking")).toBe(404);
  expect(await visitor.call("playOffered", "asked", served.url("whep/page"), secret)).toMatchObject({ status: 204 });
  await flows("asked");
  expect(await visitor.call("end", "publisher")).toBe(200);
  await vi.waitFor(() => expect(served.sfu.sessionCount()).toBe(0), patience);
});

test("an encoder that comes back takes its stream over, and the session before it is over", async () => {
  visitor = await Visitor.open(browser, served);
  const first = publish("camera");
  await vi.waitFor(() => expect(first.said).toContainEqual({ state: "connected" }), patience);
  const second = publish("camera");
  await vi.waitFor(() => expect(second.said).toContainEqual({ state: "connected" }), patience);
  expect(served.sfu.sessionCount()).toBe(1);
  expect(await visitor.call("play", "viewer", served.url("whep/camera"), secret)).toMatchObject({ status: 201 });
  await flows("viewer");
});

/** Picture and sound go on: more frames decoded than before, and energy in the sound. */
async function flows(name: string): Promise<void> {
  const { frames } = await visitor.received(name);
  await vi.waitFor(async () => {
    const now = await visitor.received(name);
    expect(now.frames).toBeGreaterThan(frames + 10);
    expect(now.audio).toBeGreaterThan(0);
  }, patience);
}

function publish(stream: string): Encoder {
  const encoder = publishWithGstreamer(served.url(`whip/${stream}`), secret);
  encoders.push(encoder);
  return encoder;
}

async function tokenFor(door: "whip" | "whep", stream: string): Promise<string> {
  const response = await fetch(served.url(`${door}/${stream}/tokens`), {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
  });
  return ((await response.json()) as { token: string }).token;
}
