/**
 * The data channels of one session: their ids, and the transport's channels behind them.
 *
 * Id 0 is the server's own `server-events`, which takes stream 0 or 1 by its DTLS role (RFC 8832 §6); others are counted
 * up from 2 and never used twice, since an SCTP stream that was closed may still have messages under way.
 */
import type { DataChannelObject, ErrorCode, SessionStateResponse } from "@satsuma/protocol";
import type { Channel, ChannelListener, ChannelOptions, Transport } from "../transport.ts";

export const serverEvents = "server-events";

/** SCTP streams that libdatachannel opens by default are 1,024; the uppermost are its adapter's. */
const highestId = 1_021;

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
    return open >= this.#most || this.#nextId > highestId ? "invalid_params" : undefined;
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
    const own = { location: "remote" as const, dataChannelName: serverEvents, id: 0, status: "active" as const };
    const others = [...this.#held.values()].map(({ object, closed }) => {
      return { ...object, status: closed ? ("inactive" as const) : ("active" as const) };
    });
    return [own, ...others];
  }
}

function optionsOf(object: DataChannelObject, id: number): ChannelOptions {
  const { dataChannelName = "", ordered = true, maxRetransmits, maxPacketLifeTime } = object;
  return { label: dataChannelName, id, ordered, maxRetransmits, maxPacketLifeTime };
}
