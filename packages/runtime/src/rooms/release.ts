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
  const tracks = midsOf(body).map((mid) => ({ mid }));
  for (let first = 0; first < tracks.length; first += limits.tracksPerRequest) {
    const some = tracks.slice(first, first + limits.tracksPerRequest);
    await media.forward({ do: "close-tracks", session, body: { tracks: some, force: true } });
  }
}

/** What an answer says is looked at: it may be a refusal, and it comes from another server. */
function midsOf(body: unknown): string[] {
  if (typeof body !== "object" || body === null || !("tracks" in body) || !Array.isArray(body.tracks)) return [];
  return body.tracks.flatMap((track: { mid?: unknown } | null) => (typeof track?.mid === "string" ? [track.mid] : []));
}
