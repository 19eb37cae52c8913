/**
 * The room server on Workers: its Durable Object class, and the fetch handler of its door.
 *
 * A Worker exports the class under the name of its binding and hands its requests to the door:
 *
 *   export const RoomsObject = roomsObject(portsOf);
 *   export default { fetch: (request, env, execution) => roomDoor(env.ROOMS).fetch(request, execution) };
 *
 * With the API there are three classes more (directory, couriers, webhooks); docs/decisions/0019 has a whole Worker.
 */
import type {
  DurableObjectNamespace,
  ExecutionContext,
  Request as ObjectRequest,
  Response as ObjectResponse,
} from "@cloudflare/workers-types";
import type { Context, Json } from "@satsuma/durable";
import { errors, type Refusal, refusal } from "@satsuma/protocol";
import { type MediaServer, parseRoomName } from "@satsuma/rooms";
import { type Context as Asked, Hono } from "hono";
import type { Log } from "../../log.ts";
import { orangeKnown } from "../../orange/edge.ts";
import { type IdentifySettings, identifyBy } from "../../orange/identify.ts";
import type { Locks } from "../../orange/lock.ts";
import { parseRoomPath } from "../../orange/room-path.ts";
import { roomsApi } from "../../rooms/api.ts";
import { Courier } from "../../rooms/courier.ts";
import { Directory, type DirectoryEnv } from "../../rooms/directory.ts";
import type { SocketDetail } from "../../rooms/edge.ts";
import type { RoomObject } from "../../rooms/object.ts";
import type { RoomPorts } from "../../rooms/ports.ts";
import { admitBy, courierPorts, postTo } from "../../rooms/post.ts";
import { mediaProxy } from "../../rooms/proxy.ts";
import type { RoomTokens } from "../../rooms/tokens.ts";
import { Webhooks } from "../../rooms/webhooks.ts";
import { durableObject, namespaceOf, type ObjectNamespace, type ObjectOptions } from "../durable/index.ts";
import { MeteredRoom } from "./metered.ts";

export { orangeEdge } from "../../orange/edge.ts";
export { satsumaEdge } from "../../rooms/satsuma.ts";
export { RoomTokens, type TokenSettings } from "../../rooms/tokens.ts";
export type { RoomPorts };

export interface RoomsOptions extends ObjectOptions {
  /**
   * Messages a second that one address may send into one room on all its sockets together, four times as many at once; 5,000
   * by default. What is long counts for one more with every KiB.
   */
  readonly messagesPerSecond?: number;
}

/** `portsOf` makes what rooms need from the Worker's bindings; it is called once for each waking of a room. */
export function roomsObject<Env>(
  portsOf: (env: Env) => RoomPorts,
  options: RoomsOptions = {},
): ReturnType<typeof durableObject> {
  class Room extends MeteredRoom {
    constructor(context: Context<unknown>) {
      super({ ...context, env: portsOf(context.env as Env) }, options.messagesPerSecond);
    }
  }
  return durableObject<unknown, Room>(Room, options);
}

/** The class of an app's directory of rooms and meetings. One object, `all`, of its binding is used. */
export function directoryObject(options: ObjectOptions & DirectoryEnv = {}): ReturnType<typeof durableObject> {
  class Rooms extends Directory {
    constructor(context: Context<unknown>) {
      super({ ...context, env: { mostRooms: options.mostRooms } });
    }
  }
  return durableObject<unknown, Rooms>(Rooms, options);
}

/** The class of an app's webhook endpoints. One object, `all`, of its binding is used. */
export function webhooksObject(options: ObjectOptions = {}): ReturnType<typeof durableObject> {
  class Endpoints extends Webhooks {
    constructor(context: Context<unknown>) {
      super({ ...context, env: { configured: [] } });
    }
  }
  return durableObject<unknown, Endpoints>(Endpoints, options);
}

/** The class of the couriers, one object for each room. `webhooksOf` picks the binding of `webhooksObject`. */
export function courierObject<Env>(
  webhooksOf: (env: Env) => DurableObjectNamespace,
  { log, ...options }: ObjectOptions & { readonly log: Log },
): ReturnType<typeof durableObject> {
  class RoomCourier extends Courier {
    constructor(context: Context<unknown>) {
      const webhooks = namespaceOf<Webhooks>(webhooksOf(context.env as Env)).get("all");
      super({ ...context, env: { ...courierPorts(webhooks), fetch: (...request) => fetch(...request), log } });
    }
  }
  return durableObject<unknown, RoomCourier>(RoomCourier, options);
}

/** `RoomPorts.post`: to the directory, and to the couriers. */
export function postEvents(
  directory: DurableObjectNamespace,
  couriers: DurableObjectNamespace,
): NonNullable<RoomPorts["post"]> {
  return postTo(namespaceOf<Directory>(directory).get("all"), namespaceOf<Courier>(couriers));
}

/** `RoomPorts.admit`: by the directory, which has the number of rooms. */
export function admitRooms(directory: DurableObjectNamespace): NonNullable<RoomPorts["admit"]> {
  return admitBy(namespaceOf<Directory>(directory).get("all"));
}

export interface RoomDoor {
  readonly rooms: ObjectNamespace<RoomObject>;
  /**
   * Answers an upgrade at `/rooms/:room`, and at `/parties/rooms/:room` if Orange is served; requests to `/api/v1`, and to
   * `/rooms/:room/sfu`, where they are served; else `not-found`.
   */
  fetch(request: ObjectRequest, execution?: ExecutionContext): Promise<ObjectResponse>;
}

export interface DoorOptions {
  /** Serves Orange's dialect to whoever one of these says who they are; rooms then need its edge. */
  readonly orange?: IdentifySettings & { readonly locks: Locks };
  /** Serves the API of an app's backend, at `/api/v1`. */
  readonly api?: ApiOptions;
  /** Brings members' requests to the media server, at `/rooms/:room/sfu`. */
  readonly media?: { readonly server: MediaServer; readonly tokens: RoomTokens };
  /** Default: nothing is said. */
  readonly log?: Log;
}

export interface ApiOptions {
  /** At least 32 characters; whoever bears it may do everything. */
  readonly key: string;
  readonly tokens: RoomTokens;
  /** Bindings of `directoryObject`, `courierObject` and `webhooksObject`. */
  readonly directory: DurableObjectNamespace;
  readonly couriers: DurableObjectNamespace;
  readonly webhooks: DurableObjectNamespace;
}

export function roomDoor(binding: DurableObjectNamespace, options: DoorOptions = {}): RoomDoor {
  const { orange } = options;
  const rooms = namespaceOf<RoomObject>(binding);
  const routes = routesOf(rooms, options);
  return {
    rooms,
    async fetch(request, execution) {
      const { pathname, search } = new URL(request.url);
      if (request.headers.get("upgrade") !== "websocket") {
        return (await routes.fetch(request as unknown as Request, { execution })) as unknown as ObjectResponse;
      }
      const guest = orange && parseRoomPath(`${pathname}${search}`);
      if (guest) {
        const header = (name: string) => request.headers.get(name) ?? undefined;
        const known = guest.ok ? await orangeKnown(guest.value.id, header, identifyBy(orange), orange.locks) : guest;
        if (!guest.ok || !known.ok) return refuse(known.ok ? nothing : known.refusal);
        const detail: SocketDetail = { dialect: "orange", known: known.value, ...addressOf(request) };
        return rooms.get(guest.value.room).connect(request, detail as unknown as Json);
      }
      const raw = path.exec(pathname)?.[1];
      if (raw === undefined) return refuse(nothing);
      const name = parseRoomName(decoded(raw));
      if (!name.ok) return refuse(name.refusal);
      const detail: SocketDetail = { dialect: "satsuma", ...addressOf(request) };
      return rooms.get(name.value).connect(request, detail as unknown as Json);
    },
  };
}

function routesOf(rooms: ObjectNamespace<RoomObject>, { api, media, log = silent }: DoorOptions): Hono {
  const routes = new Hono();
  const now = Date.now;
  if (media) {
    const { server, tokens } = media;
    const waitUntil = (c: Asked, work: Promise<unknown>) => {
      (c.env as { readonly execution?: ExecutionContext }).execution?.waitUntil(work);
    };
    const identify = tokens.identify.bind(tokens);
    routes.route("/rooms/:room/sfu", mediaProxy({ rooms, identify, media: server, now, log, waitUntil }));
  }
  if (api) {
    const { key, tokens } = api;
    const directory = namespaceOf<Directory>(api.directory).get("all");
    const webhooks = namespaceOf<Webhooks>(api.webhooks).get("all");
    const couriers = namespaceOf<Courier>(api.couriers);
    routes.route("/api/v1", roomsApi({ key, rooms, directory, couriers, webhooks, tokens, now, log }));
  }
  routes.all("*", (c) => c.json(nothing, errors[nothing.code].status));
  return routes;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const path = /^\/rooms\/([^/]+)\/?$/;
const nothing = refusal("not-found", "Sockets are opened at /rooms/:room.");

/** Cloudflare sets the header, whatever the client sent; elsewhere nothing is measured. */
function addressOf({ headers }: ObjectRequest): Pick<SocketDetail, "address"> {
  const address = headers.get("cf-connecting-ip");
  return address === null ? {} : { address };
}

/** What is not percent-encoded UTF-8 is no name either. */
function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return "";
  }
}

function refuse(why: Refusal): ObjectResponse {
  return Response.json(why, { status: errors[why.code].status }) as unknown as ObjectResponse;
}
