import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultRoomSettings } from "@satsuma/rooms";
import { listen, now, RoomTokens, roomServer } from "@satsuma/runtime/node";
import { Store } from "@satsuma/runtime/node/durable";
import { Hono } from "hono";
import type { Memory } from "./process.ts";

const directory = mkdtempSync(join(tmpdir(), "satsuma-bench-rooms-"));
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit(0));

const key = randomBytes(32);
const silent = () => undefined;
/** Milliseconds, to measure another one than the default. */
const window = Number(process.env.ORANGE_WINDOW ?? defaultRoomSettings.orange.window);
const pingInterval = Number(process.env.PING_MS ?? defaultRoomSettings.pingInterval);
const store = Store.open({ directory, retentionMs: 0 });
const server = roomServer({
  store,
  // A benchmark's members all come from one address and in one second.
  room: {
    ...defaultRoomSettings,
    participants: 10_000,
    waiting: 10_000,
    messageRate: 1_000,
    messageBurst: 10_000,
    pingInterval,
    // Reached within the first half of a soak, so that what rooms remember of their chat, and of what those who went had
    // been answered, does not look like a leak.
    chatKept: 10,
    departed: 2,
    orange: { ...defaultRoomSettings.orange, window },
  },
  sockets: { sockets: 50_000, joinsPerMinute: 1_000_000 },
  tokens: new RoomTokens({ key }, now),
  orange: { secrets: [key.toString("base64url")], lockKey: key },
  media: { forward: async () => ({ status: 404, body: {} }) },
  log: { info: silent, warn: silent, error: (event, fields) => console.error(event, fields) },
});
const app = new Hono().route("/", server.routes);
const { port } = await listen({ fetch: app.fetch, upgrade: server.upgrade, host: "127.0.0.1", port: 0 });
// Whoever asks hears what is in use once garbage has been collected, and how many rooms are in memory.
process.on("message", () => {
  globalThis.gc?.();
  process.send?.({ ...process.memoryUsage(), awake: server.rooms.size } satisfies Memory);
});
console.log(JSON.stringify({ port, key: key.toString("base64url") }));
