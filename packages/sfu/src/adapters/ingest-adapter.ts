/** An adapter that publishes: PCM of a WebSocket in, RTP into the session that was made for it. It lives as long as both. */
import type { Adapter, AdapterHost } from "./adapter.ts";
import { Ingest } from "./ingest.ts";
import { readPacket } from "./packet.ts";
import type { MemoryPeer } from "./peer.ts";
import type { AdapterSocket, AudioEncoder, SocketListener } from "./platform.ts";

export interface IngestParts {
  readonly app: string;
  readonly peer: MemoryPeer;
  readonly encoder: AudioEncoder;
  readonly ssrc: number;
  readonly host: AdapterHost;
}

export class IngestAdapter implements Adapter {
  readonly app: string;
  bytesProcessed = 0;
  readonly #parts: IngestParts;
  readonly #ingest: Ingest;
  #socket: AdapterSocket | undefined;
  #paused = false;
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  constructor(parts: IngestParts) {
    this.app = parts.app;
    this.#parts = parts;
    const { encoder, ssrc, host } = parts;
    const encode = (pcm: Uint8Array) => encoder.encode(pcm);
    this.#ingest = new Ingest({ ssrc, firstSequence: ssrc & 0xffff, firstTimestamp: ssrc, encode }, host.now());
  }

  readonly listener: SocketListener = {
    message: (bytes) => {
      if (this.#over) return;
      const packet = readPacket(bytes);
      if (packet === undefined) {
        this.#end(1007);
        return;
      }
      this.bytesProcessed += packet.payload.length;
      this.#ingest.received(packet.payload, this.#parts.host.now());
      this.#flow();
    },
    closed: () => this.close(),
  };

  /** The WebSocket is open. */
  begin(socket: AdapterSocket): void {
    if (this.#over) {
      socket.close(1000);
      return;
    }
    this.#socket = socket;
    this.#parts.peer.connect();
    this.#flow();
  }

  nextDeadline(): number | undefined {
    return this.#socket === undefined || this.#over ? undefined : this.#ingest.nextDeadline();
  }

  wake(): void {
    if (!this.#over) this.#flow();
  }

  close(): void {
    this.#end(1000);
  }

  #flow(): void {
    if (this.#socket === undefined) return;
    for (const packet of this.#ingest.due(this.#parts.host.now())) this.#parts.peer.say(packet);
    const { full } = this.#ingest;
    if (full !== this.#paused) {
      this.#paused = full;
      if (full) this.#socket.pause();
      else this.#socket.resume();
    }
    this.#parts.host.changed();
  }

  #end(code: 1000 | 1007): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket?.close(code);
    this.#parts.encoder.free();
    this.#parts.host.over();
  }
}
