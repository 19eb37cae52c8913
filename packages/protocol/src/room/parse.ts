/** The one place where a room message's bytes become words. Everything is bounded; anything unknown is refused with a code. */
import * as v from "valibot";
import { type Refusal, refusal } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Result } from "../result.ts";
import type { TokenRequest } from "./http.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";
import { clientMessage } from "./schema/client.ts";
import { serverMessage } from "./schema/server.ts";
import { count, nameSchema } from "./schema/words.ts";

const tokenRequest = v.strictObject({
  name: nameSchema,
  previous: v.optional(v.pipe(v.string(), v.maxLength(4096))),
});

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
