/**
 * The Calls requests that a client tells the room of, as notes for whoever looks into a call that went wrong.
 *
 * Only what is listed here is kept of one: no description, no candidate, no credential can be among it.
 */
import type { Noted, OrangeHistoryEntry } from "@satsuma/protocol";
import { mostTracksNoted, objectOf, trackLine, wordOf } from "../told.ts";

export function noteOf(session: string, entry: OrangeHistoryEntry): Noted {
  const body = objectOf(entry.body);
  const description = objectOf(body?.sessionDescription);
  const code = word(body?.errorCode);
  const tracks = Array.isArray(body?.tracks)
    ? body.tracks.slice(0, mostTracksNoted).map((track) => trackLine(track, longestWord))
    : undefined;
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
const longestWord = 64;

function word(value: unknown): string | undefined {
  return wordOf(value, longestWord);
}
