/**
 * The doors to rooms: one per dialect, each with its path, who may pass it, and how much its sockets may say at once.
 */
import type { IncomingMessage } from "node:http";
import { limits, type Result, refusal } from "@satsuma/protocol";
import { parseRoomName } from "@satsuma/rooms";
import { orangeEdge, orangeKnown } from "../orange/edge.ts";
import type { Identify } from "../orange/identify.ts";
import type { Locks } from "../orange/lock.ts";
import { parseRoomPath } from "../orange/room-path.ts";
import type { Whereabouts } from "../orange/whereabouts.ts";
import type { Edge, SocketDetail } from "../rooms/edge.ts";
import { satsumaEdge } from "../rooms/satsuma.ts";

export interface Door {
  readonly edge: Edge;
  /** Bytes of one message. */
  readonly messageBytes: number;
  /** Bytes that may wait for one reader, and from which on it is spared what it can do without; else as set for all. */
  readonly waiting?: { readonly bytes: number; readonly lossyBytes: number };
  /** Undefined when the path is another door's. */
  admit(request: IncomingMessage): Promise<Result<Admitted>> | undefined;
}

export interface Admitted {
  readonly room: string;
  readonly detail: SocketDetail;
  /** Called when the socket is open; gives what is to be called at its end. */
  readonly opened?: () => () => void;
}

const path = /^\/rooms\/([^/?#]+)\/?(?:\?.*)?$/;

/** Our own dialect, at `/rooms/:room`: its sockets say who they are with their hello. */
export const satsumaDoor: Door = {
  edge: satsumaEdge,
  messageBytes: limits.messageBytes,
  admit({ url = "" }) {
    const raw = path.exec(url)?.[1];
    if (raw === undefined) return undefined;
    const room = roomOf(raw);
    const detail = { dialect: "satsuma" };
    return Promise.resolve(room.ok ? { ok: true, value: { room: room.value, detail } } : room);
  },
};

export interface OrangeDoorContext {
  readonly identify: Identify;
  readonly locks: Locks;
  readonly whereabouts: Whereabouts;
}

/** Orange's, at `/parties/rooms/:room`: who is there is known from the request, or nobody gets in. */
export function orangeDoor({ identify, locks, whereabouts }: OrangeDoorContext): Door {
  return {
    edge: orangeEdge,
    messageBytes: limits.orangeMessageBytes,
    // A state that has to wait is one too many, since a later one holds all of it; the rest is for encrypted groups.
    waiting: { bytes: 8_388_608, lossyBytes: 65_536 },
    admit({ url = "", headers }) {
      const found = parseRoomPath(url);
      return found && admitted(found);

      async function admitted(path: typeof found): Promise<Result<Admitted>> {
        if (!path?.ok) return path ?? nowhere;
        const { room, id } = path.value;
        const header = (name: string) => [headers[name.toLowerCase()]].flat()[0];
        const known = await orangeKnown(id, header, identify, locks);
        if (!known.ok) return known;
        const detail = { dialect: "orange", known: known.value };
        return { ok: true, value: { room, detail, opened: () => whereabouts.enter(known.value.person, room) } };
      }
    },
  };
}

const nowhere = { ok: false, refusal: refusal("not-found", "Sockets are opened at /rooms/:room.") } as const;

function roomOf(raw: string): Result<string> {
  try {
    return parseRoomName(decodeURIComponent(raw));
  } catch {
    return { ok: false, refusal: refusal("bad-message", "The room's name is not percent-encoded UTF-8.") };
  }
}
