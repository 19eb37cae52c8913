/**
 * Notes of a room: what happened to whom, for whoever looks into a call that went wrong, and how well calls went.
 *
 * Nobody in the room sees them, and no state follows from them. Written so that they may be shown: no description, no
 * candidate, no address, no token.
 */

import type { Occurrence } from "./events.ts";
import type { Quality } from "./presence.ts";
import type { ConnectionStates, QualitySample } from "./report.ts";
import type { LeaveReason } from "./state.ts";

export type Noted =
  /** Something in the room's log of events that is about them. */
  | {
      readonly note: "event";
      readonly event: Exclude<Occurrence["type"], "room-started" | "room-ended">;
      /** Identity of a moderator, or of whoever used the server's API. */
      readonly by?: string | undefined;
      /** The moderator's command. */
      readonly did?: string | undefined;
      readonly why?: LeaveReason | undefined;
      readonly track?: string | undefined;
    }
  /** The socket: lost, or here again. */
  | { readonly note: "socket"; readonly connection: "connected" | "recovering" }
  /** A request to the media server that went through the room server. */
  | ({ readonly note: "call" } & NotedCall)
  /** The same as the client tells it, in Orange's dialect. */
  | {
      readonly note: "told";
      readonly type: "request" | "response";
      readonly session: string;
      readonly method?: string | undefined;
      /** Without its query. */
      readonly endpoint: string;
      readonly code?: string | undefined;
      /** `offer` or `answer`, and how long it was. */
      readonly description?: string | undefined;
      readonly tracks?: readonly string[] | undefined;
    }
  | { readonly note: "states"; readonly session?: string | undefined; readonly states: ConnectionStates }
  /** Another word of a member for the quality of its connection. */
  | { readonly note: "quality"; readonly quality: Quality }
  | { readonly note: "sample"; readonly session?: string | undefined; readonly sample: QualitySample };

export interface NotedCall {
  /** Such as `new-session`, `tracks`, `renegotiate`. */
  readonly operation: string;
  readonly session?: string | undefined;
  readonly status: number;
  /** Of a refusal. */
  readonly code?: string | undefined;
  /** Milliseconds. */
  readonly duration: number;
  /** As the client named it, or as the answer's header `Satsuma-Correlation` did. */
  readonly correlation: string;
  /** Location, mid, session and name in one line, and what was wrong with it. */
  readonly tracks?: readonly string[] | undefined;
}

export type Note = Noted & {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly meeting: string | null;
  readonly participant: string;
};
