import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";
import { RoomTokens } from "../../src/rooms/tokens.ts";
import { startCallsServer } from "../calls-server.ts";
import { bundled } from "../durable/workers/bundled.ts";
import { apiContract, apiKey } from "./api-contract.ts";
import { type RoomWorld, roomStory } from "./story.ts";

roomStory("Workers", startWorkers);
apiContract("Workers", startWorkers);

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
