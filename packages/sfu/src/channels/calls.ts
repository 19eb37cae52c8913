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
import type { LiveSession } from "../session/live.ts";
import type { ChannelListener } from "../transport.ts";
import { ChannelRegistry } from "./registry.ts";

export interface ChannelsContext {
  readonly now: () => number;
  /** A live session, of any app. */
  readonly session: (id: string) => LiveSession | undefined;
  /** The next deadline may have changed. */
  readonly changed: () => void;
  /** A message of so many bytes was sent to `session`, of the channel that its publisher named `session/name`. */
  readonly sent: (session: LiveSession, channel: string, bytes: number) => void;
}

export class ChannelCalls {
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
      if (subscribes)
        this.#registry.subscribe(address, { session: sessionId, name }, { canReply, waitForAck }, this.#context.now());
      else this.#registry.publish(address, name);
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
      return { ...object, canReply };
    });
  }

  close(session: LiveSession, request: DataChannelsRequest): DataChannelsResponse {
    return this.#each(request, (object) => {
      const { id } = object;
      if (id === undefined || !session.closeChannel(id)) {
        return failed(object, "close_track_error", "Channel doesn't exist or was already closed.");
      }
      this.#registry.close({ session: session.id, id });
      return { id };
    });
  }

  /** The session has ended, and its channels with it. */
  ended(session: LiveSession): void {
    for (const id of session.channelIds()) this.#registry.close({ session: session.id, id });
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

  #listener(address: { session: string; id: number }): ChannelListener {
    return {
      message: (message) => {
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
      },
      closed: () => {
        this.#registry.close(address);
      },
    };
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
