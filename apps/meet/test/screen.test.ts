/** Sharing a screen: what the others get of it, how large, and how it ends. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Chromium } from "./stage/browser.ts";
import { startBrowser } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { type Server, startServer } from "./stage/server.ts";
import { until } from "./stage/until.ts";

let server: Server;
let presenter: Chromium;
let audience: Chromium;

beforeAll(async () => {
  [server, presenter, audience] = await Promise.all([startServer(), startBrowser("Anna"), startBrowser("Ben")]);
});

afterAll(async () => {
  await Promise.all([presenter?.close(), audience?.close()]);
  await server?.stop();
});

test("a shared screen is seen whole by the others, and is gone when the browser's own button ends it", async () => {
  const [anna, ben] = await Promise.all([
    Person.inCall("Anna", presenter, server.url, "screens"),
    Person.inCall("Ben", audience, server.url, "screens"),
  ]);
  await ben.surroundedBy(["Anna"]);
  await anna.press("Share screen");
  await anna.button("Stop sharing").waitFor();
  const screen = ben.page.getByTestId("screen");
  await screen.waitFor();
  const video = screen.locator("video");
  const shown = () => video.evaluate((element: HTMLVideoElement) => [element.videoWidth, element.currentTime]);
  await until("Ben sees the screen move", async () => {
    const [width = 0, time = 0] = await shown();
    return width > 400 && time > 0;
  });
  expect(await ben.page.getByText("Anna’s screen").count()).toBe(1);
  // Of one's own screen one sees the same, once.
  expect(await anna.page.getByTestId("screen").count()).toBe(1);
  // Headless Chromium shows no bar with a button to end it, so the event that the button causes is made here.
  await anna.page.evaluate(() => {
    const [shared] = window.satsuma?.local.screens.snapshot() ?? [];
    shared?.video.stop();
    shared?.video.dispatchEvent(new Event("ended"));
  });
  await until("the screen is gone at Ben", async () => (await screen.count()) === 0);
  await anna.button("Share screen").waitFor();
  await Promise.all([anna.close(), ben.close()]);
});
