/**
 * The room server: rooms, their socket door and the media proxy as one thing, to be mounted on an HTTP server.
 *
 * It opens no port, no file and reads no configuration; whoever composes it does (apps/meet/server).
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { LocalNamespace } from "@satsuma/durable";
import { refusal } from "@satsuma/protocol";
import type { MediaServer, RoomSettings } from "@satsuma/rooms";
import { Hono } from "hono";
import type { Log } from "../log.ts";
import { orangeEdge } from "../orange/edge.ts";
import { roomsApi } from "../rooms/api.ts";
import { Courier } from "../rooms/courier.ts";
import { Directory } from "../rooms/directory.ts";
import { RoomObject } from "../rooms/object.ts";
import type { AiService } from "../rooms/ports.ts";
import { admitBy, courierPorts, postTo } from "../rooms/post.ts";
import { mediaProxy } from "../rooms/proxy.ts";
import { satsumaEdge } from "../rooms/satsuma.ts";
import type { RoomTokens } from "../rooms/tokens.ts";
import { type WebhookEndpoint, Webhooks } from "../rooms/webhooks.ts";
import { now } from "./clock.ts";
import { satsumaDoor } from "./doors.ts";
import type { Store } from "./durable/index.ts";
import { type OrangeOptions, type OrangeServer, orangeServer } from "./orange.ts";
import { deny, type SocketSettings, Sockets } from "./sockets.ts";
import { Throttle } from "./throttle.ts";

export interface RoomServerSettings {
  /** Where rooms are kept. It is closed by whoever opened it, after this server. */
  readonly store: Store;
  readonly room: RoomSettings;
  readonly sockets?: SocketSettings;
  /** Where a request comes from; the connection's own address by default, which behind a proxy is the proxy's. */
  readonly addressOf?: (request: IncomingMessage) => string;
  readonly tokens: RoomTokens;
  readonly media: MediaServer;
  /** Orange Meets' dialect and routes beside ours; without it there are none. */
  readonly orange?: OrangeOptions;
  readonly ai?: AiService;
  /** Key of the API for an app's backend, at least 32 characters. Without one there is no such API. */
  readonly apiKey?: string;
  readonly webhooks?: readonly WebhookEndpoint[];
  /** Rooms that meet or are kept at once. 10,000 by default. */
  readonly mostRooms?: number;
  readonly log: Log;
}

export interface RoomServer {
  readonly rooms: LocalNamespace<RoomObject>;
  /** `/rooms/:room/sfu/…`, `/api/v1/…` if it has a key, and those of Orange if it is served. */
  readonly routes: Hono;
  readonly orange?: Pick<OrangeServer, "reports">;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Tells everybody, and resolves when all sockets are gone or cut, after `patience` milliseconds. Rooms stay. */
  close(patience: number): Promise<void>;
}

export function roomServer(settings: RoomServerSettings): RoomServer {
  const { store, tokens, media, log, room } = settings;
  const verify = tokens.verify.bind(tokens);
  const identify = tokens.identify.bind(tokens);
  const edges = { satsuma: satsumaEdge, orange: orangeEdge };
  const directory = store.namespace("directory", Directory, { mostRooms: settings.mostRooms }).get("all");
  const webhooks = store.namespace("webhooks", Webhooks, { configured: settings.webhooks ?? [] }).get("all");
  const couriers = store.namespace("couriers", Courier, { ...courierPorts(webhooks), fetch, log });
  const post = postTo(directory, couriers);
  const admit = admitBy(directory);
  const ports = { settings: room, edges, verify, media, log, post, admit, ...(settings.ai && { ai: settings.ai }) };
  const rooms = store.namespace("rooms", RoomObject, ports);
  const orange = settings.orange && orangeServer(settings.orange, { store, rooms, media, log });
  const doors = orange ? [satsumaDoor, orange.door] : [satsumaDoor];
  const { addressOf = (request: IncomingMessage) => request.socket.remoteAddress ?? "unknown" } = settings;
  const bounds = settings.sockets ? { settings: settings.sockets } : {};
  const sockets = new Sockets({ rooms, doors, log, addressOf, ...bounds });
  const throttle = new Throttle(settings.sockets?.joinsPerMinute ?? 2_000);
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const retryAfter = throttle.take(addressOf(request), now());
    if (retryAfter === undefined) sockets.upgrade(request, socket, head);
    else deny(socket, refusal("too-many-requests", "Too many connections came from this address.", { retryAfter }));
  };
  const routes = new Hono();
  if (orange) routes.route("/", orange.routes);
  routes.route("/rooms/:room/sfu", mediaProxy({ rooms, identify, media, now, log }));
  const { apiKey: key } = settings;
  if (key !== undefined)
    routes.route("/api/v1", roomsApi({ key, rooms, directory, couriers, webhooks, tokens, now, log }));
  return { rooms, routes, ...(orange && { orange }), upgrade, close: sockets.close.bind(sockets) };
}
