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
  type TrackResult,
  type TracksRequest,
  type TracksResponse,
  type UpdateTracksRequest,
  type UpdateTracksResponse,
  unwrap,
} from "@satsuma/protocol";
import { SessionChannels, serverEvents } from "../channels/session.ts";
import type { Publication } from "../forward/publication.ts";
import type { Description } from "../sdp/description.ts";
import type { FirstChannels, Transport, TransportListener, TransportState } from "../transport.ts";
import { Allowance } from "./allowance.ts";
import type { LiveContext } from "./context.ts";
import { Descriptions } from "./descriptions.ts";
import { begin, deadlineOf, elapsed, type Lifetime, reopened, transportChanged } from "./lifetime.ts";
import { checkSamePeer, isLeft, type OpenedTransport } from "./opened.ts";
import { Patience } from "./patience.ts";
import { Session, type Step } from "./session.ts";

const noLabel: FirstChannels = { label: undefined };

export class LiveSession {
  readonly id: string;
  readonly app: string;
  readonly session: Session;
  readonly #context: LiveContext;
  readonly #allowance: Allowance;
  #lifetime: Lifetime;
  #transport: OpenedTransport | undefined;
  /** Of the newest transport; events of those before it are of no more interest. */
  #listener: TransportListener | undefined;
  readonly #descriptions: Descriptions;
  readonly #channels: SessionChannels;
  #channelsUp = false;
  readonly #patience = new Patience();
  /** The end of the queue of calls. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(app: string, id: string, context: LiveContext) {
    const { limits, now, random32, newName } = context;
    this.app = app;
    this.id = id;
    this.#context = context;
    this.#allowance = new Allowance(limits.callsPerSecond, now());
    this.session = new Session({ id, limits, random32, newName });
    this.#channels = new SessionChannels(limits.channelsPerSession);
    this.#lifetime = begin(now(), limits);
    const { mediaSections } = limits;
    this.#descriptions = new Descriptions({ id: String(random32()), mediaSections, thirdParty: context.thirdParty });
  }

  get connected(): boolean {
    return this.#lifetime.state === "connected";
  }

  get ended(): boolean {
    return this.#lifetime.state === "ended";
  }

  /** Counts one call; throws `too_many_requests` when the session makes them too fast. */
  countCall(): void {
    if (this.#allowance.take(this.#context.now())) return;
    const { callsPerSecond } = this.#context.limits;
    throw new RefusedError("too_many_requests", `A session may make ${callsPerSecond} calls in a second.`);
  }

  nextDeadline(): number | undefined {
    const lifetime = deadlineOf(this.#lifetime) ?? Number.POSITIVE_INFINITY;
    const first = Math.min(lifetime, this.#patience.nextDeadline() ?? lifetime);
    return first === Number.POSITIVE_INFINITY ? undefined : first;
  }

  elapse(now: number): void {
    this.#lifetime = elapsed(this.#lifetime, now);
    this.#patience.settle(this.#lifetime, now);
  }

  send(packet: Uint8Array): void {
    this.#transport?.opened.send(packet);
  }

  /** More addresses of the peer. Nothing is awaited: they only shorten the way to a connection. */
  learn(candidates: readonly string[]): void {
    if (!this.ended) for (const candidate of candidates) this.#transport?.opened.learn(candidate);
  }

  state(): SessionStateResponse {
    return {
      ...this.session.state(this.#context.find),
      ...(this.session.hasChannels && { dataChannels: this.#channels.states() }),
    };
  }

  tracks(request: TracksRequest): Promise<TracksResponse> {
    const { tracks, sessionDescription: offer, autoDiscover = false } = request;
    if (tracks[0]?.location === "remote") return this.#inTurn(() => this.#pull(tracks, offer));
    return this.#inTurn(() =>
      offer === undefined
        ? this.#offer(this.session.invite(tracks))
        : this.#answer(offer, (description) => this.session.push(description, tracks, autoDiscover)),
    );
  }

  renegotiate(answer: SessionDescription): Promise<RenegotiateResponse> {
    return this.#inTurn(() => {
      const description = this.#descriptions.read(answer, "answer");
      const transport = this.#transport;
      if (transport === undefined)
        throw new RefusedError("invalid_session_description", "There is no offer to answer.");
      checkSamePeer(transport, description);
      if (description.transport.iceLite && !this.#context.thirdParty)
        throw new RefusedError("invalid_session_description", "An ICE-lite peer needs a session with thirdparty=true.");
      const { results, consequences } = unwrap(this.session.renegotiate(description, this.#context.find));
      if (transport.remoteUfrag === undefined) {
        // An answerer that leaves the choice to us is the active one (RFC 8842 §5.3, RFC 4145 §4.1).
        const setup = description.transport.setup === "passive" ? "passive" : "active";
        transport.remoteUfrag = description.transport.iceUfrag;
        transport.setup = setup === "passive" ? "active" : "passive";
        transport.opened.accept({ ...description.transport, setup }, this.session.hasChannels);
      }
      transport.anchor = description.anchor.mid;
      this.#context.follow(consequences);
      return results.length > 0 ? { tracks: [...results] } : {};
    });
  }

  close(request: CloseTracksRequest): Promise<CloseTracksResponse> {
    return this.#inTurn(async () => {
      const given = request.force ? undefined : request.sessionDescription;
      if (!request.force && given === undefined) {
        throw new RefusedError("invalid_params", "Closing without force needs an offer in sessionDescription.");
      }
      const offer = given && this.#descriptions.readOffer(given, this.#transport);
      // Not `session_error`: the session lives, and whoever takes it for ended would make others without end.
      if (offer !== undefined && this.#transport === undefined)
        throw new RefusedError("invalid_session_description", "The session has no connection to close tracks on.");
      const { media, results, consequences } = unwrap(this.session.close(request, offer));
      this.#context.follow(consequences);
      const transport = offer && (await this.#carrier(offer));
      return {
        requiresImmediateRenegotiation: false,
        tracks: results,
        ...(media && transport && { sessionDescription: this.#descriptions.write("answer", transport, media) }),
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
      await this.#ready(undefined);
      const media = unwrap(this.session.offerChannels());
      const transport = await this.#withChannels(undefined, serverEvents);
      return {
        requiresImmediateRenegotiation: true,
        dataChannel,
        sessionDescription: this.#descriptions.write("offer", transport, media),
      };
    });
  }

  /** What a data channel is opened on. Throws `session_error` where none were established. */
  channelCarrier(): { readonly transport: Transport; readonly channels: SessionChannels } {
    if (this.#transport === undefined || this.#transport.closed || !this.session.hasChannels) {
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

  /** Ends a published track that nothing comes on. */
  endPublication(publication: Publication): void {
    this.#context.follow(this.session.endPublication(publication));
  }

  /** Ends it for good: what it published and received, and its transport. Idempotent. */
  end(): void {
    this.#lifetime = { state: "ended" };
    this.#patience.settle(this.#lifetime, this.#context.now());
    this.#context.follow(this.session.end());
    this.#transport?.opened.close();
  }

  async #pull(tracks: readonly TrackObject[], offer: SessionDescription | undefined): Promise<TracksResponse> {
    const { find, failedSources } = this.#context;
    // A call that is refused anyway is not kept waiting.
    const failed = this.session.offering ? new Map<TrackObject, TrackResult>() : await failedSources(tracks);
    if (this.ended) throw new RefusedError("session_error", "The session has ended. Start a new one.");
    const there = tracks.filter((track) => !failed.has(track));
    const pulled =
      offer === undefined
        ? await this.#offer(this.session.pull(there, find))
        : await this.#answer(offer, (description) => this.session.pullInto(description, there, find));
    const results = [...(pulled.tracks ?? [])];
    return { ...pulled, tracks: tracks.flatMap((track) => failed.get(track) ?? results.shift() ?? []) };
  }

  async #offer(stepped: ReturnType<Session["pull"]>): Promise<TracksResponse> {
    const { media, results, consequences } = unwrap(stepped);
    this.#context.follow(consequences);
    if (media === undefined) return { requiresImmediateRenegotiation: false, tracks: [...results] };
    const transport = await this.#carrier(undefined);
    return {
      requiresImmediateRenegotiation: true,
      tracks: [...results],
      sessionDescription: this.#descriptions.write("offer", transport, media),
    };
  }

  async #answer(
    given: SessionDescription,
    step: (offer: Description) => ReturnType<Session["push"]>,
  ): Promise<TracksResponse> {
    const offer = this.#descriptions.readOffer(given, this.#transport);
    if (offer.media.some(({ kind, rejected }) => kind === "application" && !rejected)) await this.#ready(offer);
    const { media, results, consequences }: Step = unwrap(step(offer));
    const transport = this.session.hasChannels
      ? await this.#withChannels(offer, undefined)
      : await this.#carrier(offer);
    this.#context.follow(consequences);
    return {
      requiresImmediateRenegotiation: false,
      tracks: [...results],
      ...(media && { sessionDescription: this.#descriptions.write("answer", transport, media) }),
    };
  }

  /**
   * Waits for the connection that data channels need. Before the session takes the step, since a call that is refused has to
   * leave it as it was: the peer rolls its offer back.
   */
  async #ready(offer: Description | undefined): Promise<void> {
    const known = this.#transport;
    if (known === undefined || this.#channelsUp || this.session.offering || isLeft(known, offer)) return;
    await this.#connected();
  }

  /** The transport with data channels set up, which must be so before the peer is answered. */
  async #withChannels(offer: Description | undefined, label: string | undefined): Promise<OpenedTransport> {
    const known = await this.#carrier(offer, { label });
    if (this.#channelsUp) return known;
    this.#channelsUp = true;
    known.opened.openChannels(label);
    return known;
  }

  /** The transport that a description is about: the one that is there, or another where its peer has left that. */
  async #carrier(offer: Description | undefined, channels?: FirstChannels): Promise<OpenedTransport> {
    const known = this.#transport;
    const there = known !== undefined && !isLeft(known, offer);
    const transport = there ? known : await this.#open(offer, channels ?? (this.#channelsUp ? noLabel : undefined));
    if (offer !== undefined) transport.anchor = offer.anchor.mid;
    return transport;
  }

  /** Resolves when the transport is connected; throws `session_not_ready` when it is not in time. */
  #connected(): Promise<void> {
    if (this.connected) return Promise.resolve();
    const { now, limits, changed } = this.#context;
    const waited = this.#patience.wait(now() + limits.connectWait);
    changed();
    return waited;
  }

  /** Opens a transport, and closes the one before it. A session whose transport cannot be opened is of no more use. */
  async #open(offer: Description | undefined, channels: FirstChannels | undefined): Promise<OpenedTransport> {
    const { transports, thirdParty, limits, now } = this.#context;
    const left = this.#transport;
    const listener: TransportListener = {
      packet: (bytes) => this.#context.packet(bytes),
      state: (state) => this.#entered(listener, state),
    };
    this.#listener = listener;
    if (left !== undefined) this.#lifetime = reopened(now(), limits);
    let opened: Transport;
    try {
      opened = await (offer === undefined
        ? transports.offer(listener, channels, thirdParty)
        : transports.answer(offer.transport, listener, channels));
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
    if (channels !== undefined) this.#channelsUp = true;
    const setup = offer === undefined ? undefined : opened.local.setup === "passive" ? "passive" : "active";
    const remoteUfrag = offer?.transport.iceUfrag;
    this.#transport = { opened, remoteUfrag, setup, anchor: undefined, closed: false };
    left?.opened.close();
    if (left !== undefined) {
      this.#context.reopened();
      this.#context.changed();
    }
    return this.#transport;
  }

  #entered(listener: TransportListener, state: TransportState): void {
    if (listener !== this.#listener) return;
    const { now, limits } = this.#context;
    if (state === "closed" && this.#transport !== undefined) this.#transport.closed = true;
    // Without any m-line there is nothing to keep a transport for; the next one brings its own.
    const idle = this.session.sections.every(({ rejected }) => rejected);
    const patience = idle ? { ...limits, reopenWait: limits.disconnected } : limits;
    this.#lifetime = transportChanged(this.#lifetime, state, now(), patience);
    if (this.connected) this.#context.connected();
    this.#patience.settle(this.#lifetime, now());
    this.#context.changed();
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
}
