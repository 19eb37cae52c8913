/**
 * The Calls requests that a client tells the room of, as notes for whoever looks into a call that went wrong.
 *
 * Only what is listed here is kept of one: no description, no candidate, no credential can be among it.
 */
import type { Noted, OrangeHistoryEntry } from "@satsuma/protocol";

export function noteOf(session: string, entry: OrangeHistoryEntry): Noted {
  const body = objectOf(entry.body);
  const description = objectOf(body?.sessionDescription);
  const code = word(body?.errorCode);
  const tracks = Array.isArray(body?.tracks) ? body.tracks.slice(0, 64).map(trackOf) : undefined;
  return {
    note: "told",
    type: entry.type,
    session: session.slice(0, longest),
    ...(entry.type === "request" && { method: entry.method.slice(0, 16) }),
    endpoint: (entry.endpoint.split("?")[0] ?? "").slice(0, longest),
    ...(code !== undefined && { code }),
    ...(typeof description?.sdp === "string" && {
      description: `${word(description.type) ?? "?"}, ${description.sdp.length} characters`,
    }),
    ...(tracks && { tracks }),
  };
}

const longest = 256;

/** Location, mid, session and name in one line, and what was wrong with it. */
function trackOf(track: unknown): string {
  const { location, mid, sessionId, trackName, errorCode } = objectOf(track) ?? {};
  return [location, mid, sessionId, trackName, errorCode].map((part) => word(part) ?? "-").join(" ");
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Of some kinds of word there is one line each: whoever writes a description there writes one line of it. */
function word(value: unknown): string | undefined {
  return typeof value === "string" ? /^[^\r\n]{0,64}/.exec(value)?.[0] : undefined;
}
