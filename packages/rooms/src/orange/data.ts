/** What a room knows of the users that came by Orange's door. Plain values, beside those of the room itself. */
import type { OrangeUser } from "@satsuma/protocol";
import type { Bucket } from "../bucket.ts";
import type { SocketId } from "../input.ts";
import type { Ai } from "./ai.ts";
import type { HistoryRecord } from "./history.ts";

/** A user's hold on the room. It outlives its socket, and is given up only when the heartbeats end or the user leaves. */
export interface Seat {
  readonly id: string;
  readonly person: string;
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

export interface Meeting {
  readonly id: string;
  /** Users at once at the most, those in the lobby included. */
  peak: number;
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
  meeting: Meeting | undefined;
  ai: Ai;
  /** Numbers the requests to the AI service. */
  aiRequests: number;
  /** When the heartbeats are looked at next; undefined while nobody is here. */
  alarmAt: number | undefined;
  /** When everyone was sent the state last, and whether it has changed since. */
  told: { at: number; stale: boolean };
  readonly history: Map<string, HistoryRecord[]>;
}

/** Written down: without what is only of the moment. */
export interface OrangeRecord {
  readonly meeting: Meeting | undefined;
  readonly ai: Ai;
  readonly seats: readonly Pick<Seat, "id" | "person" | "user" | "hasJoined" | "sessions">[];
}

export function newOrangeData(): OrangeData {
  return {
    seats: new Map(),
    sockets: new Map(),
    meeting: undefined,
    ai: {},
    aiRequests: 0,
    alarmAt: undefined,
    told: { at: Number.NEGATIVE_INFINITY, stale: false },
    history: new Map(),
  };
}

export function orangeRecordOf(data: OrangeData): OrangeRecord {
  return {
    meeting: data.meeting && { ...data.meeting },
    // What was asked of the AI service is lost with the process; what it has begun is not.
    ai: data.ai.voice ? { voice: data.ai.voice } : {},
    seats: [...data.seats.values()].map(({ id, person, user, hasJoined, sessions }) => {
      return { id, person, user, hasJoined, sessions: [...sessions] };
    }),
  };
}

/** Everyone's socket is lost, and everyone has the time between heartbeats to come back. */
export function restoreOrange(record: OrangeRecord, now: number, alarmInterval: number): OrangeData {
  const data = newOrangeData();
  data.meeting = record.meeting && { ...record.meeting };
  data.ai = { ...record.ai };
  for (const seat of record.seats) {
    data.seats.set(seat.id, { ...seat, sessions: [...seat.sessions], heardAt: now, socket: undefined });
  }
  if (data.seats.size > 0) data.alarmAt = now + alarmInterval;
  return data;
}
