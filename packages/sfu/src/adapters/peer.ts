/**
 * A peer inside the server: a transport that ends in memory, and the descriptions to negotiate it with.
 *
 * An adapter is a session like any other whose peer happens to be ours, so that naming, waiting, errors and the end of
 * tracks need no second set of rules.
 */
import type { SessionDescription } from "@satsuma/protocol";
import type { Direction } from "../sdp/description.ts";
import { writeDescription } from "../sdp/write.ts";
import type { Channel, LocalParameters, Transport, TransportListener, Transports } from "../transport.ts";

/** mid of the only m-line. */
export const onlyMid = "0";
/** Chrome's number for Opus. */
export const opusPayloadType = 111;

/** Well-formed and meaningless: nothing ever connects with them. */
const parameters: LocalParameters = {
  iceUfrag: "memory",
  icePwd: "memorymemorymemorymemory",
  iceLite: false,
  fingerprint: { algorithm: "sha-256", value: Array.from({ length: 32 }, () => "00").join(":") },
  setup: "actpass",
  candidates: [],
};

const opus = {
  payloadType: opusPayloadType,
  name: "opus",
  clockRate: 48_000,
  channels: 2,
  parameters: "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1",
  feedback: [],
};

export interface MemoryListener {
  /** A packet of the server. The bytes are overwritten after it returns. */
  packet(bytes: Uint8Array): void;
  /** The session has ended. */
  closed(): void;
}

export class MemoryPeer implements Transports, Transport {
  readonly local: LocalParameters = { ...parameters, setup: "active" };
  readonly #listener: MemoryListener;
  #session: TransportListener | undefined;
  #closed = false;

  constructor(listener: MemoryListener) {
    this.#listener = listener;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** An offer of one Opus track; `ssrc` is what it is sent under. */
  describe(direction: Direction, ssrc: number): SessionDescription {
    const stream = { ssrc, cname: "adapter", streamId: "adapter", trackId: "audio" };
    const section = {
      mid: onlyMid,
      kind: "audio" as const,
      rejected: false,
      direction,
      codecs: [opus],
      extensions: [],
      ssrcs: [],
      rids: [],
      stream: direction === "sendonly" ? stream : undefined,
    };
    const sdp = writeDescription({ id: "1", version: 1, transport: parameters, media: [section] });
    return { type: "offer", sdp };
  }

  /** From now on packets go through. */
  connect(): void {
    this.#session?.state("connected");
  }

  /** A packet to the server. */
  say(packet: Uint8Array): void {
    if (!this.#closed) this.#session?.packet(packet);
  }

  async answer(_remote: unknown, session: TransportListener): Promise<Transport> {
    this.#session = session;
    return this;
  }

  async offer(): Promise<Transport> {
    throw new Error("A peer in memory offers; it is never offered to.");
  }

  send(packet: Uint8Array): void {
    if (!this.#closed) this.#listener.packet(packet);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#session?.state("closed");
    this.#listener.closed();
  }

  accept(): void {}

  learn(): void {}

  openChannels(): void {
    throw new Error("A peer in memory has no data channels.");
  }

  channel(): Channel {
    throw new Error("A peer in memory has no data channels.");
  }
}
