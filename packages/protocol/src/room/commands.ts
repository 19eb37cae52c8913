/** Everything that a member may ask of the room. Each command is done whole or refused whole. */
import type { Grant, Role } from "./grants.ts";
import type { Rules, Track, TrackSource } from "./state.ts";

/** A value of the shared entries: any JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** About oneself. */
export type OwnCommand =
  | { readonly do: "publish"; readonly tracks: readonly Track[] }
  | { readonly do: "unpublish"; readonly names: readonly string[] }
  | { readonly do: "mute"; readonly name: string; readonly muted: boolean }
  | { readonly do: "rename"; readonly name: string }
  /** Null removes an attribute. */
  | { readonly do: "describe"; readonly attributes: Readonly<Record<string, string | null>> }
  | { readonly do: "raise" }
  /** One's own hand, or as a moderator somebody else's. */
  | { readonly do: "lower"; readonly id?: string | undefined }
  /** Takes the role that a moderator has offered. */
  | { readonly do: "accept" }
  | { readonly do: "leave" };

export type ChatCommand =
  | {
      readonly do: "say";
      readonly text: string;
      /** A participant: then only that person and the sender read it. */
      readonly to?: string | undefined;
      readonly reply?: number | undefined;
      /** Identities. */
      readonly mentions?: readonly string[] | undefined;
    }
  | { readonly do: "edit"; readonly seq: number; readonly text: string }
  /** One's own, or as a moderator anybody's. */
  | { readonly do: "delete"; readonly seq: number }
  | { readonly do: "react"; readonly seq: number; readonly emoji: string; readonly on: boolean }
  /** Messages before one, newest first. */
  | { readonly do: "read"; readonly before?: number | undefined; readonly limit: number }
  /** An emoji that flies over the screen and is kept nowhere. */
  | { readonly do: "emote"; readonly emoji: string };

export type SharedCommand =
  | {
      readonly do: "poll";
      readonly question: string;
      readonly options: readonly string[];
      readonly anonymous: boolean;
      readonly multiple: boolean;
    }
  /** Positions of options; again to change one's mind, none to take it back. */
  | { readonly do: "vote"; readonly poll: number; readonly choices: readonly number[] }
  | { readonly do: "close-poll"; readonly poll: number }
  | { readonly do: "delete-poll"; readonly poll: number }
  /** Who voted for what, unless it is anonymous; `after` is the last identity of the page before. */
  | { readonly do: "list-votes"; readonly poll: number; readonly after?: string | undefined; readonly limit: number }
  /** `if` is the revision that must be there: 0 for none. */
  | { readonly do: "set"; readonly key: string; readonly value: JsonValue; readonly if?: number | undefined }
  | { readonly do: "unset"; readonly key: string; readonly if?: number | undefined }
  /** From here on entries whose key begins so are told; the answer brings those there are. */
  | { readonly do: "watch"; readonly prefix: string }
  | { readonly do: "unwatch"; readonly prefix: string }
  /** Data of the app's own, to everyone else or to some participants; kept nowhere. */
  | {
      readonly do: "relay";
      readonly topic: string;
      readonly payload: string;
      readonly to?: readonly string[] | undefined;
    }
  /** Listeners, in the order of joining; `after` is the last id of the page before. */
  | { readonly do: "list-audience"; readonly after?: string | undefined; readonly limit: number };

/** What is left out stays as it is. */
export type RuleChanges = { readonly [Rule in Exclude<keyof Rules, "passcode">]?: Rules[Rule] | undefined };

/** For those who moderate; the server's own API says the same. */
export type ModerationCommand =
  /** Those who wait, or all of them. */
  | { readonly do: "admit"; readonly ids?: readonly string[] | undefined }
  | { readonly do: "deny"; readonly ids?: readonly string[] | undefined }
  /** Mutes microphones of a participant, or of all who do not moderate. They may unmute themselves. */
  | { readonly do: "silence"; readonly id?: string | undefined }
  | { readonly do: "ask-unmute"; readonly id: string }
  /** Ends the tracks of this source. */
  | { readonly do: "stop"; readonly id: string; readonly source: TrackSource }
  /** All devices of the person; tokens from before do not let them in again. */
  | { readonly do: "remove"; readonly id: string }
  /** Removes, and keeps out whatever token is shown. */
  | { readonly do: "ban"; readonly identity: string }
  | { readonly do: "unban"; readonly identity: string }
  /** Who is banned, by identity; `after` is the last one of the page before. */
  | { readonly do: "list-bans"; readonly after?: string | undefined; readonly limit: number }
  | { readonly do: "set-role"; readonly id: string; readonly role: Role }
  | { readonly do: "grant"; readonly id: string; readonly grants: readonly Grant[] }
  /** Offers a role, which its receiver may `accept`. */
  | { readonly do: "invite"; readonly id: string; readonly role: Role }
  /** Makes another the host, and oneself a speaker. */
  | { readonly do: "transfer"; readonly id: string }
  | { readonly do: "set-rules"; readonly rules: RuleChanges }
  /** Null takes it away. */
  | { readonly do: "set-passcode"; readonly passcode: string | null }
  | { readonly do: "record"; readonly on: boolean }
  /** Ends the meeting for all. */
  | { readonly do: "end" }
  /** What happened in the room, newest first: events before one. */
  | { readonly do: "audit"; readonly before?: number | undefined; readonly limit: number };

export type Command = OwnCommand | ChatCommand | SharedCommand | ModerationCommand;
