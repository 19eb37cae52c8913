/**
 * Endpoints that are told of rooms' events, as the server's API makes and shows them; and the parsers of what comes in.
 */
import * as v from "valibot";
import type { Result } from "../result.ts";
import type { Occurrence, RoomEvent } from "./events.ts";
import { parseBody } from "./schema/body.ts";

/** What a webhook brings. */
export interface WebhookBody {
  readonly room: string;
  readonly event: RoomEvent;
}

export interface ApiWebhookRequest {
  readonly url: string;
  /** Events that it is told of; all of them by default. */
  readonly events?: readonly Occurrence["type"][] | undefined;
  /** Whether it is told anything; true by default. What happens meanwhile it is not told later. */
  readonly active?: boolean | undefined;
}

/** What is left out stays as it is; null: all events. */
export interface ApiWebhookChange {
  readonly url?: string | undefined;
  readonly events?: readonly Occurrence["type"][] | null | undefined;
  readonly active?: boolean | undefined;
}

export interface ApiWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly Occurrence["type"][] | null;
  readonly active: boolean;
  /** Milliseconds since the epoch. Events of before are not sent. */
  readonly createdAt: number;
  /** Until when the secret of before the last rotation signs too; null when there is none. */
  readonly rotatingUntil: number | null;
  /** Whether it comes from the server's configuration, and is changed there. */
  readonly configured: boolean;
}

/** The secret is shown this once. */
export interface ApiWebhookSecret extends ApiWebhook {
  readonly secret: string;
}

/** Events of a room that an endpoint did not take, and that were dropped: it refused the one, or took nothing for too long. */
export interface ApiDeadLetter {
  readonly room: string;
  /** The first of them. */
  readonly seq: number;
  readonly type: Occurrence["type"];
  readonly why: string;
  /** Milliseconds since the epoch, when they were dropped. */
  readonly at: number;
  /** How many were dropped from `seq` on. Absent in letters from before there was a count: one. */
  readonly events?: number;
}

/** How far an endpoint is with the events of one room. */
export interface ApiDelivery {
  readonly endpoint: string;
  /** The next event to be sent. */
  readonly next: number;
  /** How often it failed since it took something last. */
  readonly tries: number;
  /** It has failed so often that it is taken to be down. Only the next event is tried, seldom. */
  readonly paused: boolean;
  /** Milliseconds since the epoch: when it is tried again; null while nothing went wrong. */
  readonly retryAt: number | null;
  /** Events that wait for it. */
  readonly waiting: number;
  /** Events that it was never told, of all time. */
  readonly dropped: number;
  /** The last hundred times that some were dropped: from which on, how many, why. */
  readonly dead: readonly { readonly seq: number; readonly events: number; readonly why: string }[];
}

const events: Record<Occurrence["type"], true> = {
  "room-started": true,
  "room-ended": true,
  "participant-joined": true,
  "participant-left": true,
  "participant-renamed": true,
  "track-published": true,
  "track-unpublished": true,
  "recording-started": true,
  "recording-stopped": true,
  moderated: true,
};

/** No name and password: `fetch` takes no such address. */
const url = v.pipe(v.string(), v.maxLength(2_048), v.url(), v.regex(/^https?:\/\/[^/?#@]+([/?#]|$)/i));
const types = v.pipe(
  v.array(v.picklist(Object.keys(events) as Occurrence["type"][])),
  v.minLength(1),
  v.maxLength(Object.keys(events).length),
);

const request = v.strictObject({ url, events: v.optional(types), active: v.optional(v.boolean()) });
const change = v.strictObject({
  url: v.optional(url),
  events: v.optional(v.nullable(types)),
  active: v.optional(v.boolean()),
});

/** Reads the body of `POST /api/v1/webhooks`. */
export function parseApiWebhookRequest(body: string): Result<ApiWebhookRequest> {
  return parseBody(request, body);
}

/** Reads the body of `PATCH /api/v1/webhooks/:id`. */
export function parseApiWebhookChange(body: string): Result<ApiWebhookChange> {
  return parseBody(change, body);
}
