import type { DurableObjectNamespace, Request, Response } from "@cloudflare/workers-types";
import { defaultRoomSettings } from "@satsuma/rooms";
import { Locks } from "../../src/orange/lock.ts";
import { Sessions } from "../../src/orange/session.ts";
import { orangeEdge, roomDoor, roomsObject } from "../../src/workers/rooms/index.ts";
import { times } from "./times.ts";

interface Env {
  readonly ROOMS: DurableObjectNamespace;
  readonly SECRET: string;
}

/** The Worker of Orange's contract: rooms that are impatient, and no media server. */
export const RoomsObject = roomsObject<Env>(() => ({
  settings: {
    ...defaultRoomSettings,
    emptyFor: times.alarmInterval,
    orange: { ...defaultRoomSettings.orange, ...times },
  },
  edges: { orange: orangeEdge },
  verify: async () => {
    throw new Error("nobody comes by the other door");
  },
  media: { forward: async () => ({ status: 404, body: {} }) },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
}));

export default {
  fetch(request: Request, { ROOMS, SECRET }: Env): Promise<Response> {
    const locks = new Locks(new TextEncoder().encode(SECRET), true, Date.now);
    return roomDoor(ROOMS, { orange: { sessions: new Sessions([SECRET]), locks } }).fetch(request);
  },
};
