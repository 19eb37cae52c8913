/**
 * A transport that was offered to a peer and has no connection before the peer answers.
 *
 * libdatachannel (0.24.5) as the side that offers may begin DTLS with a peer whose checks come before the answer is
 * stored, and then refuses that peer's certificate: one in thirty connections on a busy machine. So what is offered is
 * written here, and when the answer is there libdatachannel is given both sides at once, as one that answers.
 */
import { randomBytes } from "node:crypto";
import type {
  Channel,
  ChannelListener,
  ChannelOptions,
  FirstChannels,
  LocalParameters,
  PeerParameters,
  Transport,
  TransportListener,
} from "@satsuma/sfu";

/** What a connection is made with, so that it is the one that was offered. */
export interface Credentials {
  readonly iceUfrag: string;
  readonly icePwd: string;
}

/** Connects to a peer under credentials that it knows already. */
type Connect = (
  remote: PeerParameters,
  credentials: Credentials,
  listener: TransportListener,
  channels: FirstChannels | undefined,
) => Transport;

export class OfferedTransport implements Transport {
  readonly local: LocalParameters;
  readonly #listener: TransportListener;
  readonly #channels: FirstChannels | undefined;
  readonly #connect: Connect;
  #connected: Transport | undefined;
  #closed = false;

  constructor(
    local: Pick<LocalParameters, "fingerprint" | "candidates">,
    listener: TransportListener,
    channels: FirstChannels | undefined,
    connect: Connect,
  ) {
    this.local = { ...newCredentials(), iceLite: false, setup: "actpass", ...local };
    this.#listener = listener;
    this.#channels = channels;
    this.#connect = connect;
  }

  accept(remote: PeerParameters, channels: boolean): void {
    if (this.#closed) return;
    const first = channels ? (this.#channels ?? { label: undefined }) : undefined;
    this.#connected = this.#connect(remote, this.local, this.#listener, first);
  }

  learn(candidate: string): void {
    this.#connected?.learn(candidate);
  }

  send(packet: Uint8Array): void {
    this.#connected?.send(packet);
  }

  openChannels(label: string | undefined): void {
    this.#answered().openChannels(label);
  }

  channel(options: ChannelOptions, listener: ChannelListener): Channel {
    return this.#answered().channel(options, listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#connected === undefined) this.#listener.state("closed");
    else this.#connected.close();
  }

  #answered(): Transport {
    if (this.#connected === undefined) throw new Error("Data channels are opened on a transport that is connected.");
    return this.#connected;
  }
}

/** 48 and 144 random bits, in ICE's own alphabet (RFC 8839 §5.4 wants at least 24 and 128). */
function newCredentials(): Credentials {
  const text = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");
  return { iceUfrag: text(6), icePwd: text(18) };
}
