/**
 * The way of media between a page's connection and the SFU: ICE, DTLS and SRTP as far as anybody above them can tell.
 *
 * A path that is cut falls silent: both ends say "disconnected" after five seconds and give up after thirty. A browser
 * that closes tells the SFU at once, if that gets through; an SFU that is gone tells nobody.
 */
import type {
  Channel,
  ChannelOptions,
  LocalParameters,
  PeerParameters,
  Transport,
  TransportListener,
  TransportState,
} from "@satsuma/sfu";
import type { Clock, Planned } from "./clock.ts";
import type { Fate } from "./fate.ts";
import { readPacket, writePacket } from "./packets.ts";
import type { ModelPeerConnection } from "./peer-connection.ts";

/** ms. */
const silence = 5_000;
const patience = 25_000;
const beat = 700;

export interface PathContext {
  readonly clock: Clock;
  readonly fate: Fate;
}

export class Path implements Transport {
  readonly local: LocalParameters;
  readonly peerUfrag: string;
  readonly #context: PathContext;
  readonly #listener: TransportListener;
  #state: TransportState = "connecting";
  #connection: ModelPeerConnection | undefined;
  /** The SFU's process is gone. */
  #dead = false;
  #blocked = false;
  #silence: Planned | undefined;
  #end: Planned | undefined;

  constructor(ufrag: string, remote: PeerParameters, listener: TransportListener, context: PathContext) {
    this.peerUfrag = remote.iceUfrag;
    this.#listener = listener;
    this.#context = context;
    this.local = {
      iceUfrag: ufrag,
      icePwd: "s".repeat(24),
      iceLite: false,
      fingerprint: { algorithm: "sha-256", value: Array.from({ length: 32 }, () => "5F").join(":") },
      setup: "passive",
      candidates: ["1 1 UDP 2130706431 192.0.2.1 8788 typ host"],
    };
  }

  /** Set by the SFU's world, which opens paths only for offers of a page. */
  accept(): void {
    throw new Error("This path answers.");
  }

  learn(): void {}

  openChannels(): void {}

  channel({ id }: ChannelOptions): Channel {
    const waiting: string[] = [];
    let at = 0;
    // Kept until the connection is up, and sent again while nothing gets through. Whichever comes through brings the oldest:
    // SCTP keeps the order.
    const bring = () => {
      at = Math.max(at, this.#context.clock.now + this.#delay());
      this.#later(at - this.#context.clock.now, () => {
        if (this.#state === "closed" || this.#connection?.isClosed) return;
        if (!this.isLive || this.#isBlocked) return bring();
        const data = waiting.shift() ?? "";
        const channel = this.#connection?.channels.get(id);
        this.#page(() => channel?.onmessage?.({ data }));
      });
    };
    return {
      send: (message) => {
        if (this.#state === "closed") return false;
        waiting.push(String(message));
        bring();
        return true;
      },
      close: () => {},
    };
  }

  get isLive(): boolean {
    return this.#state === "connected" && this.#connection?.connectionState === "connected";
  }

  /** The browser has the SFU's description: checks begin. */
  connect(connection: ModelPeerConnection): void {
    if (this.#connection !== undefined) return;
    this.#connection = connection;
    connection.left = () => this.#later(this.#delay(), () => this.close());
    connection.page.later(0, () => connection.enter("connecting"));
    this.#check();
  }

  #check(): void {
    this.#later(this.#delay() * 3, () => {
      if (this.#isBlocked) {
        if (this.#connection?.isClosed === false && this.#state === "connecting") this.#check();
        return;
      }
      this.#enter("connected");
      this.#page(() => this.#connection?.enter("connected"));
      this.#send();
    });
  }

  /** Nothing gets through, or everything again. */
  block(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#look();
  }

  /** The SFU's process ends without a word. */
  kill(): void {
    this.#dead = true;
    this.#state = "closed";
    this.#look();
  }

  /** What the SFU does, or the browser's farewell. */
  close(): void {
    if (this.#state === "closed") return;
    this.#enter("closed");
    this.#look();
  }

  send(packet: Uint8Array): void {
    const connection = this.#connection;
    if (!this.isLive || this.#isBlocked || connection === undefined) return;
    const read = readPacket(packet);
    const receiver = read && connection.incoming.get(read.ssrc)?.receiver;
    if (read === undefined || receiver === undefined) return;
    receiver.bytesReceived += packet.length;
    receiver.heard = { mark: read.mark, at: this.#context.clock.now };
  }

  get #isBlocked(): boolean {
    return this.#dead || this.#blocked || this.#state === "closed" || this.#connection?.page.cut === true;
  }

  /** Looks whether the path is up, and what follows for both ends. Called when something may have changed. */
  #look(): void {
    if (this.#isBlocked) {
      if (this.#silence !== undefined) return;
      this.#silence = this.#later(silence, () => {
        if (!this.#isBlocked) return;
        this.#enter("disconnected");
        this.#page(() => this.#connection?.connectionState === "connected" && this.#connection.enter("disconnected"));
      });
      this.#end = this.#later(silence + patience, () => {
        if (!this.#isBlocked) return;
        this.#enter("closed");
        this.#page(() => this.#connection?.enter("failed"));
      });
      return;
    }
    for (const planned of [this.#silence, this.#end]) if (planned) planned.cancelled = true;
    this.#silence = undefined;
    this.#end = undefined;
    if (this.#state !== "disconnected" && this.#connection?.connectionState !== "disconnected") return;
    this.#enter("connected");
    this.#page(() => this.#connection?.enter("connected"));
  }

  /** The page's network was cut, or is back. */
  networkChanged(): void {
    this.#look();
  }

  #send(): void {
    const connection = this.#connection;
    if (connection === undefined || connection.isClosed || this.#state === "closed") return;
    this.#later(beat, () => this.#send());
    if (this.#isBlocked || connection.connectionState !== "connected") return;
    const at = this.#context.clock.now;
    for (const { kind, mid, sender, isSending } of connection.getTransceivers()) {
      const { track, encodings, ssrc } = sender;
      if (!isSending || mid === null || track === null || track.readyState === "ended") continue;
      const mark = track.enabled ? track.mark : 0;
      for (const [layer, { active, rid }] of encodings.entries()) {
        if (active === false) continue;
        sender.sequence += 1;
        const packet = writePacket({ kind, ssrc: ssrc + layer, sequence: sender.sequence, at, mid, rid, mark });
        sender.bytesSent += packet.length;
        this.#listener.packet(packet);
      }
    }
  }

  #enter(state: TransportState): void {
    if (this.#state === "closed" || this.#state === state) return;
    this.#state = state;
    if (!this.#dead) this.#listener.state(state);
  }

  #page(work: () => void): void {
    const connection = this.#connection;
    if (connection !== undefined) connection.page.run(work);
  }

  #later(after: number, work: () => void): Planned {
    return this.#context.clock.plan(after, work);
  }

  #delay(): number {
    return this.#context.fate.delay(5, 40);
  }
}
