/**
 * The shell around the cores: keeps the sessions of every app, opens their transports, and turns each call into one
 * step of a session. Calls on one session run one after the other; sessions do not wait for each other.
 *
 * Clock, alarm and randomness come from the platform (`SfuPlatform`), media through `Transports`.
 */
import {
  type CloseTracksRequest,
  type CloseTracksResponse,
  RefusedError,
  type SessionDescription,
  type SessionStateResponse,
  type TracksRequest,
  type TracksResponse,
  unwrap,
  limits as wireLimits,
} from "@satsuma/protocol";
import type { SfuLimits } from "./config.ts";
import type { Emit, Publication } from "./forward/publication.ts";
import { Router } from "./forward/router.ts";
import type { Description, MediaSection } from "./sdp/description.ts";
import { readDescription } from "./sdp/read.ts";
import { writeDescription } from "./sdp/write.ts";
import { begin, deadlineOf, elapsed, type Lifetime, transportChanged } from "./session/lifetime.ts";
import { type Consequences, Session } from "./session/session.ts";
import type { LocalParameters, Transport, TransportListener, Transports } from "./transport.ts";

export interface SfuPlatform {
  readonly transports: Transports;
  /** Milliseconds, monotonic. */
  now(): number;
  /** Sets the one alarm, or clears it; when it rings, call `wake`. */
  setAlarm(at: number | undefined): void;
  /** 32 hexadecimal digits, unguessable. */
  newId(): string;
  /** Uniform in 0 … 2³²−1. */
  random32(): number;
}

interface OpenedTransport {
  readonly opened: Transport;
  /** Unknown until the peer answered a transport that offered. */
  remoteUfrag: string | undefined;
  /** Our DTLS role, settled with the first answer and kept in all later ones (RFC 8842 §5.3). */
  setup: "active" | "passive" | undefined;
}

/** One session with what surrounds its negotiation. */
interface Entry {
  readonly app: string;
  readonly session: Session;
  lifetime: Lifetime;
  transport: OpenedTransport | undefined;
  /** Numbers of our descriptions (`o=` line). */
  readonly descriptionId: string;
  descriptionVersion: number;
  /** The end of the queue of calls. */
  queue: Promise<unknown>;
}

export class Sfu {
  readonly #platform: SfuPlatform;
  readonly #limits: SfuLimits;
  readonly #entries = new Map<string, Entry>();
  readonly #router: Router;
  readonly #emit: Emit = (session, packet) => this.#entries.get(session)?.transport?.opened.send(packet);
  #closed = false;

  constructor(platform: SfuPlatform, limits: SfuLimits) {
    this.#platform = platform;
    this.#limits = limits;
    this.#router = new Router(limits);
  }

  get sessionCount(): number {
    return this.#entries.size;
  }

  /** Sessions that media is kept for: those that negotiated something or connected, and never one that ended. */
  get routedCount(): number {
    return this.#router.size;
  }

  /** Throws `temporarily_unavailable_error` when the server is full. */
  async newSession(
    app: string,
    offer: SessionDescription | undefined,
  ): Promise<{ id: string; answer?: SessionDescription }> {
    if (this.#closed || this.#entries.size >= this.#limits.sessions) {
      throw new RefusedError("temporarily_unavailable_error", "This server has as many sessions as it can serve.");
    }
    const id = this.#platform.newId();
    const entry: Entry = {
      app,
      session: new Session({ id, keyframeInterval: this.#limits.keyframeInterval, random32: this.#platform.random32 }),
      lifetime: begin(this.#platform.now(), this.#limits),
      transport: undefined,
      descriptionId: String(this.#platform.random32()),
      descriptionVersion: 0,
      queue: Promise.resolve(),
    };
    this.#entries.set(id, entry);
    this.#schedule();
    if (offer === undefined) return { id };
    try {
      const pushed = await this.tracks(app, id, { tracks: [], sessionDescription: offer });
      return { id, ...(pushed.sessionDescription && { answer: pushed.sessionDescription }) };
    } catch (error) {
      this.#end(entry);
      this.#schedule();
      throw error;
    }
  }

  state(app: string, id: string): SessionStateResponse {
    return this.#find(app, id).session.state(this.#finder(app));
  }

  /** Pushes with an offer, or pulls without one. */
  tracks(app: string, id: string, request: TracksRequest): Promise<TracksResponse> {
    return this.#exclusive(app, id, (entry) => {
      const remote = request.tracks[0]?.location === "remote";
      if (remote && request.sessionDescription === undefined) return this.#pull(entry, request);
      if (!remote && request.sessionDescription !== undefined)
        return this.#push(entry, request, request.sessionDescription);
      throw new RefusedError(
        "invalid_params",
        remote
          ? "Remote tracks are offered by the server: send no session description."
          : "Local tracks need an offer in sessionDescription.",
      );
    });
  }

  renegotiate(app: string, id: string, answer: SessionDescription): Promise<Record<string, never>> {
    return this.#exclusive(app, id, (entry) => {
      const description = this.#read(answer, "answer");
      const transport = entry.transport;
      if (transport === undefined)
        throw new RefusedError("invalid_session_description", "There is no offer to answer.");
      checkSamePeer(transport.remoteUfrag, description);
      const consequences = unwrap(entry.session.renegotiate(description, this.#finder(app)));
      if (transport.remoteUfrag === undefined) {
        // An answerer that leaves the choice to us is the active one (RFC 8842 §5.3, RFC 4145 §4.1).
        const setup = description.transport.setup === "passive" ? "passive" : "active";
        transport.remoteUfrag = description.transport.iceUfrag;
        transport.setup = setup === "passive" ? "active" : "passive";
        transport.opened.accept({ ...description.transport, setup });
      }
      this.#follow(entry, consequences);
      return {};
    });
  }

  close(app: string, id: string, request: CloseTracksRequest): Promise<CloseTracksResponse> {
    return this.#exclusive(app, id, (entry) => {
      if (!request.force && request.sessionDescription === undefined) {
        throw new RefusedError("invalid_params", "Closing without force needs an offer in sessionDescription.");
      }
      const offer = request.force
        ? undefined
        : request.sessionDescription && this.#read(request.sessionDescription, "offer");
      const transport = entry.transport;
      if (offer !== undefined) {
        // Not `session_error`: the session lives, and whoever takes it for ended would make others without end.
        if (transport === undefined)
          throw new RefusedError("invalid_session_description", "The session has no connection to close tracks on.");
        checkSamePeer(transport.remoteUfrag, offer);
      }
      const { media, results, consequences } = unwrap(entry.session.close(request, offer));
      this.#follow(entry, consequences);
      return {
        requiresImmediateRenegotiation: false,
        tracks: results,
        ...(media &&
          transport && { sessionDescription: this.#describe(entry, "answer", transport.opened.local, media) }),
      };
    });
  }

  /** The alarm rang. */
  wake(): void {
    const now = this.#platform.now();
    this.#router.wake(now, this.#emit);
    for (const entry of this.#entries.values()) {
      entry.lifetime = elapsed(entry.lifetime, now);
      if (entry.lifetime.state === "ended") this.#end(entry);
    }
    this.#schedule();
  }

  /** Ends every session; peers are told by their transports. Idempotent. */
  shutDown(): void {
    this.#closed = true;
    for (const entry of [...this.#entries.values()]) this.#end(entry);
    this.#platform.setAlarm(undefined);
  }

  async #push(entry: Entry, request: TracksRequest, sdp: SessionDescription): Promise<TracksResponse> {
    const offer = this.#read(sdp, "offer");
    if (entry.transport !== undefined) checkSamePeer(entry.transport.remoteUfrag, offer);
    const { media, results, consequences } = unwrap(entry.session.push(offer, request.tracks));
    const transport = entry.transport ?? (await this.#open(entry, offer));
    this.#follow(entry, consequences);
    return {
      requiresImmediateRenegotiation: false,
      tracks: [...results],
      sessionDescription: this.#describe(entry, "answer", transport.opened.local, media),
    };
  }

  async #pull(entry: Entry, request: TracksRequest): Promise<TracksResponse> {
    const { media, results } = unwrap(entry.session.pull(request.tracks, this.#finder(entry.app)));
    if (media === undefined) return { requiresImmediateRenegotiation: false, tracks: [...results] };
    const transport = entry.transport ?? (await this.#open(entry, undefined));
    return {
      requiresImmediateRenegotiation: true,
      tracks: [...results],
      sessionDescription: this.#describe(entry, "offer", transport.opened.local, media),
    };
  }

  /** Opens the transport on the first negotiation. A session whose transport cannot be opened is of no more use. */
  async #open(entry: Entry, offer: Description | undefined): Promise<OpenedTransport> {
    const { transports } = this.#platform;
    const listener = this.#listener(entry);
    let opened: Transport;
    try {
      opened = await (offer === undefined ? transports.offer(listener) : transports.answer(offer.transport, listener));
    } catch (cause) {
      this.#end(entry);
      this.#schedule();
      throw new RefusedError("temporarily_unavailable_error", "No connection could be opened for this session.", {
        cause,
      });
    }
    if (entry.lifetime.state === "ended") {
      opened.close();
      throw new RefusedError("session_error", "The session ended while its connection was being opened.");
    }
    const setup = offer === undefined ? undefined : opened.local.setup === "passive" ? "passive" : "active";
    entry.transport = { opened, remoteUfrag: offer?.transport.iceUfrag, setup };
    return entry.transport;
  }

  #listener(entry: Entry): TransportListener {
    return {
      packet: (bytes) => {
        const now = this.#platform.now();
        const before = this.#router.nextDeadline();
        this.#router.packet(entry.session.id, bytes, now, this.#emit);
        if (this.#router.nextDeadline() !== before) this.#schedule();
      },
      state: (state) => {
        const now = this.#platform.now();
        entry.lifetime = transportChanged(entry.lifetime, state, now, this.#limits);
        if (entry.lifetime.state === "ended") this.#end(entry);
        else if (entry.lifetime.state === "connected") this.#router.connected(entry.session.id, now, this.#emit);
        this.#schedule();
      },
    };
  }

  #follow(entry: Entry, consequences: Consequences): void {
    this.#router.follow(entry.session.id, consequences, this.#platform.now(), this.#emit);
    this.#schedule();
  }

  #end(entry: Entry): void {
    entry.lifetime = { state: "ended" };
    if (!this.#entries.delete(entry.session.id)) return;
    this.#router.follow(entry.session.id, entry.session.end(), this.#platform.now(), this.#emit);
    this.#router.remove(entry.session.id);
    entry.transport?.opened.close();
  }

  #schedule(): void {
    if (this.#closed) return;
    let next = this.#router.nextDeadline();
    for (const { lifetime } of this.#entries.values()) {
      const deadline = deadlineOf(lifetime);
      if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
    }
    this.#platform.setAlarm(next);
  }

  async #exclusive<T>(app: string, id: string, step: (entry: Entry) => T | Promise<T>): Promise<T> {
    const entry = this.#find(app, id);
    const turn = entry.queue.then(() => step(this.#find(app, id)));
    // The queue goes on after a refused call; its caller has the refusal.
    entry.queue = turn.catch(() => undefined);
    return turn;
  }

  #find(app: string, id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.app !== app) {
      throw new RefusedError("session_error", "There is no such session, or it has ended. Start a new one.");
    }
    return entry;
  }

  #finder(app: string): (sessionId: string, trackName: string) => Publication | undefined {
    return (sessionId, trackName) => {
      const entry = this.#entries.get(sessionId);
      if (entry?.app !== app) return undefined;
      for (const { use } of entry.session.sections) {
        if (use.use === "push" && use.publication.trackName === trackName) return use.publication;
      }
      return undefined;
    };
  }

  #read(description: SessionDescription, expected: "offer" | "answer"): Description {
    if (description.type !== expected) {
      throw new RefusedError("invalid_session_description", `Expecting an ${expected} in sessionDescription.`);
    }
    if (description.sdp.length > wireLimits.callsBodyBytes) {
      throw new RefusedError("payload_too_large", "The session description is too large.");
    }
    return unwrap(readDescription(description.sdp, this.#limits.mediaSections));
  }

  #describe(
    entry: Entry,
    type: SessionDescription["type"],
    local: LocalParameters,
    media: readonly MediaSection[],
  ): SessionDescription {
    entry.descriptionVersion += 1;
    const setup = type === "offer" ? "actpass" : (entry.transport?.setup ?? "active");
    const sdp = writeDescription({
      id: entry.descriptionId,
      version: entry.descriptionVersion,
      transport: { ...local, setup },
      media,
    });
    return { type, sdp };
  }
}

/** A new ufrag asks for an ICE restart, which the transport cannot do; a new session is the way (calls-api: none documented). */
function checkSamePeer(ufrag: string | undefined, description: Description): void {
  if (ufrag === undefined || ufrag === description.transport.iceUfrag) return;
  throw new RefusedError("invalid_session_description", "ICE restart is not supported. Start a new session instead.");
}
