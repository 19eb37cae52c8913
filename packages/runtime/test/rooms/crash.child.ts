/** A room server to be killed: its folder, port and key come from outside, and it says since when it listens. */
import { defaultRoomSettings } from "@satsuma/rooms";
import { Hono } from "hono";
import { Store } from "../../src/node/durable/index.ts";
import { listen, now, RoomTokens, roomServer } from "../../src/node/index.ts";

const [directory = "", port = "0", key = "", apiKey] = process.argv.slice(2);
const silent = () => undefined;
const reachable = Promise.withResolvers<void>();
const store = Store.open({ directory, retentionMs: 0, ready: reachable.promise });
const server = roomServer({
  store,
  // Members say more than people do, and those who are gone for good are given up while the test watches.
  room: {
    ...defaultRoomSettings,
    grace: 2_000,
    restartGrace: 3_000,
    chatKept: 1_000_000,
    eventsKept: 1_000_000,
    messageRate: 1_000,
    messageBurst: 1_000,
    chatRate: 1_000,
    chatBurst: 1_000,
  },
  tokens: new RoomTokens({ key: Buffer.from(key, "base64url") }, now),
  ...(apiKey !== undefined && { apiKey }),
  media: { forward: async () => ({ status: 404, body: {} }) },
  log: { info: silent, warn: silent, error: (event) => void process.stderr.write(`${event}\n`) },
});
const app = new Hono().route("/", server.routes);
const listening = await listen({ fetch: app.fetch, upgrade: server.upgrade, host: "127.0.0.1", port: Number(port) });
const since = Date.now();
reachable.resolve();
process.stdout.write(`${listening.port} ${since}\n`);
