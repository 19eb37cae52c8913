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
/** SCTP stream of a channel that nobody uses: libdatachannel offers its line only when it has a channel. */
const carrierStream = 1_022;

export class Channels {
  readonly #connection: PeerConnection;
  readonly #open = new Set<SctpChannel>();
  /** Held, because native objects close when their wrappers are collected. */
  #carrier: DataChannel | undefined;

  constructor(connection: PeerConnection) {
    this.#connection = connection;
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
    const channel = new SctpChannel(native, listener, () => this.#open.delete(channel));
    this.#open.add(channel);
    return channel;
  }

  close(): void {
    for (const channel of this.#open) channel.ended();
    // A channel that never opened is not closed with its connection.
    this.#carrier?.close();
  }
}

class SctpChannel implements Channel {
  readonly #native: DataChannel;
  readonly #listener: ChannelListener;
  readonly #done: () => void;
  /** Messages from before the channel was open. */
  readonly #early: (string | Uint8Array)[] = [];
  #earlyBytes = 0;
  #closed = false;

  constructor(native: DataChannel, listener: ChannelListener, done: () => void) {
    this.#native = native;
    this.#listener = listener;
    this.#done = done;
    native.onMessage((message) => {
      if (!this.#closed) listener.message(message instanceof ArrayBuffer ? new Uint8Array(message) : message);
    });
    native.onClosed(() => this.ended());
    native.onError(() => this.ended());
    native.onOpen(() => {
      for (const message of this.#early.splice(0)) this.#write(message);
    });
  }

  send(message: string | Uint8Array): boolean {
    if (this.#closed) return false;
    if (this.#native.isOpen()) return this.#native.bufferedAmount() <= mostBuffered && this.#write(message);
    this.#earlyBytes += message.length;
    if (this.#earlyBytes > mostBuffered) return false;
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
