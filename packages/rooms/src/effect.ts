/**
 * Everything a room can ask of its shell, a closed list. Effects are performed in order and none of them answers back:
 * what comes of one arrives as another input.
 */
import type { Delta, ErrorCode, Refusal, RoomState } from "@satsuma/protocol";
import type { SocketId } from "./input.ts";
import type { OrangeEffect } from "./orange/effect.ts";

/** Why the room closes a socket: the participant left, or a refusal. */
export type CloseReason = "left" | ErrorCode;

export type Effect =
  | OrangeEffect
  | {
      readonly effect: "welcome";
      readonly to: SocketId;
      readonly participant: string;
      /** Milliseconds. */
      readonly pingInterval: number;
      /** Milliseconds. */
      readonly grace: number;
    }
  | { readonly effect: "snapshot"; readonly to: SocketId; readonly state: RoomState }
  | { readonly effect: "delta"; readonly to: readonly SocketId[]; readonly delta: Delta }
  | { readonly effect: "ack"; readonly to: SocketId; readonly id: number; readonly version: number }
  | {
      readonly effect: "error";
      readonly to: SocketId;
      readonly refusal: Refusal;
      readonly id?: number | undefined;
    }
  | { readonly effect: "pong"; readonly to: SocketId }
  | { readonly effect: "close"; readonly to: SocketId; readonly reason: CloseReason }
  /** Media sessions whose participant is gone: nothing may flow on them any more, in either direction. */
  | { readonly effect: "release"; readonly sessions: readonly string[] }
  /** Nobody is here and no socket is open: the room may be forgotten. */
  | { readonly effect: "ended" };
