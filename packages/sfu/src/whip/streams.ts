/**
 * Streams by name: one publisher (WHIP) and its players (WHEP), each a session of the SFU.
 *
 * Whoever publishes under a name that is taken takes it over, because an encoder that lost its network comes back before
 * its old session is given up. Players end with the publisher that they play, and ask again.
 */
import { RefusedError, type SessionDescription, type TrackObject } from "@satsuma/protocol";
import type { Sfu } from "../sfu.ts";
import type { StreamGrant } from "./tokens.ts";

/** What a WHIP or WHEP resource stands for. */
export interface Resource {
  readonly session: string;
  readonly app: string;
  readonly stream: string;
  readonly may: StreamGrant;
  /** Of the ICE session: its peer's ufrag, unknown until an offer of ours is answered. */
  ufrag: string | undefined;
}

interface Publisher {
  readonly session: string;
  readonly tracks: readonly string[];
  readonly players: Set<string>;
}

export class Streams {
  readonly #sfu: Sfu;
  readonly #publishers = new Map<string, Publisher>();
  readonly #resources = new Map<string, Resource>();

  constructor(sfu: Sfu) {
    this.#sfu = sfu;
    sfu.onEnded((app, session) => this.#ended(app, session));
  }

  /** The resource of that session, or undefined when it is over or not of that stream. */
  find(app: string, stream: string, may: StreamGrant, session: string): Resource | undefined {
    const resource = this.#resources.get(session);
    const same = resource?.app === app && resource.stream === stream && resource.may === may;
    return same ? resource : undefined;
  }

  async publish(app: string, stream: string, sdp: string): Promise<{ resource: Resource; answer: string }> {
    const resource = await this.#begin(app, stream, "publish", sdp);
    return this.#orEnd(resource, async () => {
      const offer: SessionDescription = { type: "offer", sdp };
      const { session } = resource;
      const { tracks = [], sessionDescription } = await this.#sfu.tracks(app, session, {
        tracks: [],
        autoDiscover: true,
        sessionDescription: offer,
      });
      const names = tracks.flatMap(({ trackName, errorCode }) =>
        errorCode === undefined && trackName !== undefined ? [trackName] : [],
      );
      if (names.length === 0 || sessionDescription === undefined) {
        throw new RefusedError("invalid_session_description", "The offer sends nothing that this server forwards.");
      }
      const before = this.#publishers.get(nameOf(app, stream));
      this.#publishers.set(nameOf(app, stream), { session, tracks: names, players: new Set() });
      if (before !== undefined) this.#endWithPlayers(app, before);
      return { resource, answer: sessionDescription.sdp };
    });
  }

  /** Answers the offer of a player; without one, offers. Throws `not_found` while nobody publishes under that name. */
  async play(app: string, stream: string, sdp: string): Promise<{ resource: Resource; description: string }> {
    const publisher = this.#publishers.get(nameOf(app, stream));
    if (publisher === undefined) throw new RefusedError("not_found", "Nobody publishes under this name now.");
    const resource = await this.#begin(app, stream, "play", sdp);
    return this.#orEnd(resource, async () => {
      const tracks = publisher.tracks.map(
        (trackName): TrackObject => ({ location: "remote", sessionId: publisher.session, trackName }),
      );
      const pulled = await this.#sfu.tracks(app, resource.session, {
        tracks,
        ...(sdp !== "" && { sessionDescription: { type: "offer", sdp } }),
      });
      const failed = pulled.tracks?.filter(({ errorCode }) => errorCode !== undefined) ?? [];
      if (pulled.sessionDescription === undefined || failed.length === tracks.length) {
        throw new RefusedError(
          "unsupported_codec_error",
          failed[0]?.errorDescription ?? "The offer receives nothing of this stream.",
        );
      }
      if (this.#publishers.get(nameOf(app, stream)) !== publisher) {
        throw new RefusedError("not_found", "The publisher left while the player was being connected.");
      }
      publisher.players.add(resource.session);
      return { resource, description: pulled.sessionDescription.sdp };
    });
  }

  /** The player's answer to our offer. */
  async answer(resource: Resource, sdp: string): Promise<void> {
    await this.#sfu.renegotiate(resource.app, resource.session, { type: "answer", sdp });
    resource.ufrag = ufragOf(sdp);
  }

  learn({ app, session }: Resource, candidates: readonly string[]): void {
    this.#sfu.learn(app, session, candidates);
  }

  end({ app, session }: Resource): void {
    this.#sfu.end(app, session);
  }

  async #begin(app: string, stream: string, may: StreamGrant, sdp: string): Promise<Resource> {
    const { id: session } = await this.#sfu.newSession(app, undefined);
    const resource = { session, app, stream, may, ufrag: ufragOf(sdp) };
    this.#resources.set(session, resource);
    return resource;
  }

  /** A session whose negotiation was refused is of no use to anybody. */
  async #orEnd<T>(resource: Resource, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      this.end(resource);
      throw error;
    }
  }

  #ended(app: string, session: string): void {
    const resource = this.#resources.get(session);
    if (resource === undefined) return;
    this.#resources.delete(session);
    const publisher = this.#publishers.get(nameOf(app, resource.stream));
    publisher?.players.delete(session);
    if (publisher?.session !== session) return;
    this.#publishers.delete(nameOf(app, resource.stream));
    this.#endWithPlayers(app, publisher);
  }

  #endWithPlayers(app: string, { session, players }: Publisher): void {
    for (const each of [session, ...players]) this.#sfu.end(app, each);
  }
}

/** Ids and names have no space. */
function nameOf(app: string, stream: string): string {
  return `${app} ${stream}`;
}

export function ufragOf(sdp: string): string | undefined {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
}
