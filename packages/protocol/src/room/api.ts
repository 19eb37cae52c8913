/**
 * The server's own API at `/api/v1`: what an app's backend asks of rooms, with the API's key. Shapes of both ends, and the
 * parsers of what comes in.
 */
import * as v from "valibot";
import { refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Result } from "../result.ts";
import type { ChatCommand, Command, OwnCommand, SharedCommand } from "./commands.ts";
import type { EndReason } from "./events.ts";
import { type Grant, grants, type Role } from "./grants.ts";
import type { CommandResult } from "./messages.ts";
import type { Presence } from "./presence.ts";
import { parseBody } from "./schema/body.ts";
import { attributesSchema, commandSchema } from "./schema/client.ts";
import { count, grant, id, nameSchema, role } from "./schema/words.ts";
import type { Participant, RoomState } from "./state.ts";

/** Commands that only a member can give: they are about oneself. */
type MembersOnly =
  | Exclude<OwnCommand, { do: "lower" }>
  | Extract<ChatCommand, { do: "edit" | "react" | "emote" }>
  | Extract<SharedCommand, { do: "vote" | "watch" | "unwatch" }>
  | Extract<Command, { do: "transfer" }>;

/** The words of members, with every right, and a few of the API's own. */
export type ApiOrder =
  | Exclude<Command, MembersOnly>
  /** Makes a room that stays when nobody is in it, or leaves it to itself again. */
  | { readonly do: "keep"; readonly kept: boolean }
  /** What others see of a participant; a null takes an attribute away. */
  | {
      readonly do: "update";
      readonly id: string;
      readonly name?: string | undefined;
      readonly attributes?: Readonly<Record<string, string | null>> | undefined;
    }
  /** Tokens of a person, or of one participant, made until now let nobody in any more; who came on them is removed. */
  | { readonly do: "revoke"; readonly identity: string }
  | { readonly do: "revoke"; readonly participant: string };

export interface ApiDone {
  /** The room's version that holds what was asked for. */
  readonly version: number;
  readonly result?: CommandResult | undefined;
}

export interface ApiTokenRequest {
  readonly name: string;
  /** The person. Made up by default. */
  readonly identity?: string | undefined;
  readonly role?: Role | undefined;
  /** Instead of those of the role. */
  readonly grants?: readonly Grant[] | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** Seconds. */
  readonly ttl?: number | undefined;
  /** An earlier token of the same participant. */
  readonly previous?: string | undefined;
}

export interface ApiRoom {
  readonly name: string;
  readonly kept: boolean;
  readonly state: RoomState;
  readonly presence: Presence;
  /** Listeners included. */
  readonly people: readonly Participant[];
}

export interface ApiRoomSummary {
  readonly name: string;
  /** The running meeting, if there is one. */
  readonly meeting: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number | null;
  readonly kept: boolean;
  /** Who is there, listeners included, as of a moment ago; and the most at once in this meeting. */
  readonly members: number;
  readonly peak: number;
}

export interface ApiMeeting {
  readonly id: string;
  readonly room: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly why: EndReason | null;
  /** Members at once, at most; and how many came in all. Known when it has ended. */
  readonly peak: number | null;
  readonly joins: number | null;
}

export interface ApiVisit {
  readonly participant: string;
  readonly identity: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly joinedAt: number;
  /** Milliseconds; null while they are there. */
  readonly stayed: number | null;
}

/** `next` is what to ask the next page with; null on the last. */
export interface ApiPage<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const own: ReadonlySet<string> = new Set<MembersOnly["do"]>([
  "publish",
  "unpublish",
  "mute",
  "rename",
  "describe",
  "raise",
  "accept",
  "leave",
  "edit",
  "react",
  "emote",
  "vote",
  "watch",
  "unwatch",
  "transfer",
]);

const order = v.variant("do", [
  commandSchema,
  v.strictObject({ do: v.literal("keep"), kept: v.boolean() }),
  v.strictObject({
    do: v.literal("update"),
    id,
    name: v.optional(nameSchema),
    attributes: v.optional(attributesSchema),
  }),
  v.strictObject({ do: v.literal("revoke"), identity: id }),
  v.strictObject({ do: v.literal("revoke"), participant: id }),
]);

const tokenRequest = v.strictObject({
  name: nameSchema,
  identity: v.optional(id),
  role: v.optional(role),
  grants: v.optional(v.pipe(v.array(grant), v.maxLength(grants.length))),
  attributes: v.optional(v.record(id, v.pipe(v.string(), v.maxLength(limits.attributeLength)))),
  ttl: v.optional(v.pipe(count, v.minValue(1), v.maxValue(31_536_000))),
  previous: v.optional(v.pipe(v.string(), v.maxLength(4096))),
});

/** Reads the body of `POST /api/v1/rooms/:room/orders`. */
export function parseApiOrder(body: string): Result<ApiOrder> {
  const parsed = parseBody(order, body);
  if (!parsed.ok || !own.has(parsed.value.do)) return parsed as Result<ApiOrder>;
  return { ok: false, refusal: refusal("not-supported", `Only a member can do this: ${parsed.value.do}.`) };
}

/** Reads the body of `POST /api/v1/rooms/:room/tokens`. */
export function parseApiTokenRequest(body: string): Result<ApiTokenRequest> {
  return parseBody(tokenRequest, body);
}
