/** The way out to one socket: bounded, and never without a reason when it closes. */
import { errors, refusal, type ServerMessage } from "@satsuma/protocol";
import type { CloseReason } from "@satsuma/rooms";
import { WebSocket } from "ws";
import type { RoomSocket } from "./actor.ts";

/**
 * A socket that says why. When `ws` itself ends a connection (a frame too large, text that is not UTF-8, a broken frame)
 * it gives a bare number; here the peer gets the refusal as a message and its code as the close reason, as for any other.
 */
export class SpokenClose extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (reason === undefined && code !== undefined && this.readyState === WebSocket.OPEN) {
      const why = spoken[code];
      if (why) {
        this.send(JSON.stringify({ type: "error", ...why } satisfies ServerMessage));
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

export class Outlet implements RoomSocket {
  readonly #peer: WebSocket;
  readonly #most: number;
  readonly #lost: () => void;

  /** `most` bytes may wait; beyond, the socket is closed and `lost` is called. */
  constructor(peer: WebSocket, most: number, lost: () => void) {
    this.#peer = peer;
    this.#most = most;
    this.#lost = lost;
  }

  send(frame: string): void {
    if (this.#peer.readyState !== WebSocket.OPEN) return;
    if (this.#peer.bufferedAmount > this.#most) {
      this.#peer.close(errors["too-slow"].close, "too-slow");
      this.#lost();
      return;
    }
    this.#peer.send(frame);
  }

  close(reason: CloseReason): void {
    this.#peer.close(reason === "left" ? 1000 : errors[reason].close, reason);
  }

  /** A pong that would have to wait is not sent: whoever does not read has no use for it. */
  pong(data: Buffer): void {
    if (this.#peer.readyState === WebSocket.OPEN && this.#peer.bufferedAmount === 0) this.#peer.pong(data);
  }
}
