/** The one place where a room message's bytes become words. Everything is bounded; anything unknown is refused with a code. */
import * as v from "valibot";
import { type Refusal, refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Result } from "../result.ts";
import type { TokenRequest } from "./http.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A name for people: trimmed, without control characters. */
export const nameSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(limits.nameLength),
  v.regex(/^\P{Cc}*$/u, "Control characters are not allowed."),
);
/** As in Calls, except that a track name may not hold a slash: Orange joins session and name with one. */
const trackName = v.pipe(
  v.string(),
  v.regex(/^[^/\p{Cc}]+$/u, "A track name has no slash and no control characters."),
  v.maxLength(limits.trackNameLength),
);

const track = v.strictObject({
  name: trackName,
  kind: v.picklist(["audio", "video"]),
  source: v.picklist(["microphone", "camera", "screen", "screen-audio"]),
  session: id,
  muted: v.boolean(),
});

const command = v.variant("do", [
  v.strictObject({
    do: v.literal("publish"),
    tracks: v.pipe(v.array(track), v.minLength(1), v.maxLength(limits.tracksPerParticipant)),
  }),
  v.strictObject({
    do: v.literal("unpublish"),
    names: v.pipe(v.array(trackName), v.minLength(1), v.maxLength(limits.tracksPerParticipant)),
  }),
  v.strictObject({ do: v.literal("mute"), name: trackName, muted: v.boolean() }),
  v.strictObject({ do: v.literal("rename"), name: nameSchema }),
  v.strictObject({ do: v.literal("leave") }),
]);

const clientMessage = v.variant("type", [
  v.strictObject({
    type: v.literal("hello"),
    protocol: count,
    token: v.pipe(v.string(), v.maxLength(4096)),
    version: v.optional(count),
  }),
  v.strictObject({ type: v.literal("command"), id: count, command }),
  v.strictObject({ type: v.literal("resync") }),
  v.strictObject({ type: v.literal("ping") }),
]);

const tokenRequest = v.strictObject({
  name: nameSchema,
  previous: v.optional(v.pipe(v.string(), v.maxLength(4096))),
});

const participant = v.object({
  id,
  identity: id,
  name: v.string(),
  joinedAt: v.number(),
  connection: v.picklist(["connected", "recovering"]),
  tracks: v.array(track),
});

const change = v.variant("change", [
  v.object({ change: v.literal("joined"), participant }),
  v.object({ change: v.literal("left"), id, why: v.picklist(["left", "timed-out", "removed"]) }),
  v.object({ change: v.literal("connection"), id, connection: v.picklist(["connected", "recovering"]) }),
  v.object({ change: v.literal("renamed"), id, name: v.string() }),
  v.object({ change: v.literal("published"), id, track }),
  v.object({ change: v.literal("unpublished"), id, name: trackName }),
  v.object({ change: v.literal("muted"), id, name: trackName, muted: v.boolean() }),
]);

const serverMessage = v.variant("type", [
  v.object({
    type: v.literal("welcome"),
    protocol: count,
    participant: id,
    pingInterval: count,
    grace: count,
  }),
  v.object({ type: v.literal("snapshot"), state: v.object({ version: count, participants: v.array(participant) }) }),
  v.object({ type: v.literal("delta"), version: count, changes: v.array(change) }),
  v.object({ type: v.literal("ack"), id: count, version: count }),
  v.object({
    type: v.literal("error"),
    id: v.optional(count),
    code: v.string(),
    message: v.string(),
    retry: v.boolean(),
  }),
  v.object({ type: v.literal("pong") }),
]);

/** Reads one frame from a client. `too-large` and `bad-message` are the only refusals; `unknown-command` names a verb of a newer client. */
export function parseClientMessage(frame: string): Result<ClientMessage> {
  if (frame.length > limits.messageBytes) {
    return { ok: false, refusal: refusal("too-large", `A message may have ${limits.messageBytes} bytes at the most.`) };
  }
  const json = parseJson(frame);
  if (!json.ok) return json;
  const parsed = v.safeParse(clientMessage, json.value);
  if (parsed.success) return { ok: true, value: parsed.output };
  return { ok: false, refusal: describe(json.value, parsed.issues[0]) };
}

/** Reads one frame from a server. Unknown fields are ignored, so that a newer server can say more. */
export function parseServerMessage(frame: string): Result<ServerMessage> {
  const json = parseJson(frame);
  if (!json.ok) return json;
  const parsed = v.safeParse(serverMessage, json.value);
  // The code stays a string in the schema: a newer server may refuse with a code this client has not heard of.
  if (parsed.success) return { ok: true, value: parsed.output as ServerMessage };
  return { ok: false, refusal: refusal("bad-message", issueText(parsed.issues[0])) };
}

/** Reads the body of a token request. */
export function parseTokenRequest(body: string): Result<TokenRequest> {
  const json = parseJson(body);
  if (!json.ok) return json;
  const parsed = v.safeParse(tokenRequest, json.value);
  if (parsed.success) return { ok: true, value: parsed.output };
  return { ok: false, refusal: refusal("bad-message", issueText(parsed.issues[0])) };
}

/** The command id of a frame that could not be parsed as a whole, so that its refusal can still name it. */
export function commandIdOf(frame: string): number | undefined {
  const json = parseJson(frame);
  const parsed = json.ok ? v.safeParse(v.object({ type: v.literal("command"), id: count }), json.value) : undefined;
  return parsed?.success ? parsed.output.id : undefined;
}

function parseJson(frame: string): Result<unknown> {
  try {
    return { ok: true, value: JSON.parse(frame) };
  } catch {
    return { ok: false, refusal: refusal("bad-message", "The message is not JSON.") };
  }
}

function describe(value: unknown, issue: v.BaseIssue<unknown>): Refusal {
  const path = v.getDotPath(issue);
  if (path === "type" || path === "command.do") {
    const verb = path === "type" ? v.safeParse(v.object({ type: v.string() }), value) : undefined;
    const what = verb?.success
      ? `message type "${printable(verb.output.type).slice(0, 40)}"`
      : path === "type"
        ? "message"
        : "command";
    return refusal(
      path === "type" && !verb?.success ? "bad-message" : "unknown-command",
      `This server knows no such ${what}.`,
    );
  }
  return refusal("bad-message", issueText(issue));
}

function issueText(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "message";
  return printable(`${path}: ${issue.message}`).slice(0, 200);
}

/** What may hold the sender's own text, so that no log line is broken with it. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
