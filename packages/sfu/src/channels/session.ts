/**
 * The data channels of one session: their ids, and the transport's channels behind them.
 *
 * Id 0 is the server's own `server-events`, which takes stream 0 or 1 by its DTLS role (RFC 8832 §6); others are counted
 * up from 2 and never used twice, since an SCTP stream that was closed may still have messages under way.
 */
import type { DataChannelObject, ErrorCode, SessionStateResponse } from "@satsuma/protocol";
import type { Channel, ChannelListener, ChannelOptions, Transport } from "../transport.ts";

export const serverEvents = "server-events";

interface Held {
  readonly object: DataChannelObject;
  readonly channel: Channel;
  closed: boolean;
}

export class SessionChannels {
  readonly #held = new Map<number, Held>();
  readonly #most: number;
  #nextId = 2;

  /** `most` channels may be open at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Why no further channel can be had, if none can. */
  get obstacle(): ErrorCode | undefined {
    const open = [...this.#held.values()].filter((held) => !held.closed).length;
    return open >= this.#most || this.#nextId > 1_023 ? "invalid_params" : undefined;
  }

  /** Announced in band, because the peer has not asked for it by id. */
  openServerEvents(transport: Transport): void {
    const options = {
      label: serverEvents,
      id: undefined,
      ordered: true,
      maxRetransmits: undefined,
      maxPacketLifeTime: undefined,
    };
    // Nothing is said on it yet, and what a peer says on it has no meaning.
    const channel = transport.channel(options, { message: () => {}, closed: () => {} });
    this.#held.set(0, { object: { location: "remote", dataChannelName: serverEvents, id: 0 }, channel, closed: false });
  }

  /** Opens a channel that the peer opens under the same id; gives the id. */
  open(transport: Transport, object: DataChannelObject, listener: (id: number) => ChannelListener): number {
    const id = this.#nextId;
    this.#nextId += 1;
    const { message, closed } = listener(id);
    const held: Held = {
      object: { ...object, id },
      channel: transport.channel(optionsOf(object, id), {
        message,
        closed: () => {
          held.closed = true;
          closed();
        },
      }),
      closed: false,
    };
    this.#held.set(id, held);
    return id;
  }

  /** False when it is not there or takes no more. */
  send(id: number, message: string | Uint8Array): boolean {
    return this.#held.get(id)?.channel.send(message) ?? false;
  }

  close(id: number): boolean {
    const held = this.#held.get(id);
    if (held === undefined || held.closed) return false;
    held.closed = true;
    held.channel.close();
    return true;
  }

  ids(): number[] {
    return [...this.#held.keys()];
  }

  states(): NonNullable<SessionStateResponse["dataChannels"]> {
    return [...this.#held.values()].map(({ object, closed }) => ({
      ...object,
      status: closed ? "inactive" : "active",
    }));
  }
}

function optionsOf(object: DataChannelObject, id: number): ChannelOptions {
  const { dataChannelName = "", ordered = true, maxRetransmits, maxPacketLifeTime } = object;
  return { label: dataChannelName, id, ordered, maxRetransmits, maxPacketLifeTime };
}
