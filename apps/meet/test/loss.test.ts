/** What is lost in a call, and how it comes back: sockets, pages, browsers, the media server, a second page. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freeTcpPort, freeUdpPort } from "../../../scripts/ports.ts";
import type { Chromium } from "./stage/browser.ts";
import { type Cast, cameraOf, endCast, startBrowser, startCast } from "./stage/cast.ts";
import { Gate } from "./stage/gate.ts";
import { Person } from "./stage/person.ts";
import { type Server, type Settings, startServer } from "./stage/server.ts";

let server: Server;
let cast: Cast;
let room = 0;
const present: Person[] = [];
const cleanup: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [server, cast] = await Promise.all([startServer(), startCast()]);
});

afterEach(async () => {
  await Promise.all(present.splice(0).map((person) => person.close()));
  for (const undo of cleanup.splice(0).toReversed()) await undo();
  room += 1;
});

afterAll(async () => {
  await endCast(cast);
  await server?.stop();
});

async function enter(name: string, browser: Chromium, url = server.url): Promise<Person> {
  const person = await Person.inCall(name, browser, url, `loss-${room}`);
  present.push(person);
  return person;
}

async function seeEachOther(anna: Person, ben: Person, patience?: number): Promise<void> {
  await Promise.all([
    anna.sees("Ben", cameraOf("Ben"), patience),
    ben.sees("Anna", cameraOf("Anna"), patience),
    anna.hears(1, patience),
    ben.hears(1, patience),
  ]);
}

test("somebody whose browser is killed is shown as reconnecting and is gone after the grace period", async () => {
  const grace = 3_000;
  const hasty = await startServer({ SATSUMA_ROOMS_GRACE: String(grace) });
  cleanup.push(() => hasty.stop());
  const doomed = await startBrowser("Ben");
  cleanup.push(() => doomed.close());
  const [anna] = await Promise.all([
    enter("Anna", cast.Anna, hasty.url),
    Person.inCall("Ben", doomed, hasty.url, `loss-${room}`),
  ]);
  await anna.sees("Ben", cameraOf("Ben"));

  await doomed.kill();
  await anna.tile("Ben", "as reconnecting", ({ connection }) => connection === "recovering");
  await anna.page.getByTestId("tile").filter({ hasText: "Ben" }).getByText("Reconnecting…").waitFor();
  const lost = performance.now();
  await anna.surroundedBy([], grace + 3_000);
  // Seen a little late at both ends, by a poll each.
  expect(performance.now() - lost).toBeGreaterThan(grace - 1_000);
});

test("a lost socket leaves media running and comes back without anybody leaving", async () => {
  const gate = await Gate.before(server.tcpPort);
  cleanup.push(() => gate.close());
  const [anna, ben] = await Promise.all([enter("Anna", cast.Anna, gate.url), enter("Ben", cast.Ben)]);
  await seeEachOther(anna, ben);
  const before = await ben.tile("Anna", "connected", ({ connection }) => connection === "connected");
  const streams = (await anna.stats()).incoming.map(({ track }) => track);

  gate.shut();
  await ben.tile("Anna", "as reconnecting", ({ connection }) => connection === "recovering");
  await anna.page.getByText("Connection lost. Reconnecting…").waitFor();
  await Promise.all([anna.sees("Ben"), ben.sees("Anna")]);

  gate.open();
  const after = await ben.tile("Anna", "connected again", ({ connection }) => connection === "connected");
  await anna.page.getByText("Connection lost. Reconnecting…").waitFor({ state: "detached" });
  expect(after.participant).toBe(before.participant);
  // The media connection was never touched: the same tracks go on.
  expect(after.video?.track).toBe(before.video?.track);
  expect((await anna.stats()).incoming.map(({ track }) => track)).toEqual(streams);
  await seeEachOther(anna, ben);
  // And the new socket carries words: a mute arrives.
  await anna.press("Mute");
  await ben.tile("Anna", "muted", ({ muted }) => muted);
});

test("a socket that was lost for longer than the grace period comes back as a new stay with media of its own", async () => {
  const hasty = await startServer({ SATSUMA_ROOMS_GRACE: "500" });
  cleanup.push(() => hasty.stop());
  const gate = await Gate.before(hasty.tcpPort);
  cleanup.push(() => gate.close());
  const [anna, ben] = await Promise.all([enter("Anna", cast.Anna, gate.url), enter("Ben", cast.Ben, hasty.url)]);
  await seeEachOther(anna, ben);

  gate.shut();
  await ben.surroundedBy([]);
  gate.open();
  await seeEachOther(anna, ben);
  expect((await anna.stats()).connections).toBe(1);
});

test("a page that is reloaded comes back as the same person, without a ghost", async () => {
  const [anna, ben] = await Promise.all([enter("Anna", cast.Anna), enter("Ben", cast.Ben)]);
  await seeEachOther(anna, ben);
  await anna.press("Mute");
  const before = await ben.tile("Anna", "muted", ({ muted }) => muted);
  const most = await watchTiles(ben);

  await anna.page.reload();
  await anna.button("Leave").waitFor();
  await anna.sees("Ben", cameraOf("Ben"));
  const after = await ben.tile(
    "Anna",
    "back",
    ({ video }) => video !== undefined && video.track !== before.video?.track,
  );
  await ben.sees("Anna", cameraOf("Anna"));
  expect(after.participant).toBe(before.participant);
  expect(await ben.names()).toEqual(["Anna"]);
  expect(await most()).toBe(2);
  // They come back as they were, and can be heard again.
  await ben.tile("Anna", "still muted", ({ muted }) => muted);
  await anna.press("Unmute");
  await ben.hears(1);
  await anna.hears(1);
});

test("a participant who is opened twice goes on in the newer page, and the older one is told", async () => {
  const [anna, ben] = await Promise.all([enter("Anna", cast.Anna), enter("Ben", cast.Ben)]);
  await seeEachOther(anna, ben);
  const before = await ben.tile("Anna", "there", () => true);

  const second = await anna.duplicate();
  await anna.page.getByText("Open in another place").waitFor();
  await second.sees("Ben", cameraOf("Ben"));
  await ben.sees("Anna", cameraOf("Anna"));
  expect((await ben.tile("Anna", "there", () => true)).participant).toBe(before.participant);
  expect(await ben.names()).toEqual(["Anna"]);
  // No fight: the older page has given up, and holds nothing any more.
  expect(await anna.page.getByText("Open in another place").isVisible()).toBe(true);
  expect((await anna.stats()).connections).toBe(0);

  await anna.press("Use it here");
  await second.page.getByText("Open in another place").waitFor();
  await anna.sees("Ben", cameraOf("Ben"));
});

test("when the media server dies, people stay in the room and media comes back by itself", async () => {
  const place: Settings = {
    SATSUMA_HTTP_PORT: String(await freeTcpPort()),
    SATSUMA_MEDIA_PORT: String(await freeUdpPort()),
    SATSUMA_SFU_APP: "the-rooms",
    SATSUMA_SFU_SECRET: "a-secret-between-two-processes",
  };
  let media = await startServer(place);
  cleanup.push(() => media.stop());
  const rooms = await startServer({
    SATSUMA_SFU_URL: `${media.url.replace("localhost", "127.0.0.1")}/v1`,
    SATSUMA_SFU_APP: "the-rooms",
    SATSUMA_SFU_SECRET: "a-secret-between-two-processes",
  });
  cleanup.push(() => rooms.stop());
  const [anna, ben] = await Promise.all([enter("Anna", cast.Anna, rooms.url), enter("Ben", cast.Ben, rooms.url)]);
  await seeEachOther(anna, ben);
  const before = await ben.tile("Anna", "there", () => true);

  media.process.kill("SIGKILL");
  await anna.page.getByText("Restoring sound and picture…").waitFor();
  expect(await ben.names()).toEqual(["Anna"]);
  await anna.press("Mute");
  await ben.tile("Anna", "muted although there is no media", ({ muted }) => muted);
  await anna.press("Unmute");
  await media.stop();
  media = await startServer(place);

  await seeEachOther(anna, ben, 40_000);
  expect((await ben.tile("Anna", "there", () => true)).participant).toBe(before.participant);
  expect((await anna.stats()).connections).toBe(1);
  expect((await anna.stats()).incoming).toHaveLength(2);
});

/** From now on counts the tiles of a page; gives the most that were there at once. */
async function watchTiles({ page }: Person): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const count = () => document.querySelectorAll("[data-testid=tile]").length;
    const seen = { most: count() };
    Object.assign(window, { seenTiles: seen });
    new MutationObserver(() => {
      seen.most = Math.max(seen.most, count());
    }).observe(document.body, { subtree: true, childList: true });
  });
  return () => page.evaluate(() => (window as unknown as { seenTiles: { most: number } }).seenTiles.most);
}
