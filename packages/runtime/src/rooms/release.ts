/**
 * Ends what flows on a media session whose participant is gone: what it sent and what it received.
 *
 * The Calls API has no call that ends a session, so its tracks are closed one by one. Nobody may speak for the session
 * any more (RM40), so it gets no others, and it dies with its transport.
 */
import { limits } from "@satsuma/protocol";
import type { MediaServer } from "@satsuma/rooms";

/** Rejects when the media server cannot be reached. A session that has ended is as good as released. */
export async function releaseSession(media: MediaServer, session: string): Promise<void> {
  const { body } = await media.forward({ do: "inspect", session });
  const tracks = tracksOf(body).flatMap(({ mid }) => (typeof mid === "string" ? [{ mid }] : []));
  for (let first = 0; first < tracks.length; first += limits.tracksPerRequest) {
    const some = tracks.slice(first, first + limits.tracksPerRequest);
    await media.forward({ do: "close-tracks", session, body: { tracks: some, force: true } });
  }
}

/** Ends tracks of a session that lives on: what its participant may no longer send. */
export async function stopTracks(media: MediaServer, session: string, names: readonly string[]): Promise<void> {
  const { body } = await media.forward({ do: "inspect", session });
  const tracks = tracksOf(body).flatMap(({ mid, location, trackName }) => {
    const meant = location === "local" && typeof trackName === "string" && names.includes(trackName);
    return meant && typeof mid === "string" ? [{ mid }] : [];
  });
  if (tracks.length > 0) await media.forward({ do: "close-tracks", session, body: { tracks, force: true } });
}

/** What an answer says is looked at: it may be a refusal, and it comes from another server. */
function tracksOf(body: unknown): { mid?: unknown; location?: unknown; trackName?: unknown }[] {
  if (typeof body !== "object" || body === null || !("tracks" in body) || !Array.isArray(body.tracks)) return [];
  return body.tracks.filter((track) => typeof track === "object" && track !== null);
}
