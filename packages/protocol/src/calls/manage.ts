/**
 * Words of the management API (apps and TURN keys, `/client/v4`) and of TURN credentials. Shapes and spelling are
 * Cloudflare's; `overlap` is ours.
 */
import * as v from "valibot";
import { refusal } from "../errors.ts";
import type { Result } from "../result.ts";

/** What every answer of the management API is wrapped in. */
export interface Envelope<T> {
  success: boolean;
  errors: { code: number; message: string }[];
  messages: { code: number; message: string }[];
  result: T | null;
}

/** An app of the SFU, or a TURN key. */
export interface ManagedKey {
  uid: string;
  name: string;
  /** ISO 8601. */
  created: string;
  modified: string;
  /** Of an app, and only in the answer that made it. */
  secret?: string | undefined;
  /** Of a TURN key, and only in the answer that made it. */
  key?: string | undefined;
}

export interface KeyRequest {
  name?: string | undefined;
}

export interface RotateRequest {
  /** Seconds for which the secret before stays good. Default 0. */
  overlap?: number | undefined;
}

export interface TurnCredentialsRequest {
  /** Seconds. */
  ttl?: number | undefined;
  /** Shows up in the relay's logs, for the caller's own accounting. */
  customIdentifier?: string | undefined;
}

export interface IceServer {
  urls: string[];
  username?: string | undefined;
  credential?: string | undefined;
}

/** Seconds: two days, as at Cloudflare. */
export const longestTurnTtl = 172_800;
const longestOverlap = 604_800;

const keyRequest = v.object({
  name: v.optional(v.pipe(v.string(), v.regex(/^\P{Cc}*$/u), v.maxLength(128))),
});
const rotateRequest = v.object({
  overlap: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(longestOverlap))),
});
const turnRequest = v.object({
  ttl: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  // A colon ends the time in coturn's user names; the rest keeps log lines and URLs whole.
  customIdentifier: v.optional(v.pipe(v.string(), v.regex(/^[\w.@-]+$/), v.maxLength(64))),
});

/** No body at all means no wishes. */
export function parseKeyRequest(body: string): Result<KeyRequest> {
  return parseOptional(keyRequest, body);
}

export function parseRotateRequest(body: string): Result<RotateRequest> {
  return parseOptional(rotateRequest, body);
}

/** Refuses a `ttl` above `longestTurnTtl` with `invalid_params`. */
export function parseTurnRequest(body: string): Result<TurnCredentialsRequest> {
  const parsed = parseOptional(turnRequest, body);
  if (!parsed.ok || (parsed.value.ttl ?? 0) <= longestTurnTtl) return parsed;
  return { ok: false, refusal: refusal("invalid_params", `ttl may be ${longestTurnTtl} seconds at the most.`) };
}

function parseOptional<T>(schema: v.GenericSchema<unknown, T>, body: string): Result<T> {
  let json: unknown;
  try {
    json = JSON.parse(body === "" ? "{}" : body);
  } catch {
    return { ok: false, refusal: refusal("decoding_error", "The body is not JSON.") };
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return { ok: true, value: parsed.output };
  const path = v.getDotPath(parsed.issues[0]) ?? "body";
  return { ok: false, refusal: refusal("decoding_error", `Body JSON validation error: ${path}`) };
}
