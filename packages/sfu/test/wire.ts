/** The peer's end of a session's transport, in memory: it hears what the SFU sends and does what a peer would do. */
import type {
  Channel,
  ChannelListener,
  ChannelOptions,
  FirstChannels,
  LocalParameters,
  PeerParameters,
  Transport,
  TransportListener,
  TransportState,
} from "../src/index.ts";

/** The peer's end of one data channel. */
export class WireChannel implements Channel {
  readonly options: ChannelOptions;
  readonly #listener: ChannelListener;
  /** What the SFU sent on it since it was last taken. */
  #received: (string | Uint8Array)[] = [];
  open = true;
  /** Set to make the SFU find its peer too slow. */
  full = false;

  constructor(options: ChannelOptions, listener: ChannelListener) {
    this.options = options;
    this.#listener = listener;
  }

  send(message: string | Uint8Array): boolean {
    if (!this.open || this.full) return false;
    this.#received.push(message);
    return true;
  }

  /** What the SFU does; its listener hears nothing of it. */
  close(): void {
    this.open = false;
  }

  /** A message of the peer. */
  say(message: string | Uint8Array): void {
    if (this.open) this.#listener.message(message);
  }

  /** The peer ends it. */
  end(): void {
    if (!this.open) return;
    this.open = false;
    this.#listener.closed();
  }

  take(): (string | Uint8Array)[] {
    return this.#received.splice(0);
  }
}

export class Wire implements Transport {
  readonly local: LocalParameters;
  readonly remote: PeerParameters | undefined;
  readonly #listener: TransportListener;
  /** Copies of what the SFU sent since it was last taken. */
  received: Uint8Array[] = [];
  accepted: PeerParameters | undefined;
  /** Candidates that the SFU was told of after the description. */
  readonly learned: string[] = [];
  state: TransportState = "connecting";
  /** Whether SCTP is up, and the label that the SFU announced in band. */
  sctp: { readonly label: string | undefined } | undefined;
  readonly #offeredSctp: FirstChannels | undefined;
  readonly channels = new Map<number, WireChannel>();

  constructor(
    name: string,
    remote: PeerParameters | undefined,
    listener: TransportListener,
    channels: FirstChannels | undefined,
  ) {
    this.remote = remote;
    this.#listener = listener;
    if (remote === undefined) this.#offeredSctp = channels;
    else this.sctp = channels;
    this.local = {
      iceUfrag: name,
      icePwd: "s".repeat(24),
      iceLite: false,
      fingerprint: { algorithm: "sha-256", value: Array.from({ length: 32 }, () => "5F").join(":") },
      setup: remote === undefined ? "actpass" : remote.setup === "active" ? "passive" : "active",
      candidates: ["1 1 UDP 2130706431 192.0.2.1 8788 typ host"],
    };
  }

  accept(remote: PeerParameters, channels: boolean): void {
    if (this.accepted !== undefined || this.remote !== undefined) throw new Error("This transport has its peer.");
    this.accepted = remote;
    if (channels) this.sctp = this.#offeredSctp;
  }

  learn(candidate: string): void {
    this.learned.push(candidate);
  }

  /** Keeps what is sent to a peer that is away for a moment too, so that its numbers can be checked. */
  send(packet: Uint8Array): void {
    if (this.state === "connected" || this.state === "disconnected") this.received.push(packet.slice());
  }

  openChannels(label: string | undefined): void {
    if (this.sctp !== undefined) throw new Error("Data channels are set up once.");
    if (this.state !== "connected") throw new Error("Data channels are set up later only on a connected transport.");
    this.sctp = { label };
  }

  channel(options: ChannelOptions, listener: ChannelListener): WireChannel {
    if (this.sctp === undefined) throw new Error("A data channel needs SCTP.");
    if (this.channels.has(options.id)) throw new Error("A stream id is used once.");
    const channel = new WireChannel(options, listener);
    this.channels.set(options.id, channel);
    return channel;
  }

  close(): void {
    this.enter("closed");
  }

  /** What the peer or the network does. */
  enter(state: TransportState): void {
    if (this.state === "closed" || this.state === state) return;
    this.state = state;
    this.#listener.state(state);
    if (state === "closed") for (const channel of this.channels.values()) channel.end();
  }

  /** A packet of the peer. */
  deliver(packet: Uint8Array): void {
    if (this.state === "connected") this.#listener.packet(packet);
  }

  take(): Uint8Array[] {
    return this.received.splice(0);
  }
}
