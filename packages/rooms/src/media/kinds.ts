/** What an offer sends, as far as it shows: the kind of each m-line by its mid. */
import type { TrackKind, TrackObject } from "@satsuma/protocol";

/** The media server reads the description whole and refuses one that does not hold together; this looks for two lines of it. */
export function kindsOf(sdp: string): ReadonlyMap<string, TrackKind> {
  const kinds = new Map<string, TrackKind>();
  let kind: string | undefined;
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith("m=")) kind = /^m=(\w+)/.exec(line)?.[1];
    if (line.startsWith("a=mid:") && (kind === "audio" || kind === "video")) kinds.set(line.slice(6).trim(), kind);
  }
  return kinds;
}

/** Undefined for a track whose m-line is not in the request. */
export function kindOf(track: TrackObject, kinds: ReadonlyMap<string, TrackKind>): TrackKind | undefined {
  return (track.mid === undefined ? undefined : kinds.get(track.mid)) ?? track.kind;
}
