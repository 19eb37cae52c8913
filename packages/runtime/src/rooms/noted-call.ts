/** A request to the media server as a note has it: what was asked, what came of it, how long it took. No description. */
import type { NotedCall } from "@satsuma/protocol";
import { type MediaAnswer, type MediaOperation, mostTracksNoted, objectOf, trackLine, wordOf } from "@satsuma/rooms";
import type { Context } from "hono";

const longest = 128;

/** What the client calls its request, if it is a word; otherwise a name of our own. */
export function correlationOf(c: Context): string {
  const given = c.req.query("correlationId") ?? c.req.header("Satsuma-Correlation") ?? "";
  return /^[\w-]{1,64}$/.test(given) ? given : crypto.randomUUID();
}

export function callOf(
  operation: MediaOperation,
  { status, body }: MediaAnswer,
  known: { readonly correlation: string; readonly duration: number },
): NotedCall {
  const answer = objectOf(body);
  const session = operation.do === "new-session" ? word(answer?.sessionId) : operation.session;
  const code = word(answer?.errorCode);
  const named = operation.do === "inspect" ? undefined : (answer?.tracks ?? objectOf(bodyOf(operation))?.tracks);
  const tracks = Array.isArray(named)
    ? named.slice(0, mostTracksNoted).map((track) => trackLine(track, longest))
    : undefined;
  return {
    operation: operation.do,
    ...(session !== undefined && { session: session.slice(0, longest) }),
    status,
    ...(code !== undefined && { code }),
    duration: Math.max(0, Math.round(known.duration)),
    correlation: known.correlation,
    ...(tracks && { tracks }),
  };
}

function bodyOf(operation: MediaOperation): unknown {
  return "body" in operation ? operation.body : undefined;
}

function word(value: unknown): string | undefined {
  return wordOf(value, longest);
}
