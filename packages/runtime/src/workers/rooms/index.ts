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
import type { SocketDetail } from "../../rooms/edge.ts";
import { RoomObject } from "../../rooms/object.ts";
import type { RoomPorts } from "../../rooms/ports.ts";
import { durableObject, namespaceOf, type ObjectNamespace, type ObjectOptions } from "../durable/index.ts";

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
  /** Answers an upgrade at `/rooms/:room`; anything else is refused `not-found`. */
  fetch(request: ObjectRequest): Promise<ObjectResponse>;
}

export function roomDoor(binding: DurableObjectNamespace): RoomDoor {
  const rooms = namespaceOf<RoomObject>(binding);
  return {
    rooms,
    async fetch(request) {
      const raw = path.exec(new URL(request.url).pathname)?.[1];
      if (raw === undefined || request.headers.get("upgrade") !== "websocket") return refuse(nothing);
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
