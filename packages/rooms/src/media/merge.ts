/** Puts the items that were answered here back among those of the media server, in the order of the request. */
import type { TrackResult, TracksResponse } from "@satsuma/protocol";

export function mergeTracks(answered: ReadonlyMap<number, TrackResult>, response: TracksResponse): TracksResponse {
  if (answered.size === 0) return response;
  const theirs = [...(response.tracks ?? [])];
  const tracks: TrackResult[] = [];
  const total = answered.size + theirs.length;
  for (let position = 0; position < total; position++) {
    const item = answered.get(position) ?? theirs.shift();
    if (item) tracks.push(item);
  }
  return { ...response, tracks };
}
