/** Changes what the receiving m-lines of a session get, one track after the other: `tracks/update` of the Calls API. */
import type { TrackObject, TrackResult } from "@satsuma/protocol";
import type { Publication } from "../forward/publication.ts";
import type { Terms } from "./answer.ts";
import { attach } from "./attach.ts";
import type { Connected, FindPublication } from "./consequences.ts";
import { failedItem, notFound, unattached } from "./items.ts";
import { pulledAddress, type Section } from "./section.ts";

export interface Placed {
  readonly sections: readonly Section[];
  readonly result: TrackResult;
}

export interface Redirected {
  readonly sections: readonly Section[];
  readonly results: readonly TrackResult[];
  /** What is sent from now on. Wishes alone change no section, but the media path has to look again. */
  readonly connected: readonly Connected[];
}

export function redirect(
  before: readonly Section[],
  tracks: readonly TrackObject[],
  find: FindPublication,
  terms: Terms,
): Redirected {
  let sections = before;
  const results = tracks.map((track): TrackResult => {
    const publication = findTrack(track, find);
    if (publication === undefined) return notFound(track);
    if (track.mid === undefined) return failedItem(track, "invalid_params", "An update needs the receiving mid.");
    const current = sections.find((section) => section.mid === track.mid);
    const same = current !== undefined && isSame(pulledAddress(current.outbound), track);
    if (same && track.simulcast !== undefined && !publication.simulcast) {
      return failedItem(
        track,
        "update_track_error",
        "The track is not published with simulcast, so there is no layer to choose.",
      );
    }
    const placed = place(sections, track, track.mid, publication, terms);
    if (!("sections" in placed)) return placed;
    sections = placed.sections;
    return placed.result;
  });
  const connected = results.flatMap(({ mid, errorCode }): Connected[] => {
    const outbound = sections.find((section) => section.mid === mid)?.outbound;
    if (errorCode !== undefined || outbound?.state !== "sending") return [];
    const { subscription, source } = outbound;
    return [{ subscription, source: find(source.sessionId, source.trackName) }];
  });
  return { sections, results, connected };
}

/** Puts a track onto the m-line that `mid` names; gives why not, where that fails. */
export function place(
  sections: readonly Section[],
  track: TrackObject,
  mid: string,
  publication: Publication,
  terms: Terms,
): TrackResult | Placed {
  const attached = attach(sections, mid, publication, track, terms);
  if (typeof attached === "string") return unattached(track, attached);
  const { sessionId, trackName } = track;
  return { sections: attached, result: { sessionId, trackName, mid } };
}

export function findTrack({ sessionId, trackName }: TrackObject, find: FindPublication): Publication | undefined {
  return sessionId === undefined || trackName === undefined ? undefined : find(sessionId, trackName);
}

function isSame(address: { sessionId: string; trackName: string } | undefined, track: TrackObject): boolean {
  return address?.sessionId === track.sessionId && address?.trackName === track.trackName;
}
