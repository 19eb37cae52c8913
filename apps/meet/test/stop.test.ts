/** Ctrl-C while two people are in a call. */
import { once } from "node:events";
import { allowing } from "@satsuma/testkit";
import { afterEach, beforeAll, expect, test } from "vitest";
import type { Chromium } from "./stage/browser.ts";
import { startBrowser } from "./stage/cast.ts";
import { Person } from "./stage/person.ts";
import { launch, type Server } from "./stage/server.ts";
import { until } from "./stage/until.ts";

let browsers: Chromium[] = [];
let server: Server | undefined;

beforeAll(async () => {
  browsers = await Promise.all([startBrowser("Anna"), startBrowser("Ben")]);
  return () => Promise.all(browsers.map((browser) => browser.close()));
});

afterEach(() => server?.stop());

test("the process that npm start runs ends in under a second, with exit code 0", async () => {
  const started = await launch(["node", "scripts/run.mjs", "scripts/start.ts"], {}, { detached: true });
  server = started;
  await started.ready;
  const [anna, ben] = await Promise.all([
    Person.inCall("Anna", browsers[0] as Chromium, started.url, "stop"),
    Person.inCall("Ben", browsers[1] as Chromium, started.url, "stop"),
  ]);
  await Promise.all([anna.sees("Ben"), ben.sees("Anna")]);

  const pressed = performance.now();
  const ended = once(started.process, "exit");
  // The whole process group, as a terminal does.
  process.kill(-(started.process.pid ?? 0), "SIGINT");
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - pressed).toBeLessThan(allowing(1_000));
  await expect(fetch(started.url)).rejects.toThrow();
  await anna.page.getByText("Connection lost. Reconnecting…").waitFor();
  expect(started.output()).not.toMatch(/"level":"error"| {4}at /);
  await Promise.all([anna.close(), ben.close()]);
});

test("npm start gives its ports back in under a second", async () => {
  const started = await launch(["npm", "start"], {}, { detached: true });
  server = started;
  await started.ready;
  const pressed = performance.now();
  const ended = once(started.process, "exit");
  process.kill(-(started.process.pid ?? 0), "SIGINT");
  await ended;
  await until("nobody listens any more", () =>
    fetch(started.url).then(
      () => false,
      () => true,
    ),
  );
  expect(performance.now() - pressed).toBeLessThan(allowing(1_000));
});
