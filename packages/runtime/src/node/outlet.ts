/**
 * The way out to one socket: gathered, bounded, and never without a reason when it closes.
 *
 * Text is framed here and written past `ws`, so that a frame for a thousand is made once. Both write whole frames only,
 * so theirs and ours may stand in any order.
 */
import type { Duplex } from "node:stream";
import type { Wire } from "@satsuma/durable";
import { errors, refusal } from "@satsuma/protocol";
import { WebSocket } from "ws";
import type { Flusher } from "./flusher.ts";
import type { Frames } from "./frame.ts";

/**
 * A socket that says why. When `ws` itself ends a connection (a frame too large, text that is not UTF-8, a broken frame)
 * it gives a bare number; here the peer gets the refusal as a message and its code as the close reason, as for any other.
 */
export class SpokenClose extends WebSocket {
  /** How the socket's dialect spells a refusal; set by its door. */
  refuse: ((why: ReturnType<typeof refusal>) => string) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    if (reason === undefined && code !== undefined && this.readyState === WebSocket.OPEN) {
      const why = spoken[code];
      if (why) {
        if (this.refuse) this.send(this.refuse(why));
        super.close(code, why.code);
        return;
      }
    }
    super.close(code, reason);
  }
}

/** RFC 6455 §7.4.1: 1002 protocol error, 1007 inconsistent data, 1008 policy (`ws`: too many fragments), 1009 too big. */
const spoken: Readonly<Record<number, ReturnType<typeof refusal>>> = {
  1002: refusal("bad-message", "The frame breaks the WebSocket protocol."),
  1007: refusal("bad-message", "The frame is not UTF-8."),
  1008: refusal("too-large", "The message has more fragments than one may have."),
  1009: refusal("too-large", "The frame is larger than a message may be."),
};

export interface OutletBounds {
  /** Bytes that may wait for the reader. Beyond, it is closed. */
  readonly waitingBytes: number;
  /** Bytes that wait from which on lossy messages are dropped. */
  readonly lossyBytes: number;
  /** Milliseconds for which a reader may be so far behind that messages are dropped. Then it is closed. */
  readonly behindMs: number;
}

export class Outlet implements Wire {
  readonly #peer: WebSocket;
  readonly #raw: Duplex;
  readonly #frames: Frames;
  readonly #flusher: Flusher;
  readonly #bounds: OutletBounds;
  readonly #caughtUp: () => void;
  readonly #lost: (code: number, reason: string) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #behindSince: number | undefined;

  /**
   * `raw` is the connection under `peer`. `caughtUp` is called when a reader that was behind has read everything, `lost`
   * when one is given up: it may take its time to hear of that.
   */
  constructor(
    peer: WebSocket,
    raw: Duplex,
    shared: { readonly frames: Frames; readonly flusher: Flusher; readonly bounds: OutletBounds },
    caughtUp: () => void,
    lost: (code: number, reason: string) => void,
  ) {
    this.#peer = peer;
    this.#raw = raw;
    this.#frames = shared.frames;
    this.#flusher = shared.flusher;
    this.#bounds = shared.bounds;
    this.#caughtUp = caughtUp;
    this.#lost = lost;
  }

  send(data: string | Uint8Array, lossy: boolean): void {
    if (this.#peer.readyState !== WebSocket.OPEN) return;
    const { waitingBytes, lossyBytes, behindMs } = this.#bounds;
    if (this.#behindSince === undefined && this.#waiting > lossyBytes) this.#fallBehind();
    const since = this.#behindSince;
    if (this.#waiting > waitingBytes || (since !== undefined && performance.now() - since > behindMs)) {
      const { close } = errors["too-slow"];
      this.close(close, "too-slow");
      this.#lost(close, "too-slow");
    } else if (since === undefined || !lossy) {
      this.#add(typeof data === "string" ? this.#frames.of(data) : Buffer.from(data));
    }
  }

  close(code: number, reason: string): void {
    this.flush();
    this.#peer.close(code, reason);
  }

  flush(): void {
    const pending = this.#pending;
    const [first] = pending;
    if (first === undefined) return;
    this.#pending = [];
    const bytes = this.#pendingBytes;
    this.#pendingBytes = 0;
    if (this.#peer.readyState === WebSocket.OPEN) {
      this.#raw.write(pending.length === 1 ? first : Buffer.concat(pending, bytes));
    }
  }

  /** A pong that would have to wait is not sent: whoever does not read has no use for it. */
  pong(data: Buffer): void {
    if (this.#peer.readyState === WebSocket.OPEN && this.#raw.writableLength === 0) this.#peer.pong(data);
  }

  get #waiting(): number {
    return this.#raw.writableLength + this.#pendingBytes;
  }

  #add(frame: Buffer): void {
    this.#pending.push(frame);
    this.#pendingBytes += frame.byteLength;
    if (this.#pending.length === 1) this.#flusher.add(this);
  }

  #fallBehind(): void {
    this.flush();
    // What only waited to be gathered is not the reader's fault; the kernel has just taken it.
    if (!this.#raw.writableNeedDrain || this.#waiting <= this.#bounds.lossyBytes) return;
    this.#behindSince = performance.now();
    this.#raw.once("drain", () => {
      this.#behindSince = undefined;
      if (this.#peer.readyState === WebSocket.OPEN) this.#caughtUp();
    });
  }
}
