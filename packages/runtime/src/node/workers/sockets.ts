/** The Unix sockets of media workers: where they are, how one is listened on, and a pipe's line over one. */
import { rmSync } from "node:fs";
import { connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { headerBytes, type Line, type LineListener, writeHead } from "@satsuma/sfu";

/** `calls` answers HTTP, `pipe` gives tracks. */
export type Purpose = "calls" | "pipe";

/** On Windows, where sockets are no files, a named pipe. */
export function socketPath(folder: string, purpose: Purpose, number: number): string {
  const path = join(folder, `${purpose}-${number}`);
  return process.platform === "win32" ? `\\\\.\\pipe\\${path.replaceAll(/[\\:]/g, "-")}` : path;
}

/** Listens where a worker that was killed may have left its socket. */
export async function listenOn(server: Server, path: string): Promise<void> {
  if (process.platform !== "win32") rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Rejects with the socket's error. */
export async function dial(path: string, listener: LineListener, onError: OnError): Promise<Line> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve();
    });
  });
  const line = new SocketLine(socket, onError);
  line.listen(listener);
  return line;
}

export type OnError = (error: unknown) => void;

/** Bytes of a batch, above which it does not wait. */
const batchBytes = 65_536;
/** ms between two batches: a write and its reading cost as much as handling several packets. */
const pause = 1;
/** ms that a line which is closed has for what it still holds: a reader that hangs is not waited for. */
const closeLimit = 2_000;

/** The first frame leaves with what else this turn of the event loop has for the other side, those after it in batches. */
export class SocketLine implements Line {
  readonly #socket: Socket;
  readonly #onError: OnError;
  #batch = new Uint8Array(batchBytes);
  #used = 0;
  #planned = false;
  #sentAt = 0;
  #closed = false;

  constructor(socket: Socket, onError: OnError) {
    this.#socket = socket;
    this.#onError = onError;
  }

  get waiting(): number {
    return this.#used + this.#socket.writableLength;
  }

  listen(listener: LineListener): void {
    const guarded = (step: () => void) => {
      try {
        step();
      } catch (error) {
        // The two sides no longer agree; what they shared ends.
        this.#onError(error);
        this.#socket.destroy();
      }
    };
    this.#socket.on("data", (bytes) => {
      if (!this.#closed) guarded(() => listener.received(bytes));
    });
    this.#socket.on("drain", () => {
      if (!this.#closed) guarded(() => listener.drained());
    });
    // Its end follows.
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      if (this.#closed) return;
      this.#closed = true;
      guarded(() => listener.closed());
    });
  }

  send(head: Parameters<typeof writeHead>[1], body: Uint8Array): void {
    if (this.#closed) return;
    const bytes = headerBytes + body.length;
    if (this.#used + bytes > this.#batch.length) this.#flush();
    if (bytes > this.#batch.length) {
      const frame = new Uint8Array(bytes);
      writeHead(frame, head, body.length);
      frame.set(body, headerBytes);
      this.#socket.write(frame);
      return;
    }
    writeHead(this.#batch.subarray(this.#used), head, body.length);
    this.#batch.set(body, this.#used + headerBytes);
    this.#used += bytes;
    if (this.#planned) return;
    this.#planned = true;
    const flush = () => {
      this.#planned = false;
      this.#flush();
    };
    if (performance.now() - this.#sentAt < pause) setTimeout(flush, pause);
    else setImmediate(flush);
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#socket.destroySoon();
    const limit = setTimeout(() => this.#socket.destroy(), closeLimit).unref();
    this.#socket.once("close", () => clearTimeout(limit));
  }

  complain(error: unknown): void {
    this.#onError(error);
  }

  #flush(): void {
    const bytes = this.#used;
    this.#used = 0;
    // Of one that is destroyed the end follows, before which more may be sent than a batch holds.
    if (bytes === 0 || this.#socket.destroyed) return;
    this.#sentAt = performance.now();
    this.#socket.write(this.#batch.slice(0, bytes));
  }
}
