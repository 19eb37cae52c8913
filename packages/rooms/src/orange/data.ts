/** What a room knows of the users that came by Orange's door. Plain values, beside those of the room itself. */
import type { OrangeUser } from "@satsuma/protocol";
import type { Bucket } from "../bucket.ts";
import type { SocketId } from "../input.ts";
import type { Listening } from "../lateness.ts";
import type { Ai } from "./ai.ts";

/** A user's hold on the room. It outlives its socket, and is given up only when the heartbeats end or the user leaves. */
export interface Seat {
  readonly id: string;
  readonly person: string;
  /** Milliseconds since the epoch: when the person was given its name, as a token is issued. */
  readonly since: number;
  user: OrangeUser;
  /** Milliseconds. */
  heardAt: number;
  /** Undefined while the socket is away. */
  socket: SocketId | undefined;
  /** Whether it has ever been more than a visitor of the lobby; others then have it in their encrypted group. */
  hasJoined: boolean;
  /** Media sessions that this user's person made, newest last. */
  sessions: string[];
}

export interface Listener {
  readonly seat: string;
  messages: Bucket;
  passed: Bucket;
}

export interface OrangeData {
  readonly seats: Map<string, Seat>;
  /** Open sockets that are still their user's; one that was replaced is not in here and has no say. */
  readonly sockets: Map<SocketId, Listener>;
  ai: Ai;
  /** Numbers the requests to the AI service. */
  aiRequests: number;
  /** When the heartbeats are looked at next; undefined while nobody is here. */
  alarmAt: number | undefined;
  readonly listening: Listening;
  /** When everyone was sent the state last, whether it has changed since, and who missed it. */
  readonly told: { at: number; stale: boolean; readonly owed: Set<SocketId> };
  /** Ids that a moderator has put out, newest last: the page behind one does not come in again until it is loaded anew. */
  readonly evicted: Set<string>;
}

/** Written down: without what is only of the moment. */
export type SeatRecord = Pick<Seat, "id" | "person" | "since" | "user" | "hasJoined" | "sessions">;

export function newOrangeData(): OrangeData {
  return {
    seats: new Map(),
    sockets: new Map(),
    ai: {},
    aiRequests: 0,
    alarmAt: undefined,
    listening: { since: undefined, until: undefined },
    told: { at: Number.NEGATIVE_INFINITY, stale: false, owed: new Set() },
    evicted: new Set(),
  };
}

export function seatRecordOf({ id, person, since, user, hasJoined, sessions }: Seat): SeatRecord {
  return { id, person, since, user, hasJoined, sessions };
}

/** Its socket is lost, and it has the time between heartbeats to come back. */
export function takeSeat(data: OrangeData, record: SeatRecord, now: number): void {
  data.seats.set(record.id, { ...record, heardAt: now, socket: undefined });
}
