/**
 * Everything a room can ask of its shell, a closed list. Effects are performed in order and none of them answers back:
 * what comes of one arrives as another input.
 *
 * `store` comes first in a turn. What follows may leave the process only when it is durable (an output gate does that),
 * so nobody is told what a crash could take back.
 */
import type { CommandResult, ErrorCode, Note, Refusal, RoomEvent, ServerMessage } from "@satsuma/protocol";
import type { SocketId } from "./input.ts";
import type { OrangeEffect } from "./orange/effect.ts";

/** Why the room closes a socket: the participant left, or a refusal. */
export type CloseReason = "left" | ErrorCode;

/** `everyone`: every socket that has been sent a `welcome` and was not closed since; the shell keeps that list. */
export type Recipients = "everyone" | readonly SocketId[];

export type Effect =
  | OrangeEffect
  /** Plain data by key (records.ts). A turn has one such effect at the most. */
  | {
      readonly effect: "store";
      readonly puts: readonly (readonly [key: string, value: unknown])[];
      readonly deletes: readonly string[];
    }
  | { readonly effect: "send"; readonly to: Recipients; readonly message: ServerMessage }
  | { readonly effect: "close"; readonly to: SocketId; readonly reason: CloseReason }
  /** Old records are wanted: the shell answers with an input `history`. */
  | ({ readonly effect: "history" } & HistoryRequest)
  /** For webhooks and other listeners. It is among the puts of the same turn, as `event:<seq>`. */
  | { readonly effect: "event"; readonly event: RoomEvent }
  /** For the record of whoever it is about; nothing follows from it. */
  | { readonly effect: "note"; readonly note: Note }
  /** The answer to an order. */
  | { readonly effect: "answer"; readonly ticket: number; readonly answer: Answer }
  /** Media sessions whose participant is gone: nothing may flow on them any more, in either direction. */
  | { readonly effect: "release"; readonly sessions: readonly string[] }
  /** Tracks that may no longer be sent, on sessions that live on. */
  | { readonly effect: "stop"; readonly tracks: readonly { readonly session: string; readonly name: string }[] }
  /** Nobody is here, no socket is open and no meeting runs: the room may be forgotten, what was stored stays. */
  | { readonly effect: "ended" };

export type Answer =
  | { readonly ok: true; readonly version: number; readonly result?: CommandResult | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

/**
 * A page of stored records, newest first: those whose key begins with `prefix`, is below `below`, at most `limit`. Given
 * back whole with the input that answers it.
 */
export interface HistoryRequest {
  readonly prefix: string;
  /** Exclusive. */
  readonly below: string;
  readonly limit: number;
  /** Who asked, and as what the answer is meant; only the room reads it. */
  readonly asked:
    | { readonly by: "member"; readonly socket: SocketId; readonly id: number; readonly wanted: number }
    | { readonly by: "server"; readonly ticket: number; readonly wanted: number };
}
