/**
 * The data channels of one libdatachannel connection.
 *
 * SCTP must be up on our side before the peer can begin its own: libdatachannel (0.24.5) otherwise finds the peer's first
 * message waiting and deadlocks on it in the thread that calls. So whoever offers or answers data channels lets `begin`
 * or `open` finish first. On a connection that is up already, a local channel, a private offer and a private answer
 * bring SCTP up; a private offer from the peer's side would fail ("SCTP transport initialization failed").
 */
import type { Channel, ChannelListener, ChannelOptions, PeerParameters } from "@satsuma/sfu";
import type { DataChannel, PeerConnection } from "node-datachannel";
import { applicationMid, writePrivateDescription } from "./private-description.ts";

/** Bytes that may wait for one channel's peer. A reader that is further behind is not going to catch up. */
const mostBuffered = 4 * 1024 * 1024;
/** The same of all channels of a connection together, beyond the first few bytes of each. */
const mostTogether = 16 * 1024 * 1024;
const first = 65_536;
/** SCTP stream of a channel that nobody uses: libdatachannel offers its line only when it has a channel. */
const carrierStream = 1_022;

/** Takes a step in a callback of libdatachannel, where nothing may be thrown. */
export type Guard = (step: () => void) => void;

export class Channels {
  readonly #connection: PeerConnection;
  readonly #guard: Guard;
  readonly #open = new Set<SctpChannel>();
  /** Those that the peer opened by itself. */
  readonly #uninvited = new Set<DataChannel>();
  /** Held, because native objects close when their wrappers are collected. */
  #carrier: DataChannel | undefined;

  constructor(connection: PeerConnection, guard: Guard) {
    this.#connection = connection;
    this.#guard = guard;
    connection.onDataChannel((native) => {
      // A browser opens one for its offer to have a line for them (partytracks does), and says nothing on it. What is said
      // there would be kept for whoever asks for it, without a bound (libdatachannel 0.24.5), and nobody will: it ends.
      this.#uninvited.add(native);
      native.onClosed(() => this.#uninvited.delete(native));
      native.onMessage(() => native.close());
    });
  }

  /** Before the first description of a connection. `label` announces a channel of that name to the peer. */
  begin(label: string | undefined): void {
    if (this.#carrier !== undefined) return;
    const options = label === undefined ? { negotiated: true, id: carrierStream } : {};
    this.#carrier = this.#connection.createDataChannel(label ?? "", options);
    // As with a track: without a listener for its end the wrapper never lets go, nor the process of the wrapper (0.33.4).
    this.#carrier.onClosed(() => {});
  }

  /** On a connection that is up with `peer`, whose DTLS role is settled. */
  open(peer: PeerParameters, label: string | undefined): void {
    if (this.#carrier !== undefined) return;
    this.begin(label);
    this.#connection.setLocalDescription("offer");
    const mid = applicationMid(this.#connection.localDescription()?.sdp ?? "");
    if (mid === undefined) throw new Error("libdatachannel offered no line for its data channel.");
    this.#connection.setRemoteDescription(writePrivateDescription(peer, mid), "answer");
  }

  create(options: ChannelOptions, listener: ChannelListener): Channel {
    const { label, id, ordered, maxRetransmits, maxPacketLifeTime } = options;
    const native = this.#connection.createDataChannel(label, {
      negotiated: true,
      id,
      unordered: !ordered,
      ...(maxRetransmits !== undefined && { maxRetransmits }),
      ...(maxPacketLifeTime !== undefined && { maxPacketLifeTime }),
    });
    const channel = new SctpChannel(native, listener, {
      guard: this.#guard,
      mayWait: () => [...this.#open].reduce((sum, { waiting }) => sum + waiting, 0) <= mostTogether,
      done: () => this.#open.delete(channel),
    });
    this.#open.add(channel);
    return channel;
  }

  close(): void {
    for (const channel of this.#open) channel.ended();
    // A channel that never opened is not closed with its connection.
    this.#carrier?.close();
  }
}

interface Surroundings {
  readonly guard: Guard;
  /** Whether more may wait on all channels of the connection. */
  readonly mayWait: () => boolean;
  readonly done: () => void;
}

class SctpChannel implements Channel {
  readonly #native: DataChannel;
  readonly #listener: ChannelListener;
  readonly #mayWait: () => boolean;
  readonly #done: () => void;
  /** Messages from before the channel was open. */
  readonly #early: (string | Uint8Array)[] = [];
  #earlyBytes = 0;
  #closed = false;

  constructor(native: DataChannel, listener: ChannelListener, { guard, mayWait, done }: Surroundings) {
    this.#native = native;
    this.#listener = listener;
    this.#mayWait = mayWait;
    this.#done = done;
    native.onMessage((message) => {
      if (this.#closed) return;
      guard(() => listener.message(message instanceof ArrayBuffer ? new Uint8Array(message) : message));
    });
    native.onClosed(() => guard(() => this.ended()));
    native.onError(() => guard(() => this.ended()));
    native.onOpen(() => {
      this.#earlyBytes = 0;
      for (const message of this.#early.splice(0)) this.#write(message);
    });
  }

  /** Bytes that were sent and have not left. */
  get waiting(): number {
    return this.#native.isOpen() ? this.#native.bufferedAmount() : this.#earlyBytes;
  }

  send(message: string | Uint8Array): boolean {
    if (this.#closed) return false;
    const { waiting } = this;
    if (waiting > mostBuffered || (waiting > first && !this.#mayWait())) return false;
    if (this.#native.isOpen()) return this.#write(message);
    this.#earlyBytes += message.length;
    this.#early.push(typeof message === "string" ? message : message.slice());
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#done();
    this.#native.close();
  }

  /** The peer or the connection ended it. */
  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#done();
    this.#native.close();
    this.#listener.closed();
  }

  #write(message: string | Uint8Array): boolean {
    try {
      return typeof message === "string" ? this.#native.sendMessage(message) : this.#native.sendMessageBinary(message);
    } catch {
      // Closed on libdatachannel's own thread; onClosed is on its way.
      return false;
    }
  }
}
