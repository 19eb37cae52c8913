/**
 * The shell around the cores: keeps the sessions of every app, connects them to the router, and sets the one alarm.
 *
 * Clock, alarm and randomness come from the platform, media through its `Transports`.
 */
import {
  type CloseTracksRequest,
  type CloseTracksResponse,
  type DataChannelsRequest,
  type DataChannelsResponse,
  type EstablishRequest,
  type EstablishResponse,
  RefusedError,
  type RenegotiateResponse,
  type SessionDescription,
  type SessionStateResponse,
  type SessionStats,
  type TracksRequest,
  type TracksResponse,
  type UpdateTracksRequest,
  type UpdateTracksResponse,
} from "@satsuma/protocol";
import { ChannelCalls, checkOneLocation } from "./channels/calls.ts";
import { Notices } from "./channels/notices.ts";
import type { SfuLimits } from "./config.ts";
import { Router, type TrackListener } from "./forward/router.ts";
import { Turn } from "./forward/turn.ts";
import { Pipes } from "./pipe/pipes.ts";
import type { SfuPlatform } from "./platform.ts";
import { LiveSession } from "./session/live.ts";
import { Sources } from "./session/sources.ts";
import type { Transports } from "./transport.ts";
import type { Meter } from "./usage/meter.ts";

export interface SessionOptions {
  /** The peer is another server, which may be an ICE-lite one. Default false. */
  readonly thirdParty?: boolean;
  /** Microphones that it hears at a time, in place of the server's own number. */
  readonly loudest?: number;
  /** Where the session's transport comes from, when not from the platform. */
  readonly transports?: Transports;
}

/** Hears of one track of a session; `rids` are those of its layers that are watched. */
export type WatchedListener = (app: string, session: string, trackName: string, rids: readonly string[]) => void;

/** Hears who begins to speak into a track, and who stops. */
export type SpeakingListener = (app: string, session: string, trackName: string, speaking: boolean) => void;

export class Sfu {
  /** What it shares with other servers of the same apps. */
  readonly pipes: Pipes;
  readonly #platform: SfuPlatform;
  readonly #limits: SfuLimits;
  readonly #sessions = new Map<string, LiveSession>();
  readonly #router: Router;
  readonly #turn: Turn;
  readonly #channels = new ChannelCalls({
    now: () => this.#platform.now(),
    session: (id) => this.#sessions.get(id) ?? this.pipes.channelEnd(id),
    changed: () => this.#schedule(),
    sent: ({ app, id }, channel, bytes) => {
      // What goes to another server is counted there.
      if (!this.#sessions.has(id)) return;
      this.#meter?.sent({ app, session: id, adapter: false }, channel, bytes);
      this.#meter?.elapse(this.#platform.now());
    },
  });
  readonly #notices = new Notices();
  readonly #sources: Sources;
  /** Not later than the first end of a session's patience; kept, because packets come more often than it changes. */
  #sessionsAt: number | undefined;
  #alarmAt: number | undefined;
  #closed = false;
  readonly #meter: Meter | undefined;
  readonly #watchedListeners: WatchedListener[] = [];
  readonly #speakingListeners: SpeakingListener[] = [];
  readonly #endListeners: ((app: string, id: string) => void)[] = [];

  constructor(platform: SfuPlatform, limits: SfuLimits, meter?: Meter) {
    this.#meter = meter;
    this.#platform = platform;
    this.#limits = limits;
    this.#turn = new Turn({
      now: () => platform.now(),
      afterTurn: platform.afterTurn && ((step) => platform.afterTurn?.(step)),
      done: () => this.#schedule(),
      failed: ({ session }) => this.end(this.#sessions.get(session)?.app ?? "", session),
    });
    const told: TrackListener = {
      watched: (publication, rids) => {
        const { session, trackName } = publication;
        const publisher = this.#sessions.get(session);
        if (publisher === undefined) {
          this.pipes.watched(publication, rids);
          return;
        }
        this.#notices.watched(publisher, trackName, rids);
        for (const listener of this.#watchedListeners) listener(publisher.app, session, trackName, rids);
      },
      speaking: ({ session, trackName }, speaking) => {
        const app = this.#sessions.get(session)?.app;
        if (app === undefined) return;
        for (const listener of this.#speakingListeners) listener(app, session, trackName, speaking);
      },
    };
    this.#router = new Router(limits, (session) => this.#sendTo(session), told, this.#turn.due);
    this.#sources = new Sources(
      limits,
      () => platform.now(),
      () => this.#schedule(),
    );
    this.pipes = new Pipes({
      sessions: this.#sessions,
      elsewhere: platform.elsewhere,
      limits,
      router: this.#router,
      channels: this.#channels,
      sources: this.#sources,
      now: () => platform.now(),
      random32: () => platform.random32(),
      changed: () => this.#schedule(),
      heard: () => this.#heard(),
    });
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Sessions that media is kept for: those that negotiated something or connected, and never one that ended. */
  get routedCount(): number {
    return this.#router.size;
  }

  /** Throws `temporarily_unavailable_error` when the server is full. */
  async newSession(
    app: string,
    offer: SessionDescription | undefined,
    options: SessionOptions = {},
  ): Promise<{ id: string; answer?: SessionDescription }> {
    if (this.#closed || this.#sessions.size >= this.#limits.sessions) {
      throw new RefusedError("temporarily_unavailable_error", "This server has as many sessions as it can serve.");
    }
    const session = this.#begin(app, options);
    const { id } = session;
    if (offer === undefined) return { id };
    try {
      const answered = await session.tracks({ tracks: [], sessionDescription: offer });
      return { id, ...(answered.sessionDescription && { answer: answered.sessionDescription }) };
    } catch (error) {
      session.end();
      this.#changed(session);
      throw error;
    }
  }

  state(app: string, id: string): SessionStateResponse {
    return this.#find(app, id).state();
  }

  /** What is counted of a session's media. */
  stats(app: string, id: string): SessionStats {
    this.#find(app, id);
    return this.#router.stats(id, this.#platform.now()) ?? { published: [], received: [] };
  }

  /** Publishes or pulls, with an offer of the peer or with one of ours. */
  async tracks(app: string, id: string, request: TracksRequest): Promise<TracksResponse> {
    const session = this.#find(app, id);
    this.#notices.asked(session, request);
    const response = await session.tracks(request);
    this.#notices.answered(session, response);
    return response;
  }

  async renegotiate(app: string, id: string, answer: SessionDescription): Promise<RenegotiateResponse> {
    return this.#find(app, id).renegotiate(answer);
  }

  async close(app: string, id: string, request: CloseTracksRequest): Promise<CloseTracksResponse> {
    return this.#find(app, id).close(request);
  }

  update(app: string, id: string, request: UpdateTracksRequest): UpdateTracksResponse {
    return this.#find(app, id).update(request);
  }

  async establish(app: string, id: string, request: EstablishRequest): Promise<EstablishResponse> {
    return this.#find(app, id).establish(request);
  }

  openChannels(app: string, id: string, request: DataChannelsRequest): DataChannelsResponse {
    checkOneLocation(request);
    return this.#channels.open(this.#find(app, id), request);
  }

  updateChannels(app: string, id: string, request: DataChannelsRequest): DataChannelsResponse {
    return this.#channels.update(this.#find(app, id), request);
  }

  closeChannels(app: string, id: string, request: DataChannelsRequest): DataChannelsResponse {
    return this.#channels.close(this.#find(app, id), request);
  }

  /** More addresses of a session's peer, found after its description. */
  learn(app: string, id: string, candidates: readonly string[]): void {
    this.#find(app, id).learn(candidates);
  }

  /** Tells of every session that has ended, once it is forgotten. */
  onEnded(listener: (app: string, id: string) => void): void {
    this.#endListeners.push(listener);
  }

  /**
   * Tells which layers of a simulcast track somebody may be sent, by rid, whenever that changes: its publisher need not
   * encode the others. A layer that is wanted again is told at once, one that is not any more within a second.
   */
  onWatched(listener: WatchedListener): void {
    this.#watchedListeners.push(listener);
  }

  /** Tells when somebody begins to speak into a track whose packets tell their level, and when they stop. */
  onSpeaking(listener: SpeakingListener): void {
    this.#speakingListeners.push(listener);
  }

  /** Ends one session. Idempotent. */
  end(app: string, id: string): void {
    const session = this.#sessions.get(id);
    if (session?.app !== app) return;
    session.end();
    this.#changed(session);
  }

  /** Ends every session of an app that is no more. */
  endApp(app: string): void {
    for (const session of this.#sessions.values()) if (session.app === app) session.end();
    this.#lookAtAll(this.#platform.now());
  }

  /** The alarm rang. */
  wake(): void {
    this.#alarmAt = undefined;
    const now = this.#platform.now();
    this.#router.wake(now, () => this.#platform.now());
    this.#meter?.elapse(now);
    this.#channels.wake(now);
    this.pipes.wake(now);
    for (const publication of this.#router.silent(now)) {
      this.#sessions.get(publication.session)?.endPublication(publication);
    }
    if (this.#sessionsAt !== undefined && now >= this.#sessionsAt) this.#lookAtAll(now);
    this.#sources.look(now);
    this.#schedule();
  }

  /** Ends every session; peers are told by their transports. Idempotent. */
  shutDown(): void {
    this.#closed = true;
    this.#sources.close();
    this.pipes.close();
    for (const session of this.#sessions.values()) session.end();
    this.#lookAtAll(this.#platform.now());
    this.#meter?.read();
  }

  #begin(app: string, options: SessionOptions): LiveSession {
    const id = this.#platform.newId();
    const { newId, random32 } = this.#platform;
    const { thirdParty = false, transports = this.#platform.transports } = options;
    const now = () => this.#platform.now();
    const session: LiveSession = new LiveSession(app, id, {
      thirdParty,
      transports,
      limits: this.#limits,
      now,
      random32,
      newName: newId,
      find: (sessionId, trackName) => this.pipes.find(app, sessionId, trackName),
      failedSources: (tracks) =>
        this.#sources.failed(
          {
            get ended() {
              return session.ended;
            },
            readiness: (track) => this.pipes.readiness(app, track),
          },
          tracks,
        ),
      packet: (bytes) => {
        const at = now();
        this.#router.packet(id, bytes, at, at - (this.#platform.restedAt?.(at) ?? at));
        this.#heard();
      },
      follow: (consequences) => {
        this.pipes.ended(consequences.unpublished);
        this.#router.follow(id, consequences, now());
        this.#meter?.follow({ app, session: id, adapter: options.transports !== undefined }, consequences);
        this.#schedule();
      },
      connected: () => this.#router.connected(id, now()),
      reopened: () => this.#router.disconnected(id),
      changed: () => this.#changed(session),
    });
    this.#sessions.set(id, session);
    const { loudest = this.#limits.loudest } = options;
    if (loudest !== undefined) this.#router.limitSound(id, loudest);
    this.#changed(session);
    return session;
  }

  /** A session has ended, or has another deadline: nobody else is looked at, or each that joins would cost as much as all. */
  #changed(session: LiveSession): void {
    if (session.ended) this.#forget(session);
    else if (this.#sessions.has(session.id)) this.#sessionsAt = earliest(this.#sessionsAt, session.nextDeadline());
    this.#sources.look(this.#platform.now());
    this.#schedule();
  }

  /** Time has passed for every session. */
  #lookAtAll(now: number): void {
    this.#sessionsAt = undefined;
    for (const session of [...this.#sessions.values()]) {
      session.elapse(now);
      if (session.ended) this.#forget(session);
      else this.#sessionsAt = earliest(this.#sessionsAt, session.nextDeadline());
    }
    this.#sources.look(now);
    this.#schedule();
  }

  /** Forgets a session that has ended, with all it had. */
  #forget(session: LiveSession): void {
    const { app, id } = session;
    if (!this.#sessions.delete(id)) return;
    if (this.#sessions.size === 0) this.#sessionsAt = undefined;
    session.end();
    this.#channels.ended(session);
    this.#notices.ended(session);
    this.#router.remove(id);
    for (const listener of this.#endListeners) listener(app, id);
  }

  #schedule(): void {
    const next = this.#closed
      ? undefined
      : earliest(
          this.#sessionsAt,
          this.#router.nextDeadline(),
          this.#channels.nextDeadline(),
          this.#sources.nextDeadline(),
          this.pipes.nextDeadline(),
        );
    if (next === this.#alarmAt) return;
    this.#alarmAt = next;
    this.#platform.setAlarm(next);
  }

  /** Looked up once: packets go out more often than anything else happens. */
  #sendTo(id: string): (packet: Uint8Array) => void {
    const session = this.#sessions.get(id);
    if (session !== undefined) return (packet) => session.send(packet);
    return this.pipes.sendTo(id) ?? (() => {});
  }

  /** A packet came. */
  #heard(): void {
    if (this.#sources.listening) this.#sources.look(this.#platform.now());
    this.#turn.came();
  }

  /** The session that a call is for; counts the call. */
  #find(app: string, id: string): LiveSession {
    const session = this.#sessions.get(id);
    if (session === undefined || session.app !== app || session.ended) {
      throw new RefusedError("session_error", "There is no such session, or it has ended. Start a new one.");
    }
    session.countCall();
    return session;
  }
}

function earliest(...deadlines: readonly (number | undefined)[]): number | undefined {
  let first: number | undefined;
  for (const deadline of deadlines) {
    if (deadline !== undefined && (first === undefined || deadline < first)) first = deadline;
  }
  return first;
}
