/** A TCP door in front of the server that a test opens and shuts, as a network would. Media does not pass here. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { joined } from "./joined.ts";
import { loopback } from "./ports.ts";

export class Gate {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Duplex>();
  #open = true;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on("connection", (socket) => this.#pass(socket));
  }

  static async before(target: number): Promise<Gate> {
    const server = createServer();
    server.listen(0, loopback);
    await once(server, "listening");
    return new Gate(server, target);
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts every connection and lets none in until `open`. */
  shut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  open(): void {
    this.#open = true;
  }

  async close(): Promise<void> {
    this.shut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(socket: Socket): void {
    if (!this.#open) {
      socket.destroy();
      return;
    }
    joined(socket, connect(this.#target, loopback), this.#sockets);
  }
}
