/**
 * A bad network on loopback: UDP goes in at one port and comes out at the server's, through a link for each direction.
 *
 * Everybody behind one relay shares its two links, as people behind one router do; who is to have a network of their own
 * gets a relay of their own. Each source address has a socket of its own towards the server, so that the server tells
 * them apart. A peer comes this way when the server's candidates name the relay's port (detour.ts).
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import { Chance } from "./chance.ts";
import type { Change, Conditions } from "./conditions.ts";
import { type Delivery, Link, type LinkCounts } from "./link.ts";

/** Towards the server, or from it. */
export type Direction = "up" | "down";

export interface RelayOptions {
  /** UDP port of the server on 127.0.0.1. */
  readonly target: number;
  readonly up?: Partial<Conditions>;
  readonly down?: Partial<Conditions>;
  /** Planned changes, in ms since the relay was opened. */
  readonly changes?: Partial<Record<Direction, readonly Change[]>>;
  /** For all chance of both links. */
  readonly seed: number;
  /** Hears of everything that arrives, with the ms that it waited at the bottleneck. */
  readonly onDelivery?: (direction: Direction, queued: number, bytes: number) => void;
}

interface Parcel {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly client: Client;
}

interface Client {
  readonly address: RemoteInfo;
  upstream: Socket;
}

const loopback = "127.0.0.1";
/** Source addresses at once; a browser's connection has one or two. */
const mostClients = 256;
/** Bytes for the kernel to keep while this process is busy with something else. */
const socketBuffer = 4 * 1024 * 1024;
/** ms before a deadline in which a timer, which has no finer grain than 1 ms, is no use any more. */
const timerGrain = 0.5;

export class Relay {
  readonly #options: RelayOptions;
  readonly #door: Socket;
  readonly #links: Record<Direction, Link<Parcel>>;
  readonly #clients = new Map<string, Client>();
  readonly #began = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;

  private constructor(options: RelayOptions, door: Socket) {
    const { up = {}, down = {}, changes = {}, seed } = options;
    this.#options = options;
    this.#door = door;
    this.#links = {
      up: new Link(up, Chance.of(seed, 0), changes.up),
      down: new Link(down, Chance.of(seed, 1), changes.down),
    };
    door.on("message", (bytes, from) => this.#heard(bytes, from));
    this.#arm();
  }

  /** Listens on a free port of 127.0.0.1. */
  static async open(options: RelayOptions): Promise<Relay> {
    return new Relay(options, await bound());
  }

  get port(): number {
    return (this.#door.address() as AddressInfo).port;
  }

  /** ms since it was opened, which is the clock of its planned changes. */
  get now(): number {
    return performance.now() - this.#began;
  }

  /** Source addresses that were heard. */
  get clients(): number {
    return this.#clients.size;
  }

  counts(direction: Direction): LinkCounts {
    return this.#links[direction].counts;
  }

  /** ms that a packet sent now would wait at the bottleneck. */
  waiting(direction: Direction): number {
    this.#run();
    return this.#links[direction].waiting(this.now);
  }

  /** Other conditions from now on; `{ loss: 1 }` lets nothing through. */
  change(direction: Direction, to: Partial<Conditions>): void {
    this.#links[direction].change(to, this.now);
    this.#run();
  }

  /** Everybody comes to the server from another address from now on, as after a change of network. */
  async move(): Promise<void> {
    for (const client of this.#clients.values()) {
      const before = client.upstream;
      client.upstream = await this.#upstreamOf(client);
      before.close();
    }
  }

  /** Idempotent. What is under way is lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#door.close();
    for (const { upstream } of this.#clients.values()) upstream.close();
  }

  #heard(bytes: Uint8Array, from: RemoteInfo): void {
    const key = `${from.address}:${from.port}`;
    const known = this.#clients.get(key);
    if (known !== undefined) {
      this.#take("up", bytes, known);
      return;
    }
    if (this.#clients.size >= mostClients) return;
    const client: Client = { address: from, upstream: createSocket("udp4") };
    this.#clients.set(key, client);
    this.#connect(client.upstream, client);
    // The socket takes its port with the first packet that it sends.
    this.#take("up", bytes, client);
  }

  async #upstreamOf(client: Client): Promise<Socket> {
    const socket = await bound();
    this.#connect(socket, client);
    return socket;
  }

  #connect(socket: Socket, client: Client): void {
    socket.on("message", (bytes) => this.#take("down", bytes, client));
    // A server that is gone answers with ICMP; that is a lost packet here, as it is on a real way.
    socket.on("error", () => {});
  }

  #take(direction: Direction, bytes: Uint8Array, client: Client): void {
    if (this.#closed) return;
    this.#send(direction, this.#links[direction].handle({ length: bytes.length, bytes, client }, this.now));
    this.#arm();
  }

  #run(): void {
    if (this.#closed) return;
    const { now } = this;
    this.#send("up", this.#links.up.wake(now));
    this.#send("down", this.#links.down.wake(now));
    this.#arm();
  }

  #send(direction: Direction, deliveries: readonly Delivery<Parcel>[]): void {
    for (const { packet, queued } of deliveries) {
      const { bytes, client } = packet;
      if (direction === "up") client.upstream.send(bytes, this.#options.target, loopback);
      else this.#door.send(bytes, client.address.port, client.address.address);
      this.#options.onDelivery?.(direction, queued, bytes.length);
    }
  }

  /** One timer for both links, and no timer for what is due before it could ring. */
  #arm(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    const up = this.#links.up.nextDeadline();
    const down = this.#links.down.nextDeadline();
    if (up === undefined && down === undefined) return;
    const wait = Math.min(up ?? Number.POSITIVE_INFINITY, down ?? Number.POSITIVE_INFINITY) - this.now;
    if (wait <= timerGrain) this.#immediate = setImmediate(() => this.#run());
    else this.#timer = setTimeout(() => this.#run(), Math.floor(wait));
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: socketBuffer, sendBufferSize: socketBuffer });
  socket.bind(0, loopback);
  await once(socket, "listening");
  return socket;
}
