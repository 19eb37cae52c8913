/**
 * Everything that can happen to a room, in the room's own words. No dialect, no socket, no token: an edge reads frames
 * into these, and the shell has checked the token of a `hello` before the room hears of it.
 */
import type { Command, Grant, NotedCall, Refusal, Report, Resume, Role, Signal } from "@satsuma/protocol";
import type { HistoryRequest } from "./effect.ts";
import type { OrangeInput } from "./orange/input.ts";

/** A socket of this room, numbered by the shell in the order of opening; no number is used twice in the life of a process. */
export type SocketId = number;

/** What a verified room token says about its bearer. */
export interface Claims {
  readonly room: string;
  /** One presence in the room. */
  readonly participant: string;
  /** The person; several participants may be one person on several devices. */
  readonly identity: string;
  readonly name: string;
  /** Default: `speaker`. */
  readonly role?: Role | undefined;
  /** Instead of those of the role. */
  readonly grants?: readonly Grant[] | undefined;
  /** Milliseconds since the epoch; what was revoked later no longer counts. Default: never revoked by time. */
  readonly issuedAt?: number | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** How a hello wants to come in, beside its token. All of it has a default, for edges that know nothing of it. */
export interface Entrance {
  /** Which version of the dialect is spoken. Default: the newest. */
  readonly protocol?: number | undefined;
  /** Default: commands of this socket are never taken for repeated ones. */
  readonly client?: string | undefined;
  readonly resume?: Resume | undefined;
  /** What comparing the passcode with `Room.passcode` gave; `hash` is the one it was compared with. */
  readonly passcode?: { readonly hash: string; readonly right: boolean } | undefined;
}

/** A socket says who it is; its token was verified. */
export interface Hello extends Entrance {
  readonly socket: SocketId;
  readonly claims: Claims;
}

/** A command as the core takes it: a passcode has become its hash outside. */
export type RoomCommand =
  | Exclude<Command, { do: "set-passcode" }>
  | { readonly do: "set-passcode"; readonly hash: string | null };

/** What only a member can mean: it is about themselves. */
type Personal =
  | "publish"
  | "unpublish"
  | "mute"
  | "rename"
  | "describe"
  | "raise"
  | "accept"
  | "leave"
  | "edit"
  | "react"
  | "emote"
  | "vote"
  | "watch"
  | "unwatch"
  | "transfer";

/** What the server's own API asks: the words that members use, with every grant, and some of its own. */
export type Order =
  | Exclude<RoomCommand, { do: Personal }>
  /** Makes a room that stays when nobody is in it, or leaves it to itself again. */
  | { readonly do: "keep"; readonly kept: boolean }
  /** What others see of a participant. */
  | {
      readonly do: "update";
      readonly id: string;
      readonly name?: string | undefined;
      readonly attributes?: Readonly<Record<string, string | null>> | undefined;
    }
  /** Tokens of this person, or of this participant, from before this moment let nobody in any more. */
  | { readonly do: "revoke"; readonly identity: string; readonly before: number }
  | { readonly do: "revoke"; readonly participant: string; readonly before: number };

export type Input =
  | OrangeInput
  | { readonly input: "opened"; readonly socket: SocketId }
  | ({ readonly input: "hello" } & Hello)
  /** Of many who come at once, in the order they came: one version, and one state that all of them are sent. */
  | { readonly input: "hellos"; readonly hellos: readonly Hello[] }
  | {
      readonly input: "command";
      readonly socket: SocketId;
      readonly id: number;
      readonly command: RoomCommand;
      /** Characters of its frame: what is long counts for more. Default: it counts for one message. */
      readonly size?: number | undefined;
    }
  | { readonly input: "signal"; readonly socket: SocketId; readonly signal: Signal }
  | {
      readonly input: "report";
      readonly socket: SocketId;
      readonly report: Report;
      /** Characters of its frame, as of a command. */
      readonly size?: number | undefined;
    }
  /** From the server's API; `by` is who used it, `ticket` comes back in the answer. */
  | { readonly input: "order"; readonly ticket: number; readonly by: string; readonly order: Order }
  /** What a `history` effect asked for; keys with their values, newest first. */
  | {
      readonly input: "history";
      readonly request: HistoryRequest;
      readonly records: readonly (readonly [key: string, value: unknown])[];
    }
  | { readonly input: "resync"; readonly socket: SocketId }
  | { readonly input: "ping"; readonly socket: SocketId }
  /** The socket said something that its edge or the shell refused: not readable, or a token that does not hold. */
  | {
      readonly input: "rejected";
      readonly socket: SocketId;
      readonly refusal: Refusal;
      readonly id?: number | undefined;
    }
  /** `leaving`: with the code 1001, which a browser says for a page that is closed or reloaded (RFC 6455, 7.4.1). */
  | { readonly input: "closed"; readonly socket: SocketId; readonly leaving?: boolean | undefined }
  /** The media server has made a session for this participant. */
  | { readonly input: "bound"; readonly participant: string; readonly session: string }
  /** A session that this participant was allowed to make was not made. */
  | { readonly input: "unmade"; readonly participant: string }
  /** The media server no longer knows this session. */
  | { readonly input: "unbound"; readonly session: string }
  /** The media server was asked something for a participant; their notes have it. */
  | { readonly input: "noted"; readonly participant: string; readonly call: NotedCall }
  /** The deadline of `nextDeadline()` has come. */
  | { readonly input: "wake" }
  /** The process stops. The room is as it is stored; nobody leaves by it. */
  | { readonly input: "shutdown" };
