/**
 * Reads the frames of Orange's client. Stricter than Orange, which looks at nothing, only where its own client never
 * goes: types and sizes. Fields that are not known are kept in a user, which is passed on as it came, and dropped
 * elsewhere.
 */
import * as v from "valibot";
import { refusal } from "../errors.ts";
import { isFlatterThan } from "../json.ts";
import { limits } from "../limits.ts";
import type { Result } from "../result.ts";
import type { OrangeClientMessage } from "./messages.ts";

/** Characters of an id, a session or a name; UUIDs have 36, and names are what somebody typed. */
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const word = v.pipe(v.string(), v.maxLength(256));
/** Whoever pulls it splits it at the slash, so both parts must be there and hold no other. */
const trackString = v.pipe(v.string(), v.maxLength(512), v.regex(/^[^/\p{Cc}]+\/[^/\p{Cc}]+$/u));
const flag = v.optional(v.boolean());

const user = v.looseObject({
  id,
  name: word,
  transceiverSessionId: v.optional(word),
  raisedHand: v.boolean(),
  speaking: v.boolean(),
  joined: v.boolean(),
  tracks: v.looseObject({
    audio: v.optional(trackString),
    audioEnabled: flag,
    audioUnavailable: v.boolean(),
    video: v.optional(trackString),
    videoEnabled: flag,
    screenshare: v.optional(trackString),
    screenShareEnabled: flag,
  }),
});

const history = v.variant("type", [
  v.object({ type: v.literal("request"), method: word, endpoint: v.string(), body: v.optional(v.unknown()) }),
  v.object({ type: v.literal("response"), endpoint: v.string(), body: v.optional(v.unknown()) }),
]);

const message = v.variant("type", [
  v.object({ type: v.literal("heartbeat") }),
  v.object({ type: v.literal("userUpdate"), user }),
  v.object({ type: v.literal("userLeft") }),
  v.object({ type: v.literal("muteUser"), id }),
  v.object({ type: v.literal("directMessage"), to: id, message: v.pipe(v.string(), v.maxLength(65_536)) }),
  v.object({ type: v.literal("e2eeMlsMessage"), payload: v.string() }),
  v.object({ type: v.literal("callsApiHistoryEntry"), entry: history, sessionId: v.optional(word) }),
  v.object({
    type: v.literal("enableAi"),
    instructions: v.optional(v.pipe(v.string(), v.maxLength(65_536))),
    voice: v.optional(word),
  }),
  v.object({ type: v.literal("disableAi") }),
  v.object({
    type: v.literal("requestAiControl"),
    track: v.object({
      location: v.optional(v.picklist(["local", "remote"])),
      trackName: v.optional(word),
      sessionId: v.optional(word),
      mid: v.optional(v.nullable(word)),
    }),
  }),
  v.object({ type: v.literal("relenquishAiControl") }),
  v.object({ type: v.literal("partyserver-ping") }),
]);

/** Characters of one user as JSON. A model user has 450; with what clients may add to it, it still goes to everyone. */
const userLength = 4_096;

/** Reads one frame. `too-large`, `unknown-command` and `bad-message` are the only refusals. */
export function parseOrangeMessage(frame: string): Result<OrangeClientMessage> {
  if (frame.length > limits.orangeMessageBytes) {
    return no("too-large", `A message may have ${limits.orangeMessageBytes} bytes at the most.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch {
    return no("bad-message", "The message is not JSON.");
  }
  const parsed = v.safeParse(message, json);
  if (!parsed.success) return unread(json, parsed.issues[0]);
  const value: OrangeClientMessage = parsed.output;
  if (value.type === "userUpdate" && !isFlatterThan(value.user, limits.jsonDepth)) {
    return no("bad-message", "A user is nested too deep.");
  }
  if (value.type === "userUpdate" && JSON.stringify(value.user).length > userLength) {
    return no("too-large", `A user may have ${userLength} characters at the most.`);
  }
  return { ok: true, value };
}

function unread(json: unknown, issue: v.BaseIssue<unknown>): Result<never> {
  const path = v.getDotPath(issue);
  if (path === null) return no("bad-message", "The message is not an object.");
  if (path !== "type") return no("bad-message", `The message has no valid ${path}.`);
  const named = v.safeParse(v.object({ type: word }), json);
  return named.success
    ? no("unknown-command", `There is no message ${JSON.stringify(named.output.type)}.`)
    : no("bad-message", "The message has no type.");
}

function no(code: "too-large" | "bad-message" | "unknown-command", sentence: string): Result<never> {
  return { ok: false, refusal: refusal(code, sentence) };
}
