import type { DurableObjectNamespace, ExecutionContext, Request, Response } from "@cloudflare/workers-types";
import { defaultRoomSettings, type MediaServer } from "@satsuma/rooms";
import {
  admitRooms,
  courierObject,
  directoryObject,
  postEvents,
  RoomTokens,
  roomDoor,
  roomsObject,
  satsumaEdge,
  webhooksObject,
} from "../../src/workers/rooms/index.ts";
import { overHttp } from "../calls-over-http.ts";

interface Env {
  readonly ROOMS: DurableObjectNamespace;
  readonly DIRECTORY: DurableObjectNamespace;
  readonly COURIERS: DurableObjectNamespace;
  readonly WEBHOOKS: DurableObjectNamespace;
  /** Hexadecimal. */
  readonly KEY: string;
  readonly API_KEY: string;
  /** Of a server with the words of the Calls API. */
  readonly CALLS_URL: string;
  readonly CALLS_APP: string;
  readonly CALLS_SECRET: string;
}

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The Worker of the room's story: rooms with short times, their media, and the API of a backend. */
export const RoomsObject = roomsObject<Env>(
  (env) => ({
    settings: { ...defaultRoomSettings, grace: 500, restartGrace: 500, emptyFor: 500 },
    edges: { satsuma: satsumaEdge },
    verify: (token, room) => tokensOf(env).verify(token, room),
    media: mediaOf(env),
    log,
    post: postEvents(env.DIRECTORY, env.COURIERS),
    admit: admitRooms(env.DIRECTORY),
    // An address sends no more than a few people do, so that a test can say too much.
  }),
  { messagesPerSecond: 100 },
);
export const DirectoryObject = directoryObject({ mostRooms: 12 });
export const WebhooksObject = webhooksObject();
export const CourierObject = courierObject<Env>((env) => env.WEBHOOKS, { log });

export default {
  fetch(request: Request, env: Env, execution: ExecutionContext): Promise<Response> {
    const { ROOMS, API_KEY: key, DIRECTORY: directory, COURIERS: couriers, WEBHOOKS: webhooks } = env;
    const api = { key, tokens: tokensOf(env), directory, couriers, webhooks };
    const media = { server: mediaOf(env), tokens: tokensOf(env) };
    return roomDoor(ROOMS, { api, media }).fetch(request, execution);
  },
};

function mediaOf({ CALLS_URL: url, CALLS_APP: appId, CALLS_SECRET }: Env): MediaServer {
  return overHttp({ url, appId }, CALLS_SECRET);
}

function tokensOf({ KEY }: Env): RoomTokens {
  const key = Uint8Array.from(KEY.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return new RoomTokens({ key }, Date.now);
}
