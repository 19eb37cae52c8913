/** What happens to a call on a network that changes under it, and to a camera that goes away: nobody has to do anything. */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cast, startBrowser } from "./stage/cast.ts";
import { Doorway } from "./stage/doorway.ts";
import { Person } from "./stage/person.ts";
import { processesOf, signal } from "./stage/processes.ts";
import { type Server, startServer } from "./stage/server.ts";
import { until } from "./stage/until.ts";

let server: Server;
let cast: Pick<Cast, "Anna" | "Ben">;
let doorway: Doorway;
let anna: Person;
let ben: Person;
let room = 0;

beforeAll(async () => {
  const [started, Anna, Ben] = await Promise.all([startServer(), startBrowser("Anna"), startBrowser("Ben")]);
  server = started;
  cast = { Anna, Ben };
});

afterEach(async () => {
  await Promise.all([anna?.close(), ben?.close()]);
  await doorway?.close();
  room += 1;
});

afterAll(async () => {
  await Promise.all(Object.values(cast ?? {}).map((browser) => browser.close()));
  await server?.stop();
});

/** Anna comes through a doorway in which faults are made, Ben does not. */
async function meet(): Promise<void> {
  doorway = await Doorway.open({ http: server.tcpPort, media: server.udpPort });
  [anna, ben] = await Promise.all([
    Person.inCall("Anna", cast.Anna, doorway.url, `recovery-${room}`),
    Person.inCall("Ben", cast.Ben, server.url, `recovery-${room}`),
  ]);
  await flows();
}

async function flows(): Promise<void> {
  // In whatever size: which layer a busy machine sends is not what this is about.
  await Promise.all([anna.sees("Ben"), ben.sees("Anna"), anna.hears(1), ben.hears(1)]);
}

/** The connection after the fault is the only one that is left. */
async function oneConnection(made: number): Promise<void> {
  await until("one connection is left", async () => {
    const stats = await anna.stats();
    return stats.connections === 1 && stats.made >= made;
  });
}

test("an address that changes is noticed by what no longer comes, and media goes on over another connection", async () => {
  await meet();
  const before = await ben.tile("Anna", "connected", ({ connection }) => connection === "connected");
  const { made } = await anna.stats();
  await doorway.relay.move();
  // The old connection would have come back by itself after half a minute; nobody waits for that.
  await until("another connection is made", async () => (await anna.stats()).made > made);
  await flows();
  await oneConnection(made + 1);
  const after = await ben.tile("Anna", "connected", ({ connection }) => connection === "connected");
  expect(after.participant).toBe(before.participant);
});

test("a network that lets nothing through is told, and left behind when it is over", async () => {
  await meet();
  doorway.blackHole("everything");
  await ben.tile("Anna", "as reconnecting", ({ connection }) => connection === "recovering");
  await anna.page.getByText("Connection lost. Reconnecting…").waitFor();
  await until("media is missed", () =>
    anna.page.evaluate(() => (window as { satsuma?: Client }).satsuma?.snapshot().media === "recovering"),
  );
  doorway.mend();
  await ben.tile("Anna", "connected again", ({ connection }) => connection === "connected");
  await flows();
  await anna.page.getByText("Reconnecting…").waitFor({ state: "detached" });
  await anna.page.getByText("Restoring sound and picture…").waitFor({ state: "detached" });
  await oneConnection(1);
});

test("a camera whose driver dies is opened again", async () => {
  await meet();
  const camera = () =>
    anna.page.evaluate(() => (window as { satsuma?: Client }).satsuma?.snapshot().local.camera.track?.id);
  const before = await camera();
  signal(processesOf(cast.Anna.pid, "capture"), "SIGKILL");
  await until("another track is sent", async () => {
    const now = await camera();
    return now !== undefined && now !== before;
  });
  await ben.sees("Anna");
});

interface Client {
  snapshot(): { readonly media: string; readonly local: { readonly camera: { readonly track?: MediaStreamTrack } } };
}
