/** Real browsers on a network that loses packets, beside a plain forwarder on the same one. `npm run bench:network` has the tables. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Actor, camera, type Mode, NetworkStage, secret } from "./network-stage.ts";
import type { Seen } from "./pages/network.ts";

const patience = { timeout: 20_000, interval: 100 };
const layers = [
  { rid: "a", scaleResolutionDownBy: 2, maxBitrate: 800_000 },
  { rid: "b", scaleResolutionDownBy: 4, maxBitrate: 200_000 },
];
const network = { up: { delay: 20 }, down: { delay: 20, loss: 0.05 }, seed: 20_261_128 };

let stage: NetworkStage;
let publisher: Actor;
let viewer: Actor;
let session: string;

beforeAll(async () => {
  stage = await NetworkStage.start();
  [publisher, viewer] = [await stage.actor(), await stage.actor()];
  session = await publisher.run("publish", (await stage.way("full")).url, secret, { ...camera, layers });
  await vi.waitFor(async () => {
    const sent = await publisher.run("sent");
    expect(sent.map(({ frames }) => frames > 15)).toEqual([true, true]);
  }, patience);
});

afterAll(() => stage?.end());

test("one packet in twenty is lost, and the picture goes on where a plain forwarder's stands", async () => {
  const full = await seen("full");
  const plain = await seen("plain");
  expect(full.nacks).toBeGreaterThan(0);
  expect(plain.nacks).toBe(0);
  expect(full.frames).toBeGreaterThan(2 * plain.frames);
  expect(full.frozen).toBeLessThan(plain.frozen / 2);
});

/** What a new viewer has seen of 90 frames, which take the camera six seconds. */
async function seen(mode: Mode): Promise<Seen> {
  const way = await stage.way(mode, network);
  await viewer.run("watch", mode, way.url, secret, session);
  const sent = async () => (await publisher.run("sent"))[0]?.frames ?? 0;
  const before = await sent();
  await vi.waitFor(async () => expect(await sent()).toBeGreaterThan(before + 90), patience);
  const all = await viewer.run("seen", mode);
  await viewer.run("leave", mode);
  return all;
}
