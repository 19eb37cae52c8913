/**
 * Everything that can happen to a room, in the room's own words. No dialect, no socket, no token: an edge reads frames
 * into these, and the shell has checked the token of a `hello` before the room hears of it.
 */
import type { Command, Refusal } from "@satsuma/protocol";
import type { OrangeInput } from "./orange/input.ts";

/** A socket of this room, numbered by the shell; a number is never used twice in the life of a process. */
export type SocketId = number;

/** What a verified room token says about its bearer. */
export interface Claims {
  readonly room: string;
  /** One presence in the room. */
  readonly participant: string;
  /** The person; several participants may be one person on several devices. */
  readonly identity: string;
  readonly name: string;
}

export type Input =
  | OrangeInput
  | { readonly input: "opened"; readonly socket: SocketId }
  | { readonly input: "hello"; readonly socket: SocketId; readonly claims: Claims }
  | { readonly input: "command"; readonly socket: SocketId; readonly id: number; readonly command: Command }
  | { readonly input: "resync"; readonly socket: SocketId }
  | { readonly input: "ping"; readonly socket: SocketId }
  /** The socket said something that its edge or the shell refused: not readable, or a token that does not hold. */
  | {
      readonly input: "rejected";
      readonly socket: SocketId;
      readonly refusal: Refusal;
      readonly id?: number | undefined;
    }
  | { readonly input: "closed"; readonly socket: SocketId }
  /** The media server has made a session for this participant. */
  | { readonly input: "bound"; readonly participant: string; readonly session: string }
  /** A session that this participant was allowed to make was not made. */
  | { readonly input: "unmade"; readonly participant: string }
  /** The media server no longer knows this session. */
  | { readonly input: "unbound"; readonly session: string }
  /** The deadline of `nextDeadline()` has come. */
  | { readonly input: "wake" }
  | { readonly input: "shutdown" };
