/**
 * One person's way to the server: their HTTP and sockets, and their media through a relay that does what bad networks do.
 *
 * The page comes this way since it is opened at `url`; media does, since the descriptions that pass here name the relay's
 * port. Sockets can be cut while everything else goes on, as by a proxy that restarts.
 */
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { type Listening, listen } from "@satsuma/runtime/node";
import { type Conditions, detour, Relay } from "@satsuma/testkit";
import { joined } from "./joined.ts";
import { loopback } from "./ports.ts";

export interface DoorwayOptions {
  /** TCP port of the room server. */
  readonly http: number;
  /** UDP port of the media server. */
  readonly media: number;
  readonly network?: Partial<Conditions>;
  readonly seed?: number;
}

export class Doorway {
  readonly relay: Relay;
  readonly #options: DoorwayOptions;
  readonly #sockets = new Set<Duplex>();
  #listening: Listening | undefined;
  #cut = false;
  #shut = false;

  private constructor(options: DoorwayOptions, relay: Relay) {
    this.#options = options;
    this.relay = relay;
  }

  static async open(options: DoorwayOptions): Promise<Doorway> {
    const { media: target, network = {}, seed = 1 } = options;
    const doorway = new Doorway(options, await Relay.open({ target, seed, up: network, down: network }));
    await doorway.#listen();
    return doorway;
  }

  get url(): string {
    return `http://localhost:${this.#listening?.port}`;
  }

  /** Ends every socket, and lets none in until `mendSockets`. Requests and media go on. */
  cutSockets(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mendSockets(): void {
    this.#cut = false;
  }

  /** Nothing passes in either direction, of whatever kind, until `mend`; nobody is told. */
  blackHole(what: "media" | "everything"): void {
    this.relay.change("up", { loss: 1 });
    this.relay.change("down", { loss: 1 });
    if (what === "media") return;
    this.#shut = true;
    this.cutSockets();
  }

  mend(): void {
    this.relay.change("up", { loss: 0 });
    this.relay.change("down", { loss: 0 });
    this.#shut = false;
    this.mendSockets();
  }

  async close(): Promise<void> {
    this.relay.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.#listening?.close(100);
  }

  async #listen(): Promise<void> {
    const { media } = this.#options;
    const api = detour((request) => this.#pass(request), { port: { from: media, to: this.relay.port } });
    this.#listening = await listen({
      fetch: (request) => {
        if (this.#shut) return new Response(null, { status: 503 });
        return new URL(request.url).pathname.includes("/sfu/") ? api(request) : this.#pass(request);
      },
      upgrade: (request, socket, head) => this.#upgrade(request, socket, head),
      host: loopback,
      port: 0,
    });
  }

  async #pass(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = ["GET", "HEAD"].includes(request.method) ? undefined : await request.arrayBuffer();
    const { method } = request;
    const headers = new Headers(request.headers);
    for (const name of ["host", "connection", "content-length"]) headers.delete(name);
    try {
      const response = await fetch(`http://${loopback}:${this.#options.http}${pathname}${search}`, {
        method,
        headers,
        redirect: "manual",
        ...(body !== undefined && { body }),
      });
      const answer = new Headers(response.headers);
      // What was packed has been unpacked here.
      for (const name of ["content-encoding", "content-length", "transfer-encoding"]) answer.delete(name);
      const empty = [204, 304].includes(response.status);
      return new Response(empty ? null : response.body, { status: response.status, headers: answer });
    } catch {
      // A server that is gone; a proxy in front of it says so.
      return new Response(null, { status: 502 });
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#cut) {
      socket.destroy();
      return;
    }
    const other = connect(this.#options.http, loopback);
    const lines = [`${request.method} ${request.url} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
    }
    other.write(`${lines.join("\r\n")}\r\n\r\n`);
    other.write(head);
    joined(socket, other, this.#sockets);
  }
}
