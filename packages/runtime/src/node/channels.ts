/**
 * The data channels of one libdatachannel connection.
 *
 * SCTP is brought up from our side: a local channel, a private offer, and a private answer written for the peer. The other
 * way round, a private offer that adds the line, libdatachannel cannot do (0.33: "SCTP transport initialization failed").
 * Channels asked for before the connection is up wait for it.
 */
import type { Channel, ChannelListener, ChannelOptions, PeerParameters } from "@satsuma/sfu";
import type { DataChannel, PeerConnection } from "node-datachannel";
import { applicationMid, writePrivateDescription } from "./private-description.ts";

/** Bytes that may wait for one channel's peer. A reader that is further behind is not going to catch up. */
const mostBuffered = 4 * 1024 * 1024;

export class Channels {
  readonly #connection: PeerConnection;
  readonly #waiting: QueuedChannel[] = [];
  readonly #open = new Set<QueuedChannel>();
  /** The peer with its settled DTLS role; known when the connection is up. */
  #peer: PeerParameters | undefined;
  #negotiated = false;

  constructor(connection: PeerConnection) {
    this.#connection = connection;
  }

  /** The connection is up with this peer. */
  connected(peer: PeerParameters): void {
    if (this.#peer !== undefined) return;
    this.#peer = peer;
    for (const channel of this.#waiting.splice(0)) this.#start(channel);
  }

  create(options: ChannelOptions, listener: ChannelListener): Channel {
    const channel = new QueuedChannel(options, listener, () => this.#open.delete(channel));
    if (this.#peer === undefined) this.#waiting.push(channel);
    else this.#start(channel);
    return channel;
  }

  close(): void {
    for (const channel of [...this.#waiting.splice(0), ...this.#open]) channel.ended();
  }

  #start(channel: QueuedChannel): void {
    if (channel.closed) return;
    const { label, id, ordered, maxRetransmits, maxPacketLifeTime } = channel.options;
    const native = this.#connection.createDataChannel(label, {
      unordered: !ordered,
      ...(id !== undefined && { negotiated: true, id }),
      ...(maxRetransmits !== undefined && { maxRetransmits }),
      ...(maxPacketLifeTime !== undefined && { maxPacketLifeTime }),
    });
    this.#open.add(channel);
    channel.attach(native);
    this.#negotiate();
  }

  #negotiate(): void {
    if (this.#negotiated || this.#peer === undefined) return;
    this.#negotiated = true;
    this.#connection.setLocalDescription("offer");
    const mid = applicationMid(this.#connection.localDescription()?.sdp ?? "");
    if (mid === undefined) throw new Error("libdatachannel offered no line for its data channel.");
    this.#connection.setRemoteDescription(writePrivateDescription(this.#peer, mid), "answer");
  }
}

class QueuedChannel implements Channel {
  readonly options: ChannelOptions;
  readonly #listener: ChannelListener;
  readonly #done: () => void;
  readonly #queue: (string | Uint8Array)[] = [];
  #queued = 0;
  #native: DataChannel | undefined;
  #closed = false;

  constructor(options: ChannelOptions, listener: ChannelListener, done: () => void) {
    this.options = options;
    this.#listener = listener;
    this.#done = done;
  }

  get closed(): boolean {
    return this.#closed;
  }

  attach(native: DataChannel): void {
    this.#native = native;
    native.onMessage((message) => {
      if (this.#closed) return;
      this.#listener.message(message instanceof ArrayBuffer ? new Uint8Array(message) : message);
    });
    native.onClosed(() => this.ended());
    native.onError(() => this.ended());
    native.onOpen(() => {
      for (const message of this.#queue.splice(0)) this.#write(native, message);
      this.#queued = 0;
    });
  }

  send(message: string | Uint8Array): boolean {
    if (this.#closed) return false;
    const native = this.#native;
    if (native?.isOpen()) return native.bufferedAmount() <= mostBuffered && this.#write(native, message);
    this.#queued += message.length;
    if (this.#queued > mostBuffered) return false;
    this.#queue.push(typeof message === "string" ? message : message.slice());
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#done();
    this.#native?.close();
  }

  /** The peer or the connection ended it. */
  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#done();
    this.#listener.closed();
  }

  #write(native: DataChannel, message: string | Uint8Array): boolean {
    try {
      return typeof message === "string" ? native.sendMessage(message) : native.sendMessageBinary(message);
    } catch {
      // Closed on libdatachannel's own thread; onClosed is on its way.
      return false;
    }
  }
}
