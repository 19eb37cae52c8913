import type { DurableObjectNamespace, Request, Response } from "@cloudflare/workers-types";
import { defaultRoomSettings } from "@satsuma/rooms";
import { RoomTokens, roomDoor, roomsObject, satsumaEdge } from "../../src/workers/rooms/index.ts";

interface Env {
  readonly ROOMS: DurableObjectNamespace;
  /** Hexadecimal. */
  readonly KEY: string;
}

/** The Worker of the room's story: rooms with a short grace period, and no media server. */
export const RoomsObject = roomsObject<Env>(({ KEY }) => {
  const key = Uint8Array.from(KEY.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const tokens = new RoomTokens({ key }, Date.now);
  return {
    settings: { ...defaultRoomSettings, grace: 500 },
    edges: { satsuma: satsumaEdge },
    verify: (token, room) => tokens.verify(token, room),
    media: { forward: async () => ({ status: 404, body: {} }) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
});

export default {
  fetch: (request: Request, env: Env): Promise<Response> => roomDoor(env.ROOMS).fetch(request),
};
