/**
 * Every message of our room dialect at `/rooms/:room`, one closed union per direction.
 *
 * A connection lives like this: `hello` → `welcome`, then `snapshot` or what was missed; then `delta`s, `chat` and
 * `presence`, `command` → `ack` or `error`, and `ping` → `pong`. `docs/protocol.md` tells it in prose.
 */
import type { Refusal } from "../errors.ts";
import type { ChatEvent, ChatMessage } from "./chat.ts";
import type { Command, JsonValue } from "./commands.ts";
import type { Actor, RoomEvent } from "./events.ts";
import type { Grant, Role } from "./grants.ts";
import type { Presence, PresenceUpdate, Quality } from "./presence.ts";
import type { Report } from "./report.ts";
import type { Delta, Participant, RoomState, TrackSource } from "./state.ts";

/** Versions of the dialect that this code speaks, best first. */
export const roomProtocols = [2] as const;

export type ClientMessage =
  | {
      readonly type: "hello";
      /** Versions that the client speaks. */
      readonly protocols: readonly number[];
      /** A room token; it names the room, the participant and the person. */
      readonly token: string;
      /** Made by the client once in its life (a page's load), so that commands sent again are known again. */
      readonly client: string;
      readonly passcode?: string | undefined;
      /** How far this client had come, when it returns after a lost socket. */
      readonly resume?: Resume | undefined;
    }
  /** `id` is the client's own count, growing by one through its life; an `ack` or `error` repeats it. */
  | { readonly type: "command"; readonly id: number; readonly command: Command }
  | ({ readonly type: "signal" } & Signal)
  /** Unanswered, like a signal, unless it is refused; nobody else is told. */
  | ({ readonly type: "report" } & Report)
  /** Asks for a snapshot after a gap. */
  | { readonly type: "resync" }
  | { readonly type: "ping" };

export interface Resume {
  /** Of the last `welcome`. */
  readonly lineage: string;
  /** The last version that was applied. */
  readonly version: number;
  /** The number of the last chat event that was seen. */
  readonly chat: number;
}

/** What a member says of itself all the time: unanswered, unstored, the last one counts. */
export interface Signal {
  readonly speaking?: boolean | undefined;
  readonly quality?: Quality | undefined;
  /** Repeated every three seconds while it holds. */
  readonly typing?: boolean | undefined;
}

/** What the room knows of the receiver alone. */
export interface Self {
  readonly role: Role;
  /** What they may do just now, rules counted in. */
  readonly grants: readonly Grant[];
  readonly joinedAt: number;
  readonly name: string;
  /** A role that was offered and may be accepted. */
  readonly invited?: Role | undefined;
}

/** Somebody who waits to be admitted, or who listens. */
export interface Person {
  readonly id: string;
  readonly identity: string;
  readonly name: string;
  /** Milliseconds since the epoch from which they wait or listen. */
  readonly since: number;
}

export interface Entry {
  readonly key: string;
  readonly value: JsonValue;
  /** Grows with every write to the room's entries. */
  readonly revision: number;
}

/** Something that a moderator did to the receiver. */
export type Notice =
  | { readonly notice: "silenced"; readonly by: Actor }
  | { readonly notice: "asked-to-unmute"; readonly by: Actor }
  | { readonly notice: "stopped"; readonly source: TrackSource; readonly by: Actor };

/** What a command brought, besides being done. */
export type CommandResult =
  | { readonly of: "say"; readonly seq: number }
  | { readonly of: "read"; readonly messages: readonly ChatMessage[]; readonly more: boolean }
  | { readonly of: "poll"; readonly poll: number }
  | {
      readonly of: "list-votes";
      readonly votes: readonly {
        readonly identity: string;
        readonly name: string;
        readonly choices: readonly number[];
      }[];
      readonly more: boolean;
    }
  | { readonly of: "set"; readonly revision: number }
  | { readonly of: "watch"; readonly entries: readonly Entry[] }
  | { readonly of: "list-audience"; readonly people: readonly Person[]; readonly more: boolean }
  | {
      readonly of: "list-bans";
      /** `by` is the name of who did it. */
      readonly bans: readonly { readonly identity: string; readonly at: number; readonly by: string }[];
      readonly more: boolean;
    }
  | { readonly of: "audit"; readonly events: readonly RoomEvent[]; readonly more: boolean };

export type ServerMessage =
  | {
      readonly type: "welcome";
      /** The version that is spoken from here on. */
      readonly protocol: number;
      /** Who the receiver is. */
      readonly participant: string;
      readonly you: Self;
      /** Which past the versions belong to; to be told when coming back. */
      readonly lineage: string;
      /** What was missed follows; otherwise a snapshot does. */
      readonly resumed: boolean;
      /** Milliseconds between pings that the server expects; it gives up after three. */
      readonly pingInterval: number;
      /** Milliseconds for which a lost socket keeps its place. */
      readonly grace: number;
    }
  /** Instead of a welcome: a moderator has to admit the receiver first. */
  | { readonly type: "waiting"; readonly pingInterval: number }
  | {
      readonly type: "snapshot";
      readonly state: RoomState;
      readonly presence: Presence;
      /** The number of the last chat event. */
      readonly chat: number;
    }
  | ({ readonly type: "delta" } & Delta)
  | { readonly type: "presence"; readonly presence: Presence }
  | ({ readonly type: "signals" } & PresenceUpdate)
  /** The numbers grow; those in between were not for this receiver. */
  | ({ readonly type: "chat"; readonly n: number } & ChatEvent)
  /** Watched entries that changed. */
  | { readonly type: "entries"; readonly set: readonly Entry[]; readonly gone: readonly string[] }
  | { readonly type: "you"; readonly you: Self }
  | ({ readonly type: "notice" } & Notice)
  /** For moderators: who waits, the first hundred, and how many in all. */
  | { readonly type: "lobby"; readonly waiting: readonly Person[]; readonly count: number }
  | { readonly type: "emoted"; readonly from: string; readonly name: string; readonly emoji: string }
  | { readonly type: "relayed"; readonly from: string; readonly topic: string; readonly payload: string }
  /** `version` is the state's version that holds the command's effect; the receiver has it or will get it first. */
  | {
      readonly type: "ack";
      readonly id: number;
      readonly version: number;
      readonly result?: CommandResult | undefined;
    }
  | ({ readonly type: "error"; readonly id?: number | undefined } & Refusal)
  | { readonly type: "pong" };

/** A listener as the audience list has it, from the participant the room keeps. */
export function personOf({ id, identity, name, joinedAt }: Participant): Person {
  return { id, identity, name, since: joinedAt };
}
