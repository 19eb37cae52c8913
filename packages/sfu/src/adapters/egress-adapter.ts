/** An adapter that plays: RTP of the session that pulls the track in, PCM to a WebSocket, which is dialled again when lost. */
import { isRtcp } from "../rtp/header.ts";
import type { Adapter, AdapterHost } from "./adapter.ts";
import { Egress } from "./egress.ts";
import type { AdapterLimits } from "./limits.ts";
import type { AdapterSocket, AudioDecoder, SocketListener } from "./platform.ts";
import { redialAt } from "./redial.ts";

export interface EgressParts {
  readonly app: string;
  readonly decoder: AudioDecoder;
  readonly limits: AdapterLimits;
  readonly dial: (timeout: number, listener: SocketListener) => Promise<AdapterSocket>;
  readonly host: AdapterHost;
}

type Line =
  | { readonly is: "opening" }
  | { readonly is: "open"; readonly socket: AdapterSocket }
  | { readonly is: "lost"; readonly lostAt: number; readonly attempt: number; readonly redialAt: number }
  | { readonly is: "redialling"; readonly lostAt: number; readonly attempt: number }
  | { readonly is: "over" };

export class EgressAdapter implements Adapter {
  readonly app: string;
  bytesProcessed = 0;
  readonly #parts: EgressParts;
  readonly #egress: Egress;
  #line: Line = { is: "opening" };
  /** When the last packet came (ms). */
  #heardAt: number;

  constructor(parts: EgressParts) {
    this.app = parts.app;
    this.#parts = parts;
    this.#egress = new Egress(parts.decoder);
    this.#heardAt = parts.host.now();
  }

  get over(): boolean {
    return this.#line.is === "over";
  }

  readonly listener: SocketListener = {
    message: () => {},
    closed: () => {
      if (this.#line.is === "open") this.#lost(this.#parts.host.now(), 0);
    },
  };

  /** The WebSocket is open. */
  begin(socket: AdapterSocket): void {
    if (this.#line.is === "over") {
      socket.close(1000);
      return;
    }
    this.#line = { is: "open", socket };
    this.#parts.host.changed();
  }

  /** A packet of the session. What comes while the line is down is not kept. */
  heard(packet: Uint8Array): void {
    const line = this.#line;
    if (isRtcp(packet) || line.is === "over") return;
    this.#heardAt = this.#parts.host.now();
    const messages = this.#egress.received(packet);
    if (line.is !== "open") return;
    for (const { message, pcmBytes } of messages) if (line.socket.send(message)) this.bytesProcessed += pcmBytes;
  }

  nextDeadline(): number | undefined {
    const line = this.#line;
    if (line.is === "over" || line.is === "opening") return undefined;
    const silentAt = this.#heardAt + this.#parts.limits.silence;
    return line.is === "lost" ? Math.min(silentAt, line.redialAt) : silentAt;
  }

  wake(now: number): void {
    const line = this.#line;
    if (line.is === "over" || line.is === "opening") return;
    if (now >= this.#heardAt + this.#parts.limits.silence) this.close();
    else if (line.is === "lost" && now >= line.redialAt) this.#redial(line, now);
  }

  close(): void {
    const line = this.#line;
    if (line.is === "over") return;
    this.#line = { is: "over" };
    if (line.is === "open") line.socket.close(1000);
    this.#parts.decoder.free();
    this.#parts.host.over();
  }

  #lost(lostAt: number, attempt: number): void {
    const at = redialAt(attempt, lostAt, this.#parts.host.now(), this.#parts.limits.reconnect);
    if (at === undefined) {
      this.close();
      return;
    }
    this.#line = { is: "lost", lostAt, attempt, redialAt: at };
    this.#parts.host.changed();
  }

  #redial({ lostAt, attempt }: Line & { is: "lost" }, now: number): void {
    this.#line = { is: "redialling", lostAt, attempt };
    const { limits, dial } = this.#parts;
    dial(Math.max(1, lostAt + limits.reconnect - now), this.listener).then(
      (socket) => this.begin(socket),
      () => {
        // Why it could not be reached does not matter; after `close` neither does whether.
        if (this.#line.is === "redialling") this.#lost(lostAt, attempt + 1);
      },
    );
  }
}
