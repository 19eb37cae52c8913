/**
 * WebSocket media adapters: making, keeping and closing them. Clock, alarm, sockets and Opus come from the platform.
 *
 * Each adapter is a session whose peer is in memory (peer.ts). The session ends with its adapter, and the adapter with
 * its session: with the app, the server, or the track that it plays.
 */
import {
  type CloseAdaptersRequest,
  type CloseAdaptersResponse,
  type ErrorCode,
  errors,
  type NewAdapter,
  type NewAdapterResult,
  type NewAdaptersResponse,
  RefusedError,
  refusalOf,
  type TrackObject,
} from "@satsuma/protocol";
import type { Sfu } from "../sfu.ts";
import type { Adapter, AdapterHost } from "./adapter.ts";
import { EgressAdapter } from "./egress-adapter.ts";
import { IngestAdapter } from "./ingest-adapter.ts";
import type { AdapterLimits } from "./limits.ts";
import { MemoryPeer, onlyMid } from "./peer.ts";
import type { AdapterPlatform, AdapterSocket, SocketListener } from "./platform.ts";

/** An id as we give it. */
const adapterId = /^[\da-f]{32}$/;

type Dial = (timeout: number, listener: SocketListener) => Promise<AdapterSocket>;

export class Adapters {
  readonly #sfu: Sfu;
  readonly #platform: AdapterPlatform;
  readonly #limits: AdapterLimits;
  readonly #adapters = new Map<string, Adapter>();
  /** Ids of adapters that are there or on their way. */
  readonly #taken = new Set<string>();
  #alarmAt: number | undefined;

  constructor(sfu: Sfu, platform: AdapterPlatform, limits: AdapterLimits) {
    this.#sfu = sfu;
    this.#platform = platform;
    this.#limits = limits;
  }

  get count(): number {
    return this.#adapters.size;
  }

  /** Results are in the order of the items; those that failed carry an error. */
  async open(app: string, items: readonly NewAdapter[]): Promise<NewAdaptersResponse> {
    return { tracks: await Promise.all(items.map((item) => this.#openOne(app, item))) };
  }

  /** An adapter that is there no more counts as closed, as at Calls; `adapter_not_found` is what never was an id. */
  close(app: string, { tracks }: CloseAdaptersRequest): CloseAdaptersResponse {
    return {
      tracks: tracks.map(({ adapterId: id }) => {
        const adapter = this.#adapters.get(id);
        if (!adapterId.test(id))
          return { adapterId: id, errorCode: "adapter_not_found", errorDescription: "This is no id of an adapter." };
        if (adapter?.app !== app) return { adapterId: id };
        adapter.close();
        return { adapterId: id, bytesProcessed: adapter.bytesProcessed };
      }),
    };
  }

  /** The alarm rang. */
  wake(): void {
    this.#alarmAt = undefined;
    const now = this.#platform.now();
    for (const adapter of this.#adapters.values()) {
      const deadline = adapter.nextDeadline();
      if (deadline !== undefined && deadline <= now) adapter.wake(now);
    }
    this.#schedule();
  }

  async #openOne(app: string, item: NewAdapter): Promise<NewAdapterResult> {
    const { trackName, endpoint } = item;
    const named = { trackName, endpoint, ...(item.location === "remote" && { sessionId: item.sessionId }) };
    const id = this.#platform.newId();
    try {
      if (this.#taken.size >= this.#limits.adapters)
        throw new RefusedError("temporarily_unavailable_error", "This server has as many adapters as it can serve.");
      this.#taken.add(id);
      const session = await (item.location === "local" ? this.#publish(app, id, item) : this.#play(app, id, item));
      return { ...named, adapterId: id, sessionId: item.location === "local" ? session : item.sessionId };
    } catch (error) {
      this.#taken.delete(id);
      const { code, message } = refusalOf(error);
      if (code === "internal") this.#platform.onError(error);
      return { ...named, errorCode: code === "internal" ? "internal_error" : code, errorDescription: message };
    }
  }

  /** Publishes what the endpoint sends; gives the session that does. */
  #publish(app: string, id: string, { trackName, endpoint }: NewAdapter & { location: "local" }): Promise<string> {
    let adapter: IngestAdapter | undefined;
    const peer = new MemoryPeer({ packet: () => {}, closed: () => adapter?.close() });
    const track = { location: "local" as const, mid: onlyMid, trackName };
    return this.#seated(app, peer, "sendonly", track, async (session, ssrc) => {
      const encoder = await this.#platform.encoder();
      adapter = new IngestAdapter({ app, peer, encoder, ssrc, host: this.#host(app, id, session) });
      this.#keep(id, adapter, peer);
      adapter.begin(await this.#dial(endpoint, this.#limits.dial, adapter.listener));
      if (adapter.over) throw endedMeanwhile();
    });
  }

  /** Plays a track to the endpoint; gives the session that pulls it. */
  #play(app: string, id: string, item: NewAdapter & { location: "remote" }): Promise<string> {
    const { sessionId, trackName, endpoint, outputCodec } = item;
    if (outputCodec === "jpeg")
      throw new RefusedError("unsupported_codec_error", "This server has no video decoder, so it cannot make JPEG.");
    let adapter: EgressAdapter | undefined;
    const peer = new MemoryPeer({ packet: (bytes) => adapter?.heard(bytes), closed: () => adapter?.close() });
    const track = { location: "remote" as const, sessionId, trackName };
    return this.#seated(app, peer, "recvonly", track, async (session) => {
      const decoder = await this.#platform.decoder();
      const dial: Dial = (timeout, listener) => this.#dial(endpoint, timeout, listener);
      adapter = new EgressAdapter({ app, decoder, limits: this.#limits, dial, host: this.#host(app, id, session) });
      this.#keep(id, adapter, peer);
      adapter.begin(await dial(this.#limits.dial, adapter.listener));
      if (adapter.over) throw endedMeanwhile();
      peer.connect();
    });
  }

  /**
   * Opens a session for a peer in memory, negotiates its one track, and lets an adapter begin in it. When any of it
   * fails, the session ends, and with it what there is of the adapter.
   */
  async #seated(
    app: string,
    peer: MemoryPeer,
    direction: "sendonly" | "recvonly",
    track: TrackObject,
    begin: (session: string, ssrc: number) => Promise<void>,
  ): Promise<string> {
    const { id: session } = await this.#sfu.newSession(app, undefined, { transports: peer });
    try {
      const ssrc = this.#platform.random32();
      const sessionDescription = peer.describe(direction, ssrc);
      const { tracks } = await this.#sfu.tracks(app, session, { tracks: [track], sessionDescription });
      const { errorCode, errorDescription = "" } = tracks?.[0] ?? {};
      if (errorCode !== undefined) throw new RefusedError(codeOf(errorCode), errorDescription);
      await begin(session, ssrc);
      return session;
    } catch (error) {
      this.#sfu.end(app, session);
      throw error;
    }
  }

  /** The session may have ended while its codec was made. */
  #keep(id: string, adapter: Adapter, peer: MemoryPeer): void {
    this.#adapters.set(id, adapter);
    if (!peer.closed) return;
    adapter.close();
    throw endedMeanwhile();
  }

  #dial(endpoint: string, timeout: number, listener: SocketListener): Promise<AdapterSocket> {
    return this.#platform.dial(endpoint, timeout, listener);
  }

  #host(app: string, id: string, session: string): AdapterHost {
    return {
      now: () => this.#platform.now(),
      changed: () => this.#schedule(),
      over: () => {
        this.#adapters.delete(id);
        this.#taken.delete(id);
        this.#sfu.end(app, session);
        this.#schedule();
      },
    };
  }

  #schedule(): void {
    let next: number | undefined;
    for (const adapter of this.#adapters.values()) {
      const deadline = adapter.nextDeadline();
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    if (next === this.#alarmAt) return;
    this.#alarmAt = next;
    this.#platform.setAlarm(next);
  }
}

/** Results of tracks carry only codes of the table. */
function codeOf(code: string): ErrorCode {
  return Object.hasOwn(errors, code) ? (code as ErrorCode) : "internal_error";
}

function endedMeanwhile(): RefusedError {
  return new RefusedError("session_error", "The session of the adapter ended while its WebSocket was being opened.");
}
