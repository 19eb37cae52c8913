/**
 * The Calls requests that a client tells the room of, for whoever looks into a call that went wrong.
 *
 * Only what is listed here is kept of one: no description, no candidate, no credential can be among it. It is bounded,
 * and gone with the room.
 */
import type { OrangeHistoryEntry } from "@satsuma/protocol";
import type { OrangeTurn } from "./turn.ts";

export interface HistoryRecord {
  /** Milliseconds. */
  readonly at: number;
  readonly type: "request" | "response";
  readonly method?: string;
  /** Without its query. */
  readonly endpoint: string;
  readonly errorCode?: string;
  /** `offer`, `answer`, and how long it was. */
  readonly description?: string;
  readonly tracks?: readonly string[];
}

export function remember(turn: OrangeTurn, session: string, entry: OrangeHistoryEntry): void {
  const { history } = turn.data;
  const { historySessions, historyEntries } = turn.settings;
  const records = history.get(session) ?? [];
  // Set anew, the session is the newest; the oldest makes room.
  history.delete(session);
  history.set(session, records);
  records.push(recordOf(entry, turn.now));
  if (records.length > historyEntries) records.shift();
  if (history.size > historySessions) {
    const [oldest] = history.keys();
    if (oldest !== undefined) history.delete(oldest);
  }
}

function recordOf(entry: OrangeHistoryEntry, at: number): HistoryRecord {
  const body = objectOf(entry.body);
  const description = objectOf(body?.sessionDescription);
  const errorCode = word(body?.errorCode);
  const tracks = Array.isArray(body?.tracks) ? body.tracks.slice(0, 64).map(trackOf) : undefined;
  return {
    at,
    type: entry.type,
    ...(entry.type === "request" && { method: entry.method.slice(0, 16) }),
    endpoint: (entry.endpoint.split("?")[0] ?? "").slice(0, longest),
    ...(errorCode !== undefined && { errorCode }),
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

function word(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, longest) : undefined;
}
