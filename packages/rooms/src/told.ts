/** Words out of JSON that somebody else wrote, for notes: of each kind one line, and no more of it than is asked for. */

/** Tracks noted of one request: as many as it may name. */
export const mostTracksNoted = 64;

export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** Of some kinds of word there is one line each: whoever writes a description there writes one line of it. */
export function wordOf(value: unknown, longest: number): string | undefined {
  return typeof value === "string" ? /^[^\r\n]*/.exec(value.slice(0, longest))?.[0] : undefined;
}

/** Location, mid, session and name in one line, and what was wrong with it. */
export function trackLine(track: unknown, longest: number): string {
  const { location, mid, sessionId, trackName, errorCode } = objectOf(track) ?? {};
  return [location, mid, sessionId, trackName, errorCode].map((part) => wordOf(part, longest) ?? "-").join(" ");
}
