/** A WebSocket server that speaks to the adapters: it sends tones as PCM and hears what it is sent. */
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { readPacket, writePacket } from "../../sfu/src/adapters/packet.ts";
import { shareAt, toneFrame } from "./tone.ts";

export class AudioEndpoint {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  /** Connections so far. */
  connections = 0;
  socket: WebSocket | undefined;
  readonly closeCodes: number[] = [];
  readonly headers: { sequenceNumber: number; timestamp: number }[] = [];
  readonly #heard: Int16Array[] = [];
  heardBytes = 0;

  static async open(port = 0): Promise<AudioEndpoint> {
    const server = createServer((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return new AudioEndpoint(server);
  }

  private constructor(server: Server) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/audio?token=of-the-endpoint`;
    this.#sockets = new WebSocketServer({ server, path: "/audio" });
    this.#sockets.on("connection", (socket) => {
      this.connections += 1;
      this.socket = socket;
      socket.on("close", (code) => this.closeCodes.push(code));
      socket.on("message", (data) => this.#hear(data as Buffer));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Frames of a tone, as fast as they go. */
  say(hertz: number, frames: number): void {
    for (let frame = 0; frame < frames; frame += 1) {
      const payload = new Uint8Array(toneFrame(hertz, frame).buffer);
      this.socket?.send(writePacket({ sequenceNumber: frame, timestamp: frame * 960, payload }));
    }
  }

  /** As `Ear.shareAt`. */
  shareAt(hertz: number): number {
    if (this.#heard.length < 25) return 0;
    return shareAt(hertz, Int16Array.from(this.#heard.slice(-25).flatMap((frame) => [...frame])));
  }

  /** Ends every connection, and keeps the port to be dialled again. */
  drop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  close(): void {
    this.drop();
    this.#sockets.close();
    this.#server.close();
  }

  #hear(message: Buffer): void {
    const packet = readPacket(message);
    if (packet === undefined) throw new Error("The adapter sent what is no packet.");
    const { payload, ...header } = packet;
    this.headers.push(header);
    this.heardBytes += payload.length;
    this.#heard.push(new Int16Array(Uint8Array.from(payload).buffer));
    if (this.#heard.length > 50) this.#heard.shift();
  }
}

/** A TCP port that takes connections and never says a word. */
export async function muteEndpoint(): Promise<{ url: string; close(): void }> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
