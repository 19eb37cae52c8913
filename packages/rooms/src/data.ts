/**
 * What a room knows: the state that everyone sees, and beside it what only the room needs. Plain values, so that a room
 * can be written down and read back.
 */
import { emptyRoom, type RoomState } from "@satsuma/protocol";
import type { Bucket } from "./bucket.ts";
import type { SocketId } from "./input.ts";
import { newOrangeData, type OrangeData, type OrangeRecord, orangeRecordOf } from "./orange/data.ts";

/** A participant's hold on the room. Every member is in the public state with the same id, and the other way round. */
export interface Member {
  readonly id: string;
  /** The name in the token of the last hello; a different one in a later token is a rename, a command's name is not undone. */
  claimedName: string;
  place:
    | { readonly state: "connected"; readonly socket: SocketId }
    | { readonly state: "recovering"; deadline: number }
    /** Here by Orange's door; that dialect knows of its socket and its end. */
    | { readonly state: "guest" };
  /** Media sessions that this participant made, oldest first. */
  sessions: string[];
  /** Media sessions that the media server is being asked for. */
  making: number;
  /** Media requests. */
  media: Bucket;
}

export type Socket =
  | { readonly state: "waiting"; readonly deadline: number }
  | { readonly state: "joined"; readonly participant: string; silentAt: number; messages: Bucket };

export interface RoomData {
  state: RoomState;
  readonly members: Map<string, Member>;
  /** Open sockets only: whatever is not in here has no say. */
  readonly sockets: Map<SocketId, Socket>;
  orange: OrangeData;
}

/** A room written down. Sockets are not part of it: they do not outlive the process. */
export interface RoomRecord {
  readonly state: RoomState;
  readonly members: readonly {
    readonly id: string;
    readonly claimedName: string;
    readonly sessions: readonly string[];
  }[];
  readonly orange: OrangeRecord;
}

export function newRoomData(): RoomData {
  return { state: emptyRoom, members: new Map(), sockets: new Map(), orange: newOrangeData() };
}

export function recordOf(data: RoomData): RoomRecord {
  return {
    state: data.state,
    members: [...data.members.values()].map(({ id, claimedName, sessions }) => ({
      id,
      claimedName,
      sessions: [...sessions],
    })),
    orange: orangeRecordOf(data.orange),
  };
}
