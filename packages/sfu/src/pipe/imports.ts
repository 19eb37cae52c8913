/**
 * What this server has of others: tracks and data channels that its sessions pull and whose publishers live elsewhere.
 *
 * Each crosses once, from the first pull until for a moment nobody here has a use for it. One that cannot be had is not
 * there: whoever looks for it then finds nothing, as with a track of this server.
 */
import type { ChannelEnd } from "../channels/calls.ts";
import type { Send } from "../forward/downlink.ts";
import type { LayerLimits } from "../forward/layer.ts";
import type { Publication } from "../forward/publication.ts";
import type { Router } from "../forward/router.ts";
import type { TrackAddress } from "../session/section.ts";
import { Away } from "./away.ts";
import { kinds } from "./frame.ts";
import type { Import } from "./import.ts";
import type { Address, Elsewhere } from "./line.ts";
import { Shares } from "./shares.ts";

export interface ImportsContext {
  readonly elsewhere: Elsewhere | undefined;
  readonly limits: LayerLimits & { readonly connectWait: number };
  readonly router: Router;
  readonly channels: AwayChannels;
  readonly now: () => number;
  /** What sessions of this server have offered or are sent. */
  readonly pulled: () => Iterable<TrackAddress>;
  /** Something may be due earlier. */
  readonly changed: () => void;
}

/** The data channels of this server, as far as it has subscribers to those of others. */
export interface AwayChannels {
  publish(from: string, stream: number, name: string): void;
  subscribed(from: string, name: string): boolean;
  deliver(from: string, stream: number, message: string | Uint8Array): void;
  unpublish(from: string, stream: number): void;
}

/** A track or a data channel that a call is about. */
export interface Wanted {
  readonly location?: "local" | "remote" | undefined;
  readonly sessionId?: string | undefined;
  readonly name: string | undefined;
}

/** ms between two looks at what is still of use; what is of none twice in a row is given back. */
const lookInterval = 1_000;
/** ms beyond the time that the other server may wait for a publisher. */
const answerTime = 2_000;
/**
 * Tracks and data channels that may be waited for at once, of all apps; one app alone may wait for half of them. They are
 * many only while a server hangs, and whoever asks goes on asking.
 */
const mostAsked = 10_000;

interface Brought {
  readonly address: Address;
  readonly channel: boolean;
  readonly away: Away;
  stream: number;
  track: Import | undefined;
  /** Until then (ms) the other server has time to answer; undefined once it has. */
  until: number | undefined;
  readonly settled: Promise<void>;
  readonly settle: () => void;
  /** Calls under way that may use it. */
  calls: number;
  /** It was of no use when it was last looked at. */
  idle: boolean;
}

export class Imports {
  readonly #context: ImportsContext;
  readonly #lines = new Map<string, Promise<Away>>();
  readonly #brought = new Map<string, Brought>();
  readonly #tracks = new Map<Publication, Brought>();
  /** What is here, or asked for, of each publisher: its reports come more often than anything is brought. */
  readonly #publishers = new Map<string, Set<Brought>>();
  /** Those that have not been answered yet. */
  readonly #asked = new Set<Brought>();
  readonly #shares = new Shares(mostAsked);
  #lookAt: number | undefined;
  #closed = false;

  constructor(context: ImportsContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#tracks.size;
  }

  /** Brings what of `wanted` is elsewhere here while `step` is taken, and for as long as it is used afterwards. */
  async with<T>(
    app: string,
    kind: "tracks" | "channels",
    wanted: readonly Wanted[],
    step: () => T | Promise<T>,
  ): Promise<T> {
    const brought = await Promise.all(wanted.map((each) => this.#bring(app, each, kind === "channels")));
    try {
      return await step();
    } finally {
      for (const each of brought) if (each !== undefined) each.calls -= 1;
    }
  }

  /** A track of another server that is here. */
  find(app: string, session: string, name: string): Publication | undefined {
    return this.#brought.get(keyOf({ app, session, name }, false))?.track?.publication;
  }

  /** Other layers of a track are watched here than before. */
  watched(publication: Publication, rids: readonly string[]): void {
    this.#tracks.get(publication)?.track?.want(rids);
  }

  /** What takes requests to a publisher elsewhere. */
  sendTo(session: string): Send | undefined {
    const all = this.#publishers.get(session);
    if (all === undefined || ![...all].some(({ track }) => track !== undefined)) return undefined;
    return (packet) => {
      for (const { track } of this.#publishers.get(session) ?? []) track?.ask(packet);
    };
  }

  /** The publisher elsewhere of data channels that have subscribers here. */
  channelEnd(session: string): ChannelEnd | undefined {
    for (const { channel, address, away } of this.#publishers.get(session) ?? []) {
      if (!channel) continue;
      return {
        id: session,
        app: address.app,
        sendOnChannel: (stream, message) => away.send(stream, message),
        // Its server reads nothing any more, and will be found hanging.
        closeChannel: () => {},
        allowReplies: (stream, allowed) => away.allow(stream, allowed),
      };
    }
    return undefined;
  }

  wake(now: number): void {
    for (const brought of this.#asked) if (now >= (brought.until ?? now)) this.#giveBack(brought);
    if (this.#lookAt === undefined || now < this.#lookAt) return;
    let pulled: Set<string> | undefined;
    for (const brought of this.#brought.values()) {
      const { channel, address, track, calls, until } = brought;
      let used = channel
        ? this.#context.channels.subscribed(address.session, address.name)
        : track !== undefined && track.publication.subscriptions.length > 0;
      if (!used && !channel) {
        // It may be offered to somebody. To know that takes a look at every session, which what flows is spared.
        pulled ??= new Set([...this.#context.pulled()].map(keyOfPull));
        used = pulled.has(keyOfPull({ sessionId: address.session, trackName: address.name }));
      }
      if (used || calls > 0 || until !== undefined) brought.idle = false;
      else if (brought.idle) this.#giveBack(brought);
      else brought.idle = true;
    }
    this.#lookAt = this.#brought.size > 0 ? now + lookInterval : undefined;
  }

  nextDeadline(): number | undefined {
    let next = this.#lookAt;
    for (const { until } of this.#asked) {
      if (until !== undefined && (next === undefined || until < next)) next = until;
    }
    return next;
  }

  close(): void {
    this.#closed = true;
    for (const line of this.#lines.values()) {
      line.then(
        (away) => away.close(),
        // It was never open.
        () => {},
      );
    }
  }

  async #bring(app: string, wanted: Wanted, channel: boolean): Promise<Brought | undefined> {
    const { location, sessionId: session, name } = wanted;
    if (location !== "remote" || session === undefined || name === undefined) return undefined;
    const server = this.#context.elsewhere?.serverOf(session);
    if (server === undefined) return undefined;
    const address = { app, session, name };
    let away: Away;
    try {
      away = await this.#reach(server);
    } catch {
      // The server is gone, and its sessions with it.
      return undefined;
    }
    const brought = this.#brought.get(keyOf(address, channel)) ?? this.#ask(away, address, channel);
    if (brought === undefined) return undefined;
    brought.calls += 1;
    await brought.settled;
    return brought;
  }

  #reach(server: string): Promise<Away> {
    const known = this.#lines.get(server);
    if (known !== undefined) return known;
    const { elsewhere, limits, now } = this.#context;
    if (elsewhere === undefined || this.#closed) return Promise.reject(new Error("There is no way to other servers."));
    const away = new Away(limits, {
      now,
      heard: this.#context.changed,
      closed: () => this.#lines.delete(server),
    });
    const reached = elsewhere.dial(server, away).then((line) => {
      away.begin(line);
      if (this.#closed) away.close();
      return away;
    });
    this.#lines.set(server, reached);
    reached.catch(() => this.#lines.delete(server));
    return reached;
  }

  /** Undefined when the app waits for as much as it may. */
  #ask(away: Away, address: Address, channel: boolean): Brought | undefined {
    if (!this.#shares.take(address.app)) return undefined;
    const { now, limits, changed } = this.#context;
    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    const until = now() + limits.connectWait + answerTime;
    const brought: Brought = {
      address,
      channel,
      away,
      stream: 0,
      track: undefined,
      until,
      settled,
      settle,
      calls: 0,
      idle: false,
    };
    this.#brought.set(keyOf(address, channel), brought);
    const of = this.#publishers.get(address.session);
    if (of === undefined) this.#publishers.set(address.session, new Set([brought]));
    else of.add(brought);
    this.#asked.add(brought);
    this.#lookAt ??= now() + lookInterval;
    brought.stream = away.open(channel ? kinds.channel : kinds.pull, address, {
      begun: (track) => this.#begin(brought, track),
      message: (message) => {
        if (brought.until === undefined) this.#context.channels.deliver(address.session, brought.stream, message);
      },
      ended: () => this.#forget(brought),
    });
    changed();
    return brought;
  }

  #begin(brought: Brought, track: Import | undefined): void {
    const { address, channel, stream } = brought;
    brought.until = undefined;
    this.#answered(brought);
    if (channel) this.#context.channels.publish(address.session, stream, address.name);
    else if (track !== undefined) {
      const { router, now } = this.#context;
      brought.track = track;
      this.#tracks.set(track.publication, brought);
      router.follow(address.session, { ...noConsequences, published: [track.publication] }, now());
    }
    brought.settle();
    this.#context.changed();
  }

  #giveBack(brought: Brought): void {
    brought.away.stop(brought.stream);
    this.#forget(brought);
  }

  #forget(brought: Brought): void {
    const { address, channel, stream, track, until } = brought;
    this.#brought.delete(keyOf(address, channel));
    this.#answered(brought);
    const others = this.#publishers.get(address.session);
    others?.delete(brought);
    if (others?.size === 0) this.#publishers.delete(address.session);
    if (channel && until === undefined) this.#context.channels.unpublish(address.session, stream);
    if (track !== undefined) {
      const { router, now } = this.#context;
      this.#tracks.delete(track.publication);
      router.follow(address.session, { ...noConsequences, unpublished: [track.publication] }, now());
      const more = [...(others ?? [])].some((other) => other.track !== undefined);
      if (!more) router.remove(address.session);
    }
    brought.settle();
    this.#context.changed();
  }

  /** It is waited for no longer. */
  #answered(brought: Brought): void {
    if (this.#asked.delete(brought)) this.#shares.give(brought.address.app);
  }
}

const noConsequences = { published: [], unpublished: [], subscribed: [], unsubscribed: [], redirected: [] };

function keyOfPull({ sessionId, trackName }: TrackAddress): string {
  return `${sessionId}/${trackName}`;
}

function keyOf({ app, session, name }: Address, channel: boolean): string {
  return JSON.stringify([channel, app, session, name]);
}
