/**
 * Every message of our room dialect at `/rooms/:room`, one closed union per direction.
 *
 * A connection lives like this: `hello` → `welcome` and `snapshot`; then `delta`s, `command` → `ack` or `error`, and
 * `ping` → `pong`. `docs/protocol.md` tells it in prose.
 */
import type { Refusal } from "../errors.ts";
import type { Delta, RoomState, Track } from "./state.ts";

/** The dialect's version; a server refuses a hello that names another one it does not speak. */
export const roomProtocol = 1;

/** A change that a participant asks for. Each is applied whole or refused whole. */
export type Command =
  | { readonly do: "publish"; readonly tracks: readonly Track[] }
  | { readonly do: "unpublish"; readonly names: readonly string[] }
  | { readonly do: "mute"; readonly name: string; readonly muted: boolean }
  | { readonly do: "rename"; readonly name: string }
  | { readonly do: "leave" };

export type ClientMessage =
  | {
      readonly type: "hello";
      readonly protocol: number;
      /** A room token; it names the room, the participant and the person. */
      readonly token: string;
      /** The last version this client applied, when it comes back after a lost socket. */
      readonly version?: number | undefined;
    }
  /** `id` is the client's own count, growing by one; an `ack` or `error` repeats it. */
  | { readonly type: "command"; readonly id: number; readonly command: Command }
  /** Asks for a snapshot after a gap. */
  | { readonly type: "resync" }
  | { readonly type: "ping" };

export type ServerMessage =
  | {
      readonly type: "welcome";
      readonly protocol: number;
      /** Who the receiver is in the snapshot that follows. */
      readonly participant: string;
      /** Milliseconds between pings that the server expects; it gives up after three. */
      readonly pingInterval: number;
      /** Milliseconds for which a lost socket keeps its place. */
      readonly grace: number;
    }
  | { readonly type: "snapshot"; readonly state: RoomState }
  | ({ readonly type: "delta" } & Delta)
  /** `version` is the state's version that holds the command's effect; the receiver has it or will get it first. */
  | { readonly type: "ack"; readonly id: number; readonly version: number }
  | ({ readonly type: "error"; readonly id?: number | undefined } & Refusal)
  | { readonly type: "pong" };
