/**
 * The data channel calls of the API: what a request does to the sessions' channels and to the registry of who feeds whom.
 *
 * Messages take the same way: a channel hears one, the registry names its targets, and their sessions send it on.
 */
import {
  type DataChannelObject,
  type DataChannelResult,
  type DataChannelsRequest,
  type DataChannelsResponse,
  type ErrorCode,
  RefusedError,
} from "@satsuma/protocol";
import type { HomeChannels } from "../pipe/home.ts";
import type { AwayChannels } from "../pipe/imports.ts";
import type { Address } from "../pipe/line.ts";
import type { LiveSession } from "../session/live.ts";
import type { ChannelListener } from "../transport.ts";
import { type ChannelAddress, ChannelRegistry } from "./registry.ts";

/** Who has channels: a session, or what stands for those of another server. */
export interface ChannelEnd {
  readonly app: string;
  readonly id: string;
  /** False when it is not there or takes no more. */
  sendOnChannel(id: number, message: string | Uint8Array): boolean;
  closeChannel(id: number): void;
  /** The publisher of this subscription of another server is gone. */
  orphaned?(id: number): void;
  /** Whether one of the subscribers here may reply to this publisher elsewhere. */
  allowReplies?(id: number, allowed: boolean): void;
}

export interface ChannelsContext {
  readonly now: () => number;
  /** A live session, of any app, or what stands for one. */
  readonly session: (id: string) => ChannelEnd | undefined;
  /** The next deadline may have changed. */
  readonly changed: () => void;
  /** A message of so many bytes was sent to `session`, of the channel that its publisher named `session/name`. */
  readonly sent: (session: ChannelEnd, channel: string, bytes: number) => void;
}

export class ChannelCalls implements HomeChannels, AwayChannels {
  readonly #registry = new ChannelRegistry();
  readonly #context: ChannelsContext;

  constructor(context: ChannelsContext) {
    this.#context = context;
  }

  /** Publishes local channels, or subscribes to remote ones. */
  open(session: LiveSession, request: DataChannelsRequest): DataChannelsResponse {
    return this.#each(request, (object) => {
      const { transport, channels } = session.channelCarrier();
      if (object.dataChannelName === undefined)
        return failed(object, "invalid_params", "A data channel needs dataChannelName.");
      if (channels.obstacle !== undefined)
        return failed(object, channels.obstacle, "The session has as many data channels as it may have.");
      const subscribes = object.location === "remote";
      const obstacle = subscribes ? this.#unsubscribable(session, object) : this.#unpublishable(session, object);
      if (obstacle !== undefined) return obstacle;
      const name = object.dataChannelName;
      const id = channels.open(transport, object, (opened) => this.#listener({ session: session.id, id: opened }));
      const address = { session: session.id, id };
      const { canReply = false, waitForAck = false, sessionId = "" } = object;
      if (subscribes) {
        const of = { session: sessionId, name };
        this.#registry.subscribe(address, of, { canReply, waitForAck }, this.#context.now());
        if (canReply) this.#tellReplies(of);
      } else this.#registry.publish(address, name);
      return { ...object, id };
    });
  }

  update(session: LiveSession, request: DataChannelsRequest): DataChannelsResponse {
    return this.#each(request, (object) => {
      const { sessionId = "", dataChannelName = "", canReply = false } = object;
      const of = { session: sessionId, name: dataChannelName };
      if (!this.#registry.allowReply(session.id, of, canReply)) {
        return failed(object, "not_found_track_error", "The session has no subscription to this data channel.");
      }
      this.#tellReplies(of);
      return { ...object, canReply };
    });
  }

  close(session: LiveSession, request: DataChannelsRequest): DataChannelsResponse {
    return this.#each(request, (object) => {
      const { id } = object;
      if (id === undefined || !session.closeChannel(id)) {
        return failed(object, "close_track_error", "Channel doesn't exist or was already closed.");
      }
      this.#forget({ session: session.id, id });
      return { id };
    });
  }

  /** The session has ended, and its channels with it. */
  ended(session: LiveSession): void {
    for (const id of session.channelIds()) this.#forget({ session: session.id, id });
  }

  /** A subscriber behind a line to another server. */
  subscribe(from: string, stream: number, { app, session, name }: Address): boolean {
    if (this.#context.session(session)?.app !== app || !this.#registry.published(session, name)) return false;
    const options = { canReply: false, waitForAck: false };
    this.#registry.subscribe({ session: from, id: stream }, { session, name }, options, this.#context.now());
    return true;
  }

  allow(from: string, stream: number, allowed: boolean): void {
    this.#registry.allow({ session: from, id: stream }, allowed);
  }

  unsubscribe(from: string, stream: number): void {
    this.#registry.close({ session: from, id: stream });
  }

  /** A publisher of another server. */
  publish(from: string, stream: number, name: string): void {
    this.#registry.publish({ session: from, id: stream }, name);
  }

  subscribed(from: string, name: string): boolean {
    return (this.#registry.publisher(from, name)?.subscribers ?? 0) > 0;
  }

  unpublish(from: string, stream: number): void {
    this.#registry.close({ session: from, id: stream });
  }

  /** A message that came on this channel goes to whoever gets it. */
  deliver(from: string, id: number, message: string | Uint8Array): void {
    const address = { session: from, id };
    const targets = this.#registry.targets(address);
    if (targets.length === 0) return;
    const source = this.#registry.source(address);
    const bytes = typeof message === "string" ? new TextEncoder().encode(message).length : message.length;
    for (const target of targets) {
      const session = this.#context.session(target.session);
      if (session === undefined) continue;
      if (session.sendOnChannel(target.id, message)) {
        this.#context.sent(session, source, bytes);
        continue;
      }
      // A subscriber that is too far behind loses its channel and nobody else waits for it.
      session.closeChannel(target.id);
      this.#registry.close(target);
    }
  }

  wake(now: number): void {
    for (const { session, id } of this.#registry.expired(now)) this.#context.session(session)?.closeChannel(id);
  }

  nextDeadline(): number | undefined {
    return this.#registry.nextDeadline();
  }

  #each(request: DataChannelsRequest, step: (object: DataChannelObject) => DataChannelResult): DataChannelsResponse {
    const dataChannels = request.dataChannels.map(step);
    this.#context.changed();
    return { dataChannels };
  }

  #unpublishable(session: LiveSession, object: DataChannelObject): DataChannelResult | undefined {
    if (!this.#registry.published(session.id, object.dataChannelName ?? "")) return undefined;
    return failed(object, "repeated_local_track_error", "The session publishes a data channel of that name already.");
  }

  #unsubscribable(session: LiveSession, object: DataChannelObject): DataChannelResult | undefined {
    const publisher = this.#context.session(object.sessionId ?? "");
    const there =
      publisher?.app === session.app && this.#registry.published(publisher.id, object.dataChannelName ?? "");
    return there
      ? undefined
      : failed(object, "not_found_track_error", "The data channel was not found at its publisher.");
  }

  #listener(address: ChannelAddress): ChannelListener {
    return {
      message: (message) => this.deliver(address.session, address.id, message),
      closed: () => this.#forget(address),
    };
  }

  #tellReplies({ session, name }: { readonly session: string; readonly name: string }): void {
    const publisher = this.#registry.publisher(session, name);
    if (publisher === undefined) return;
    this.#context.session(session)?.allowReplies?.(publisher.address.id, publisher.replies);
  }

  /** A channel of a session is over. Its subscribers here stay; those elsewhere are told. */
  #forget(address: ChannelAddress): void {
    const subscribers = this.#registry.subscribers(address);
    this.#registry.close(address);
    for (const { session, id } of subscribers) this.#context.session(session)?.orphaned?.(id);
  }
}

/** Refuses a request that mixes publishing with subscribing, as the API has it. */
export function checkOneLocation(request: DataChannelsRequest): void {
  const locations = new Set(request.dataChannels.map((object) => object.location));
  if (locations.size === 1 && !locations.has(undefined)) return;
  throw new RefusedError("invalid_params", "Data channels of one request are all local or all remote.");
}

function failed(object: DataChannelObject, errorCode: ErrorCode, errorDescription: string): DataChannelResult {
  return { ...object, errorCode, errorDescription };
}
