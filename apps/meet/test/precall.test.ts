/** The test before a call, in a real browser, through the real server and its media server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Chromium } from "./stage/browser.ts";
import { startBrowser } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";

let server: Server;
let browser: Chromium;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser("Anna")]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("every step has a result, what was sent came back, and the call works after it", async () => {
  const anna = await Person.inLobby("Anna", browser, server.url, "precall");
  await anna.press("Test my connection");
  for (const [step, result] of [
    ["devices", "passed"],
    ["server", "passed"],
    ["media", "passed"],
    ["relay", "skipped"],
  ]) {
    await anna.page.locator(`[data-testid=test-${step}][data-result=${result}]`).waitFor();
  }
  // How well a busy machine does is no matter here: that something came back is.
  await anna.page.locator("[data-testid=test-bandwidth]:is([data-result=passed],[data-result=warned])").waitFor();
  await anna.button("Test my connection").waitFor();
  await anna.join();
  expect(await anna.names()).toEqual([]);
  await anna.close();
});
