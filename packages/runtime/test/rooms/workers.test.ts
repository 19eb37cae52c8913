import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { expect, onTestFinished, test } from "vitest";
import { RoomTokens } from "../../src/rooms/tokens.ts";
import { startCallsServer } from "../calls-server.ts";
import { bundled } from "../durable/workers/bundled.ts";
import { Member } from "../host.ts";
import { apiContract, apiKey } from "./api-contract.ts";
import { type RoomWorld, roomStory } from "./story.ts";

roomStory("Workers", startWorkers);
apiContract("Workers", startWorkers);

test("[K3] the sockets of one address in a room may say so much together, and those elsewhere are none the worse", async () => {
  const world = await startWorkers();
  onTestFinished(() => world.close());
  const [ann, bob, elsewhere] = await Promise.all([
    Member.join(world, "much", "Ann"),
    Member.join(world, "much", "Bob"),
    Member.join(world, "elsewhere", "Cat"),
  ]);
  // 61 messages' worth each; the two have 400 together, and a hundred more with every second.
  const long = JSON.stringify({ type: "ping", padding: "x".repeat(60_000) });
  const isRefused = (member: Member) =>
    member.received.some((said) => said.type === "error" && said.message.includes("address"));
  for (let round = 0; round < 6; round++) for (const member of [ann, bob]) member.send(long);
  await expect.poll(() => isRefused(ann) && isRefused(bob)).toBe(true);
  for (let round = 0; round < 6; round++) elsewhere.send(long);
  expect(await elsewhere.command({ do: "rename", name: "Kat" })).toMatchObject({ type: "ack" });
  expect(isRefused(elsewhere)).toBe(false);
  expect(await ann.command({ do: "rename", name: "Anna" })).toMatchObject({ type: "ack" });
});

async function startWorkers(): Promise<RoomWorld> {
  const key = randomBytes(32);
  const calls = await startCallsServer();
  const persist = mkdtempSync(join(tmpdir(), "satsuma-rooms-workerd-"));
  const script = await bundled(new URL("./room.worker.ts", import.meta.url));
  const begin = () =>
    new Miniflare({
      modules: true,
      script,
      compatibilityDate: "2026-07-01",
      bindings: {
        KEY: key.toString("hex"),
        API_KEY: apiKey,
        CALLS_URL: calls.url,
        CALLS_APP: calls.appId,
        CALLS_SECRET: calls.secret,
      },
      durableObjects: {
        ROOMS: { className: "RoomsObject", useSQLite: true },
        DIRECTORY: { className: "DirectoryObject", useSQLite: true },
        COURIERS: { className: "CourierObject", useSQLite: true },
        WEBHOOKS: { className: "WebhooksObject", useSQLite: true },
      },
      durableObjectsPersist: persist,
    });
  let miniflare = begin();
  const world = {
    url: (await miniflare.ready).origin,
    tokens: new RoomTokens({ key }, Date.now),
    async restart() {
      await miniflare.dispose();
      miniflare = begin();
      world.url = (await miniflare.ready).origin;
    },
    async close() {
      await miniflare.dispose();
      rmSync(persist, { recursive: true, force: true });
      await calls.close();
    },
  } satisfies RoomWorld;
  return world;
}
