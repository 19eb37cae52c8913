/**
 * A session that is running: its negotiation, its transport, its lifetime, and the queue of its calls.
 *
 * Calls run one after the other. Each is one step of the pure session (session.ts), with the transport opened on the
 * first negotiation and never touched again after that.
 */
import {
  type CloseTracksRequest,
  type CloseTracksResponse,
  type EstablishRequest,
  type EstablishResponse,
  RefusedError,
  type RenegotiateResponse,
  type SessionDescription,
  type SessionStateResponse,
  type TrackObject,
  type TracksRequest,
  type TracksResponse,
  type UpdateTracksRequest,
  type UpdateTracksResponse,
  unwrap,
  limits as wireLimits,
} from "@satsuma/protocol";
import { SessionChannels, serverEvents } from "../channels/session.ts";
import type { SfuLimits } from "../config.ts";
import type { Description, MediaSection } from "../sdp/description.ts";
import { readDescription } from "../sdp/read.ts";
import { writeDescription } from "../sdp/write.ts";
import type { FirstChannels, Transport, TransportListener, TransportState, Transports } from "../transport.ts";
import type { Consequences, FindPublication } from "./consequences.ts";
import { begin, deadlineOf, elapsed, type Lifetime, transportChanged } from "./lifetime.ts";
import { Session, type Step } from "./session.ts";

export interface LiveContext {
  readonly transports: Transports;
  readonly limits: SfuLimits;
  readonly now: () => number;
  readonly random32: () => number;
  readonly newName: () => string;
  readonly find: FindPublication;
  /** One packet of the peer. */
  readonly packet: (bytes: Uint8Array) => void;
  readonly follow: (consequences: Consequences) => void;
  readonly connected: () => void;
  /** Lifetime or deadline may have changed. */
  readonly changed: () => void;
}

interface OpenedTransport {
  readonly opened: Transport;
  /** Unknown until the peer answered a transport that offered. */
  remoteUfrag: string | undefined;
  /** Our DTLS role, settled with the first answer and kept in all later ones (RFC 8842 §5.3). */
  setup: "active" | "passive" | undefined;
}

interface Waiter {
  /** ms. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: RefusedError) => void;
}

const notReady = "The session is not connected yet. Make sure that its PeerConnection is, and try again.";

export class LiveSession {
  readonly id: string;
  readonly app: string;
  readonly session: Session;
  readonly #context: LiveContext;
  #lifetime: Lifetime;
  #transport: OpenedTransport | undefined;
  /** Identifier and version of our descriptions (`o=` line). */
  readonly #descriptionId: string;
  #descriptionVersion = 0;
  readonly #channels: SessionChannels;
  #channelsUp = false;
  /** Calls that need a transport which is connected. */
  readonly #waiting: Waiter[] = [];
  /** The end of the queue of calls. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(app: string, id: string, context: LiveContext) {
    const { limits, now, random32, newName } = context;
    this.app = app;
    this.id = id;
    this.#context = context;
    this.session = new Session({ id, keyframeInterval: limits.keyframeInterval, random32, newName });
    this.#channels = new SessionChannels(limits.channelsPerSession);
    this.#lifetime = begin(now(), limits);
    this.#descriptionId = String(random32());
  }

  get ended(): boolean {
    return this.#lifetime.state === "ended";
  }

  nextDeadline(): number | undefined {
    const deadlines = this.#waiting.map((waiter) => waiter.deadline);
    const lifetime = deadlineOf(this.#lifetime);
    if (lifetime !== undefined) deadlines.push(lifetime);
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
  }

  elapse(now: number): void {
    this.#lifetime = elapsed(this.#lifetime, now);
    this.#settle(now);
  }

  send(packet: Uint8Array): void {
    this.#transport?.opened.send(packet);
  }

  state(): SessionStateResponse {
    return {
      ...this.session.state(this.#context.find),
      ...(this.session.hasChannels && { dataChannels: this.#channels.states() }),
    };
  }

  tracks(request: TracksRequest): Promise<TracksResponse> {
    const { tracks, sessionDescription: offer, autoDiscover = false } = request;
    const remote = tracks[0]?.location === "remote";
    return this.#inTurn(() => {
      if (offer === undefined) return this.#offer(remote ? this.#pull(tracks) : this.session.invite(tracks));
      return this.#answer(offer, (description) =>
        remote
          ? this.session.pullInto(description, tracks, this.#context.find)
          : this.session.push(description, tracks, autoDiscover),
      );
    });
  }

  renegotiate(answer: SessionDescription): Promise<RenegotiateResponse> {
    return this.#inTurn(() => {
      const description = this.#read(answer, "answer");
      const transport = this.#transport;
      if (transport === undefined)
        throw new RefusedError("invalid_session_description", "There is no offer to answer.");
      checkSamePeer(transport, description);
      const { results, consequences } = unwrap(this.session.renegotiate(description, this.#context.find));
      if (transport.remoteUfrag === undefined) {
        // An answerer that leaves the choice to us is the active one (RFC 8842 §5.3, RFC 4145 §4.1).
        const setup = description.transport.setup === "passive" ? "passive" : "active";
        transport.remoteUfrag = description.transport.iceUfrag;
        transport.setup = setup === "passive" ? "active" : "passive";
        transport.opened.accept({ ...description.transport, setup }, this.session.hasChannels);
      }
      this.#context.follow(consequences);
      return results.length > 0 ? { tracks: [...results] } : {};
    });
  }

  close(request: CloseTracksRequest): Promise<CloseTracksResponse> {
    return this.#inTurn(() => {
      const given = request.force ? undefined : request.sessionDescription;
      if (!request.force && given === undefined) {
        throw new RefusedError("invalid_params", "Closing without force needs an offer in sessionDescription.");
      }
      const transport = this.#transport;
      if (transport === undefined)
        throw new RefusedError("session_error", "The session has no connection to close tracks on.");
      const offer = given && this.#read(given, "offer");
      if (offer !== undefined) checkSamePeer(transport, offer);
      const { media, results, consequences } = unwrap(this.session.close(request, offer));
      this.#context.follow(consequences);
      return {
        requiresImmediateRenegotiation: false,
        tracks: results,
        ...(media && { sessionDescription: this.#describe("answer", transport, media) }),
      };
    });
  }

  /** Not queued: it negotiates nothing, and its clients send it while a negotiation is under way. */
  update(request: UpdateTracksRequest): UpdateTracksResponse {
    const { results, consequences } = this.session.update(request.tracks, this.#context.find);
    this.#context.follow(consequences);
    return { requiresImmediateRenegotiation: false, tracks: [...results] };
  }

  /** Sets up data channels: by an offer of ours, or by answering one that has their m-line. */
  establish(request: EstablishRequest): Promise<EstablishResponse> {
    return this.#inTurn(async () => {
      if (this.session.hasChannels) {
        throw new RefusedError("decoding_error", "The session has data channels already; establish is called once.");
      }
      const dataChannel = { location: "remote" as const, dataChannelName: serverEvents, id: 0 };
      const { sessionDescription } = request;
      if (sessionDescription !== undefined) {
        const { requiresImmediateRenegotiation, sessionDescription: answer } = await this.#answer(
          sessionDescription,
          (offer) => this.session.push(offer, [], false),
        );
        if (!this.session.hasChannels)
          throw new RefusedError("invalid_session_description", "The offer has no m-line for data channels.");
        return { requiresImmediateRenegotiation, dataChannel, sessionDescription: answer };
      }
      const media = unwrap(this.session.offerChannels());
      const transport = await this.#withChannels(undefined, serverEvents);
      return {
        requiresImmediateRenegotiation: true,
        dataChannel,
        sessionDescription: this.#describe("offer", transport, media),
      };
    });
  }

  /** What a data channel is opened on. Throws `session_error` where none were established. */
  channelCarrier(): { readonly transport: Transport; readonly channels: SessionChannels } {
    if (this.#transport === undefined || !this.session.hasChannels) {
      throw new RefusedError("session_error", "The session has no data channels; call datachannels/establish first.");
    }
    return { transport: this.#transport.opened, channels: this.#channels };
  }

  sendOnChannel(id: number, message: string | Uint8Array): boolean {
    return this.#channels.send(id, message);
  }

  closeChannel(id: number): boolean {
    return this.#channels.close(id);
  }

  channelIds(): number[] {
    return this.#channels.ids();
  }

  /** Ends it for good: what it published and received, and its transport. Idempotent. */
  end(): void {
    this.#lifetime = { state: "ended" };
    this.#settle(this.#context.now());
    this.#context.follow(this.session.end());
    this.#transport?.opened.close();
  }

  #pull(tracks: readonly TrackObject[]) {
    return this.session.pull(tracks, this.#context.find);
  }

  async #offer(stepped: ReturnType<Session["pull"]>): Promise<TracksResponse> {
    const { media, results, consequences } = unwrap(stepped);
    this.#context.follow(consequences);
    if (media === undefined) return { requiresImmediateRenegotiation: false, tracks: [...results] };
    const transport = this.#transport ?? (await this.#open(undefined));
    return {
      requiresImmediateRenegotiation: true,
      tracks: [...results],
      sessionDescription: this.#describe("offer", transport, media),
    };
  }

  async #answer(
    given: SessionDescription,
    step: (offer: Description) => ReturnType<Session["push"]>,
  ): Promise<TracksResponse> {
    const offer = this.#read(given, "offer");
    if (this.#transport !== undefined) checkSamePeer(this.#transport, offer);
    const { media, results, consequences }: Step = unwrap(step(offer));
    const transport = this.session.hasChannels
      ? await this.#withChannels(offer, undefined)
      : (this.#transport ?? (await this.#open(offer)));
    this.#context.follow(consequences);
    return {
      requiresImmediateRenegotiation: false,
      tracks: [...results],
      ...(media && { sessionDescription: this.#describe("answer", transport, media) }),
    };
  }

  /** The transport with data channels set up, which must be so before the peer is answered. */
  async #withChannels(offer: Description | undefined, label: string | undefined): Promise<OpenedTransport> {
    const known = this.#transport;
    if (known === undefined) {
      this.#channelsUp = true;
      return this.#open(offer, { label });
    }
    if (this.#channelsUp) return known;
    await this.#connected();
    this.#channelsUp = true;
    known.opened.openChannels(label);
    return known;
  }

  /** Resolves when the transport is connected; throws `session_not_ready` when it is not in time. */
  #connected(): Promise<void> {
    if (this.#lifetime.state === "connected") return Promise.resolve();
    const { now, limits, changed } = this.#context;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ deadline: now() + limits.connectWait, resolve, reject });
    changed();
    return promise;
  }

  /** Opens the transport on the first negotiation. A session whose transport cannot be opened is of no more use. */
  async #open(offer: Description | undefined, channels?: FirstChannels): Promise<OpenedTransport> {
    const { transports } = this.#context;
    let opened: Transport;
    try {
      opened = await (offer === undefined
        ? transports.offer(this.#listener, channels)
        : transports.answer(offer.transport, this.#listener, channels));
    } catch (cause) {
      this.end();
      this.#context.changed();
      throw new RefusedError("temporarily_unavailable_error", "No connection could be opened for this session.", {
        cause,
      });
    }
    if (this.ended) {
      opened.close();
      throw new RefusedError("session_error", "The session ended while its connection was being opened.");
    }
    const setup = offer === undefined ? undefined : opened.local.setup === "passive" ? "passive" : "active";
    this.#transport = { opened, remoteUfrag: offer?.transport.iceUfrag, setup };
    return this.#transport;
  }

  readonly #listener: TransportListener = {
    packet: (bytes) => this.#context.packet(bytes),
    state: (state) => this.#entered(state),
  };

  #entered(state: TransportState): void {
    this.#lifetime = transportChanged(this.#lifetime, state, this.#context.now(), this.#context.limits);
    if (this.#lifetime.state === "connected") this.#context.connected();
    this.#settle(this.#context.now());
    this.#context.changed();
  }

  /** Answers those who wait for the connection, as far as their question is decided. */
  #settle(now: number): void {
    const { state } = this.#lifetime;
    for (const waiter of this.#waiting.splice(0)) {
      if (state === "connected") waiter.resolve();
      else if (state === "ended")
        waiter.reject(new RefusedError("session_error", "The session has ended. Start a new one."));
      else if (now >= waiter.deadline) waiter.reject(new RefusedError("session_not_ready", notReady));
      else this.#waiting.push(waiter);
    }
  }

  async #inTurn<T>(step: () => T | Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      if (this.ended) throw new RefusedError("session_error", "The session has ended. Start a new one.");
      return step();
    });
    // The queue goes on after a refused call; its caller has the refusal.
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #read(description: SessionDescription, expected: "offer" | "answer"): Description {
    if (description.type !== expected) {
      throw new RefusedError("invalid_session_description", `Expecting an ${expected} in sessionDescription.`);
    }
    if (description.sdp.length > wireLimits.callsBodyBytes) {
      throw new RefusedError("payload_too_large", "The session description is too large.");
    }
    return unwrap(readDescription(description.sdp, this.#context.limits.mediaSections));
  }

  #describe(
    type: SessionDescription["type"],
    transport: OpenedTransport,
    media: readonly MediaSection[],
  ): SessionDescription {
    this.#descriptionVersion += 1;
    const setup = type === "offer" ? "actpass" : (transport.setup ?? "active");
    const sdp = writeDescription({
      id: this.#descriptionId,
      version: this.#descriptionVersion,
      transport: { ...transport.opened.local, setup },
      media,
    });
    return { type, sdp };
  }
}

/** A new ufrag asks for an ICE restart, which the transport cannot do; a new session is the way (calls-api: none documented). */
function checkSamePeer({ remoteUfrag }: OpenedTransport, description: Description): void {
  if (remoteUfrag === undefined || remoteUfrag === description.transport.iceUfrag) return;
  throw new RefusedError("invalid_session_description", "ICE restart is not supported. Start a new session instead.");
}
