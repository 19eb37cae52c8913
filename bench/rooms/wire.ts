/**
 * A WebSocket client that does as little as a thousand of them on one core can afford: it sends text, counts bytes, and
 * looks into what comes only for the words it is told to look for.
 */
import { connect, type Socket } from "node:net";

/** Marks carry a number, so that a reader of the last one knows of those before: `#000042`. */
const markLength = 7;

export function markOf(update: number): string {
  return `#${String(update).padStart(markLength - 1, "0")}`;
}

export interface WireEvents {
  opened(): void;
  /** A mark was read, the last one of what came. */
  marked(update: number): void;
  /** The frame that answers the other side's own ping, for dialects that have one in text. */
  readonly pinged?: { readonly frame: Buffer; readonly answer: string };
  /** With what the other side said of it. */
  closed(why: string): void;
}

/** All members read into one buffer: what is in it is looked at before the next read. */
const shared = Buffer.alloc(262_144);

export class Wire {
  readonly #socket: Socket;
  readonly #events: WireEvents;
  #isOpen = false;
  #head = "";
  /** The end of what came last, if a mark may be cut there. */
  #tail = "";
  #awaited: { readonly text: string; readonly found: () => void } | undefined;
  #last = "no word";
  bytes = 0;

  constructor(port: number, path: string, headers: Readonly<Record<string, string>>, events: WireEvents) {
    this.#events = events;
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length, buffer) => {
          this.#read((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}${lines.join("")}\r\n`,
    );
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => events.closed(this.#last));
  }

  send(text: string): void {
    this.#socket.write(maskedFrame(text));
  }

  /** Resolves when this text has come; it may have come in two parts, if the first ends within it. */
  until(text: string): Promise<void> {
    return new Promise((found) => {
      this.#awaited = { text, found };
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (!this.#isOpen) {
      this.#head += bytes.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!this.#head.startsWith("HTTP/1.1 101")) {
        this.#last = this.#head.slice(0, this.#head.indexOf("\r\n"));
        this.end();
        return;
      }
      this.#isOpen = true;
      this.#events.opened();
      const rest = this.#head.length - end - 4;
      this.#head = "";
      if (rest > 0) this.#read(bytes.subarray(bytes.length - rest));
      return;
    }
    this.bytes += bytes.length;
    const { pinged } = this.#events;
    if (pinged !== undefined && bytes.length === pinged.frame.length && bytes.equals(pinged.frame)) {
      this.send(pinged.answer);
      return;
    }
    const close = bytes.lastIndexOf(0x88);
    if (close >= 0 && close + 2 + (bytes[close + 1] ?? 0) === bytes.length) {
      this.#last = bytes.toString("latin1", close + 4) || "closed";
    }
    if (this.#awaited !== undefined) this.#look(bytes, this.#awaited);
    this.#mark(bytes);
  }

  #look(bytes: Buffer, { text, found }: { text: string; found: () => void }): void {
    const joined = this.#tail + bytes.toString("latin1");
    if (joined.includes(text)) {
      this.#awaited = undefined;
      found();
    }
  }

  #mark(bytes: Buffer): void {
    let at = bytes.lastIndexOf(0x23);
    // A frame's length may read as the same byte; what follows it is no digit.
    while (at > 0 && at + 1 < bytes.length && !((bytes[at + 1] ?? 0) >> 1 >= 0x18 && (bytes[at + 1] ?? 0) <= 0x39)) {
      at = bytes.lastIndexOf(0x23, at - 1);
    }
    if (at >= 0 && at + markLength <= bytes.length) {
      this.#tail = "";
      this.#events.marked(Number(bytes.toString("latin1", at + 1, at + markLength)));
    } else if (this.#tail !== "" && !this.#awaited) {
      const joined = this.#tail + bytes.toString("latin1", 0, markLength);
      const cut = joined.lastIndexOf("#");
      this.#tail = "";
      if (cut >= 0) this.#events.marked(Number(joined.slice(cut + 1, cut + markLength)));
    }
    const end = bytes.toString("latin1", Math.max(0, bytes.length - (this.#awaited ? 64 : markLength - 1)));
    this.#tail = this.#awaited || (at >= 0 && at + markLength > bytes.length) ? end : "";
  }
}

/** A text frame as clients send it, with a mask of zeros (RFC 6455 §5.3 asks for chance, which a benchmark has no need of). */
function maskedFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? 2 : 4;
  const frame = Buffer.alloc(head + 4 + length);
  frame[0] = 0x81;
  frame[1] = 0x80 | (head === 2 ? length : 126);
  if (head === 4) frame.writeUInt16BE(length, 2);
  frame.write(text, head + 4);
  return frame;
}
