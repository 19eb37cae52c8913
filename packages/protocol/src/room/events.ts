/**
 * What is worth telling others than the members: webhooks, the audit log, the history of meetings. One sequence per room.
 */
import type { Role } from "./grants.ts";
import type { LeaveReason, TrackSource } from "./state.ts";

/** Who did it: a participant, or the server on behalf of whoever used its API. */
export interface Actor {
  readonly participant?: string | undefined;
  readonly identity: string;
  readonly name: string;
}

/** Somebody it was done to, or who did it. */
export interface Subject {
  readonly participant: string;
  readonly identity: string;
  readonly name: string;
}

export type EndReason = "ended" | "empty" | "schedule";

export type Occurrence =
  | { readonly type: "room-started" }
  | {
      readonly type: "room-ended";
      readonly why: EndReason;
      readonly by?: Actor | undefined;
      readonly startedAt: number;
      /** Members at once, at most; and how many came in all, returns not counted. */
      readonly peak: number;
      readonly joins: number;
    }
  | { readonly type: "participant-joined"; readonly who: Subject; readonly role: Role }
  | {
      readonly type: "participant-left";
      readonly who: Subject;
      readonly why: LeaveReason;
      /** Milliseconds since they joined. */
      readonly stayed: number;
    }
  | { readonly type: "participant-renamed"; readonly who: Subject }
  | {
      readonly type: "track-published" | "track-unpublished";
      readonly who: Subject;
      readonly track: string;
      readonly source: TrackSource;
    }
  | { readonly type: "recording-started" | "recording-stopped"; readonly by: Actor }
  /** `did` is the command's word. */
  | {
      readonly type: "moderated";
      readonly did: string;
      readonly by: Actor;
      readonly who?: { readonly participant?: string | undefined; readonly identity: string } | undefined;
      readonly detail?: string | undefined;
    };

export type RoomEvent = Occurrence & {
  /** Grows by one with every event of the room, also over its meetings. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The meeting it belongs to. */
  readonly meeting: string | null;
};
