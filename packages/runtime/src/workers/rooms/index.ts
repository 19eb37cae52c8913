/**
 * The room server on Workers: its Durable Object class, and the fetch handler of its door.
 *
 * A Worker exports the class under the name of its binding and hands its requests to the door:
 *
 *   export const RoomsObject = roomsObject(portsOf);
 *   export default { fetch: (request, env) => roomDoor(env.ROOMS).fetch(request) };
 */
import type {
  DurableObjectNamespace,
  Request as ObjectRequest,
  Response as ObjectResponse,
} from "@cloudflare/workers-types";
import type { Context, Json } from "@satsuma/durable";
import { errors, type Refusal, refusal } from "@satsuma/protocol";
import { parseRoomName } from "@satsuma/rooms";
import { orangeKnown } from "../../orange/edge.ts";
import { type IdentifySettings, identifyBy } from "../../orange/identify.ts";
import type { Locks } from "../../orange/lock.ts";
import { parseRoomPath } from "../../orange/room-path.ts";
import type { SocketDetail } from "../../rooms/edge.ts";
import { RoomObject } from "../../rooms/object.ts";
import type { RoomPorts } from "../../rooms/ports.ts";
import { durableObject, namespaceOf, type ObjectNamespace, type ObjectOptions } from "../durable/index.ts";

export { orangeEdge } from "../../orange/edge.ts";
export { satsumaEdge } from "../../rooms/satsuma.ts";
export { RoomTokens, type TokenSettings } from "../../rooms/tokens.ts";
export type { RoomPorts };

/** `portsOf` makes what rooms need from the Worker's bindings; it is called once for each waking of a room. */
export function roomsObject<Env>(
  portsOf: (env: Env) => RoomPorts,
  options: ObjectOptions = {},
): ReturnType<typeof durableObject> {
  class Room extends RoomObject {
    constructor(context: Context<unknown>) {
      super({ ...context, env: portsOf(context.env as Env) });
    }
  }
  return durableObject<unknown, Room>(Room, options);
}

export interface RoomDoor {
  readonly rooms: ObjectNamespace<RoomObject>;
  /** Answers an upgrade at `/rooms/:room`, and at `/parties/rooms/:room` if Orange is served; else `not-found`. */
  fetch(request: ObjectRequest): Promise<ObjectResponse>;
}

export interface DoorOptions {
  /** Serves Orange's dialect to whoever one of these says who they are; rooms then need its edge. */
  readonly orange?: IdentifySettings & { readonly locks: Locks };
}

export function roomDoor(binding: DurableObjectNamespace, { orange }: DoorOptions = {}): RoomDoor {
  const rooms = namespaceOf<RoomObject>(binding);
  return {
    rooms,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      if (request.headers.get("upgrade") !== "websocket") return refuse(nothing);
      const guest = orange && parseRoomPath(`${pathname}${search}`);
      if (guest) {
        const header = (name: string) => request.headers.get(name) ?? undefined;
        const known = guest.ok ? await orangeKnown(guest.value.id, header, identifyBy(orange), orange.locks) : guest;
        if (!guest.ok || !known.ok) return refuse(known.ok ? nothing : known.refusal);
        const detail: SocketDetail = { dialect: "orange", known: known.value };
        return rooms.get(guest.value.room).connect(request, detail as unknown as Json);
      }
      const raw = path.exec(pathname)?.[1];
      if (raw === undefined) return refuse(nothing);
      const name = parseRoomName(decoded(raw));
      if (!name.ok) return refuse(name.refusal);
      const detail: SocketDetail = { dialect: "satsuma" };
      return rooms.get(name.value).connect(request, detail as unknown as Json);
    },
  };
}

const path = /^\/rooms\/([^/]+)\/?$/;
const nothing = refusal("not-found", "Sockets are opened at /rooms/:room.");

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
