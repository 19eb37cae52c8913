/**
 * What the server tells a peer by itself, on the data channel `server-events`: which layers of a track are watched.
 *
 * Only of tracks that asked for it (`tellWatched`), and only where the peer's own offer brought the data channels: then
 * both ends open stream 0 under agreement, and nobody else uses it. A peer that cannot be told encodes what nobody
 * watches, which is no more than a waste.
 */
import type { ServerNotice, TracksRequest, TracksResponse } from "@satsuma/protocol";
import type { LiveSession } from "../session/live.ts";
import type { Channel, ChannelListener, Transport } from "../transport.ts";
import { serverEvents } from "./session.ts";

/** SCTP stream, known to both ends beforehand (calls-api, data channels). */
const stream = 0;

/** Names that asked, after which those that are published no more are forgotten. */
const mostRemembered = 64;

interface Told {
  /** Names of the tracks that asked. */
  readonly tracks: Set<string>;
  line: { readonly transport: Transport; readonly channel: Channel } | undefined;
}

/** Nothing is said on it by peers, and its end is that of the connection. */
const deaf: ChannelListener = { message: () => {}, closed: () => {} };

export class Notices {
  readonly #told = new Map<string, Told>();

  /** To be called before a push, so that no notice comes too early to be passed on. */
  asked(session: LiveSession, { tracks }: TracksRequest): void {
    for (const { location, trackName, tellWatched } of tracks) {
      if (location !== "local" || trackName === undefined || tellWatched !== true) continue;
      const told = this.#told.get(session.id) ?? { tracks: new Set(), line: undefined };
      if (told.tracks.size >= mostRemembered) {
        for (const name of told.tracks) if (session.session.published(name) === undefined) told.tracks.delete(name);
      }
      told.tracks.add(trackName);
      this.#told.set(session.id, told);
    }
  }

  /** What came of that push: names that were not published are free again. */
  answered(session: LiveSession, response: TracksResponse): void {
    const told = this.#told.get(session.id);
    for (const { trackName, errorCode } of response.tracks ?? []) {
      if (errorCode !== undefined && trackName !== undefined) told?.tracks.delete(trackName);
    }
  }

  watched(session: LiveSession, trackName: string, rids: readonly string[]): void {
    const told = this.#told.get(session.id);
    if (told?.tracks.has(trackName)) this.#tell(session, told, { notice: "watched", trackName, rids });
  }

  ended(session: LiveSession): void {
    this.#told.delete(session.id);
  }

  #tell(session: LiveSession, told: Told, notice: ServerNotice): void {
    try {
      const { transport } = session.channelCarrier();
      if (told.line?.transport !== transport) {
        const options = { label: serverEvents, id: stream, ordered: true } as const;
        const bounds = { maxRetransmits: undefined, maxPacketLifeTime: undefined };
        told.line = { transport, channel: transport.channel({ ...options, ...bounds }, deaf) };
      }
      told.line.channel.send(JSON.stringify(notice));
    } catch {
      // Without data channels, or with the stream in other use, the peer goes on encoding.
    }
  }
}
