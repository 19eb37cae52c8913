/**
 * Two people in a call as Orange Meets has it, in a real Chromium: partysocket 1.0.2 and partytracks 0.0.54 as they are
 * published, our room server with its cookie and its proxy, our SFU behind it.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { overHttp } from "../test/calls-over-http.ts";
import type { Host } from "../test/host.ts";
import { startHost } from "../test/host.ts";
import { bundlePage } from "./bundle.ts";
import { startChromium } from "./chromium.ts";
import { onPage } from "./on-page.ts";
import type { OrangePage } from "./pages/orange.ts";
import { appId, SfuHost, secret } from "./sfu-host.ts";

const patience = { timeout: 20_000, interval: 100 };
let browser: Browser;
let sfu: SfuHost;
let host: Host;

beforeAll(async () => {
  const html = await bundlePage("orange");
  sfu = await SfuHost.start();
  host = await startHost({ orange: {}, media: overHttp({ url: sfu.url, appId }, secret), page: html });
  browser = await startChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await host?.close();
  await sfu?.kill();
});

test("two people see and hear each other, and one sees the other leave", async () => {
  const [ann, bob] = [await visit("Ann"), await visit("Bob")];
  const [annId, bobId] = [await run(ann, "enter", "garden"), await run(bob, "enter", "garden")];
  await run(ann, "join", "Ann");
  await run(bob, "join", "Bob");
  for (const [page, other, name] of [
    [ann, bobId, "Bob"],
    [bob, annId, "Ann"],
  ] as const) {
    await vi.waitFor(async () => {
      const user = (await run(page, "users")).find(({ id }) => id === other);
      expect(user).toMatchObject({
        name,
        joined: true,
        tracks: { audio: expect.any(String), video: expect.any(String) },
      });
    }, patience);
    await run(page, "pull", other, "video");
    await run(page, "pull", other, "audio");
  }
  for (const page of [ann, bob]) {
    await vi.waitFor(async () => {
      const received = await run(page, "received");
      expect(received).toMatchObject({ width: 320, height: 240 });
      expect(received?.frames).toBeGreaterThan(10);
      expect(received?.audioPackets).toBeGreaterThan(25);
    }, patience);
    const answers = (await run(page, "history")).map(({ body }) => JSON.stringify(body ?? ""));
    expect(answers.filter((answer) => answer.includes("errorCode"))).toEqual([]);
  }
  await run(ann, "leave");
  await vi.waitFor(async () => {
    expect((await run(bob, "users")).some(({ id, joined }) => id === annId && joined)).toBe(false);
  }, patience);
});

/** A browser of its own, as far as cookies go, with a name. */
async function visit(name: string): Promise<Page> {
  const context = await browser.newContext();
  await context.request.post(`${host.url}/set-username?return-url=/`, { form: { username: name } });
  const page = await context.newPage();
  await page.goto(host.url);
  return page;
}

function run<Name extends keyof OrangePage>(page: Page, name: Name, ...args: Parameters<OrangePage[Name]>) {
  return onPage<OrangePage, Name>(page, name, args);
}
