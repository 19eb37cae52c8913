/** Where tracks and data channels are found: at the sessions of this server, or at those of others, as far as they are here. */
import type { TrackObject } from "@satsuma/protocol";
import type { ChannelCalls, ChannelEnd } from "../channels/calls.ts";
import type { Send } from "../forward/downlink.ts";
import type { LayerLimits } from "../forward/layer.ts";
import type { Publication } from "../forward/publication.ts";
import type { Router } from "../forward/router.ts";
import type { LiveSession } from "../session/live.ts";
import { pulledBy } from "../session/section.ts";
import type { Readiness, Sources } from "../session/sources.ts";
import { Exports } from "./exports.ts";
import { Imports, type Wanted } from "./imports.ts";
import type { Elsewhere, Line, LineListener } from "./line.ts";

export interface PipesContext {
  readonly sessions: ReadonlyMap<string, LiveSession>;
  readonly elsewhere: Elsewhere | undefined;
  readonly limits: LayerLimits & { readonly connectWait: number };
  readonly router: Router;
  readonly channels: ChannelCalls;
  readonly sources: Sources;
  readonly now: () => number;
  readonly random32: () => number;
  /** Something may be due earlier. */
  readonly changed: () => void;
  /** Packets have come. */
  readonly heard: () => void;
}

export class Pipes {
  readonly #context: PipesContext;
  readonly #exports: Exports;
  readonly #imports: Imports;

  constructor(context: PipesContext) {
    this.#context = context;
    const { sessions, heard } = context;
    this.#exports = new Exports({
      ...context,
      source: ({ app, session, name }) => this.#awaited(app, { sessionId: session, trackName: name }),
    });
    this.#imports = new Imports({
      ...context,
      changed: heard,
      pulled: () => [...sessions.values()].flatMap(({ session }) => pulledBy(session.sections)),
    });
  }

  /**
   * Takes a step of a session's call with what of `wanted` other servers have, as far as it is there. To be used around
   * every call that pulls tracks or subscribes to data channels.
   */
  async with<T>(
    app: string,
    session: string,
    kind: "tracks" | "channels",
    wanted: readonly Wanted[],
    step: () => T | Promise<T>,
  ): Promise<T> {
    // A call that is refused anyway brings nothing here.
    const known = this.#context.sessions.get(session)?.app === app;
    return known ? this.#imports.with(app, kind, wanted, step) : step();
  }

  /** Takes a connection of another server of the same apps, which may have every track. */
  serve(line: Line): LineListener {
    return this.#exports.serve(line);
  }

  /** Tracks that cross: from other servers, and to them. */
  get counts(): { readonly imports: number; readonly exports: number } {
    return { imports: this.#imports.size, exports: this.#exports.size };
  }

  find(app: string, session: string, trackName: string): Publication | undefined {
    const publisher = this.#context.sessions.get(session);
    if (publisher === undefined) return this.#imports.find(app, session, trackName);
    return publisher.app === app ? publisher.session.published(trackName) : undefined;
  }

  readiness(app: string, { sessionId = "", trackName = "" }: TrackObject): Readiness {
    const publication = this.find(app, sessionId, trackName);
    if (publication === undefined) return "missing";
    // What comes from another server comes from a publisher that is connected there.
    if (this.#context.sessions.get(sessionId)?.connected === false) return "unconnected";
    return publication.lastPacketAt === undefined ? "silent" : "ready";
  }

  /** Who takes packets that the router sends to none of the sessions here. */
  sendTo(id: string): Send | undefined {
    return this.#exports.sendTo(id) ?? this.#imports.sendTo(id);
  }

  channelEnd(id: string): ChannelEnd | undefined {
    return this.#exports.channelEnd(id) ?? this.#imports.channelEnd(id);
  }

  /** Other layers of a track of another server are watched here than before. */
  watched(publication: Publication, rids: readonly string[]): void {
    this.#imports.watched(publication, rids);
  }

  /** Tracks of sessions here have ended. */
  ended(publications: readonly Publication[]): void {
    this.#exports.ended(publications);
  }

  wake(now: number): void {
    this.#imports.wake(now);
  }

  nextDeadline(): number | undefined {
    return this.#imports.nextDeadline();
  }

  close(): void {
    this.#imports.close();
    this.#exports.close();
  }

  /** A track for another server, which waits for its first packet itself. */
  async #awaited(app: string, track: TrackObject): Promise<Publication | undefined> {
    const readiness = (of: TrackObject) => {
      const found = this.readiness(app, of);
      return found === "silent" ? "ready" : found;
    };
    const { sessionId = "", trackName = "" } = track;
    const failed = await this.#context.sources.failed({ ended: false, readiness }, [track]);
    // What this server itself has from another is not passed on.
    const here = this.#context.sessions.has(sessionId);
    return failed.size === 0 && here ? this.find(app, sessionId, trackName) : undefined;
  }
}
