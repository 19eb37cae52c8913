/**
 * A second UDP port, for peers that libjuice refuses: Chromium behind TURN over TCP or TLS.
 *
 * Chromium (156) sends a tie-breaker of zero in its ICE checks there, and libjuice (1.7, its issue 355) takes that for a
 * missing attribute and answers 400. Here such a check, if it is signed as it should be, gets another tie-breaker and is
 * passed on to the media port, with all that follows from that peer. Checks of every other peer are not answered, so
 * nobody else's media ever comes this way. To be removed once node-datachannel ships the fix.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Transport, TransportListener } from "@satsuma/sfu";
import { attribute, attributes, isSigned, messages, sign, typeOf, writeMappedAddress } from "./stun.ts";
import type { OpenTransports } from "./transport.ts";

export interface SideDoorConfig {
  /** UDP port; IPv4 only. */
  readonly port: number;
  readonly bindAddress: string | undefined;
  /** IPv4 addresses that peers are told to send to. */
  readonly advertise: readonly string[];
  /** Where the media port is. */
  readonly media: { readonly address: string; readonly port: number };
}

/** Peers at once; each holds one socket. */
const mostFlows = 1_000;
/** ms without a packet after which a peer is gone. ICE checks come every few seconds. */
const silence = 30_000;

interface Flow {
  readonly inside: Socket;
  heardAt: number;
}

/** Rejects with the socket's error when the port cannot be had. */
export async function withSideDoor(transports: OpenTransports, config: SideDoorConfig): Promise<OpenTransports> {
  const door = new SideDoor(config);
  try {
    await door.open();
  } catch (error) {
    transports.close();
    throw error;
  }
  return {
    async offer(listener, channels, thirdParty) {
      if (thirdParty) return transports.offer(listener, channels, thirdParty);
      return door.admit(listener, (own) => transports.offer(own, channels, thirdParty));
    },
    async answer(remote, listener, channels) {
      if (remote.iceLite) return transports.answer(remote, listener, channels);
      return door.admit(listener, (own) => transports.answer(remote, own, channels));
    },
    close() {
      door.close();
      transports.close();
    },
  };
}

class SideDoor {
  readonly #config: SideDoorConfig;
  readonly #outside = createSocket("udp4");
  /** Passwords by the ufrag of the session that they open. */
  readonly #sessions = new Map<string, string>();
  readonly #flows = new Map<string, Flow>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(config: SideDoorConfig) {
    this.#config = config;
    this.#sweeper = setInterval(() => this.#sweep(), silence / 3).unref();
  }

  async open(): Promise<void> {
    const { port, bindAddress: address } = this.#config;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#outside.once("error", reject);
    this.#outside.bind({ port, ...(address !== undefined && { address }), exclusive: true }, resolve);
    await promise;
    this.#outside.off("error", reject);
    // A peer's port that is closed is told to us as an error; it is that peer's business.
    this.#outside.on("error", () => {});
    this.#outside.on("message", (packet, from) => this.#heard(packet, from));
  }

  /** Opens a transport that can be reached through here too. */
  async admit(listener: TransportListener, open: (listener: TransportListener) => Promise<Transport>) {
    let ufrag: string | undefined;
    let over = false;
    const transport = await open({
      packet: (bytes) => listener.packet(bytes),
      state: (state) => {
        over ||= state === "closed";
        if (over && ufrag !== undefined) this.#sessions.delete(ufrag);
        listener.state(state);
      },
    });
    const { local } = transport;
    ufrag = local.iceUfrag;
    if (!over) this.#sessions.set(ufrag, local.icePwd);
    return through(transport, [...local.candidates, ...this.#candidates(local.candidates.length)]);
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const { inside } of this.#flows.values()) inside.close();
    this.#flows.clear();
    this.#outside.close();
  }

  #heard(packet: Buffer, from: RemoteInfo): void {
    const key = `${from.address}:${from.port}`;
    const password = this.#passwordFor(packet);
    const flow = this.#flows.get(key) ?? (password === undefined ? undefined : this.#begin(key, password, from));
    if (flow === undefined) return;
    flow.heardAt = performance.now();
    const { address, port } = this.#config.media;
    flow.inside.send(password === undefined ? packet : sign(withTieBreaker(packet), password), port, address);
  }

  /** The password that signed a check with a tie-breaker of zero, or undefined for any other packet. */
  #passwordFor(packet: Buffer): string | undefined {
    if (typeOf(packet) !== messages.bindingRequest || tieBreaker(packet)?.some((byte) => byte !== 0) !== false) return;
    const ufrag = attribute(packet, attributes.username)?.toString("latin1").split(":")[0];
    const password = this.#sessions.get(ufrag ?? "");
    return password !== undefined && isSigned(packet, password) ? password : undefined;
  }

  #begin(key: string, password: string, { address, port }: RemoteInfo): Flow | undefined {
    if (this.#flows.size >= mostFlows) return undefined;
    const inside = createSocket("udp4");
    inside.on("error", () => {});
    inside.on("message", (packet, { port: source }) => {
      if (source === this.#config.media.port)
        this.#outside.send(asSeen(packet, password, address, port), port, address);
    });
    const flow = { inside, heardAt: performance.now() };
    this.#flows.set(key, flow);
    return flow;
  }

  #sweep(): void {
    const now = performance.now();
    for (const [key, { inside, heardAt }] of this.#flows) {
      if (now - heardAt < silence) continue;
      inside.close();
      this.#flows.delete(key);
    }
  }

  /** Below all others: RFC 8445 §5.1.2.1 with type preference 126 for host and the least local preferences. */
  #candidates(first: number): string[] {
    const { advertise, port } = this.#config;
    return advertise.map((address, index) => {
      const priority = 126 * 2 ** 24 + (advertise.length - index) * 2 ** 8 + 255;
      return `${first + index + 1} 1 UDP ${priority} ${address} ${port} typ host`;
    });
  }
}

function tieBreaker(packet: Buffer): Buffer | undefined {
  const found = attribute(packet, attributes.controlling) ?? attribute(packet, attributes.controlled);
  return found?.length === 8 ? found : undefined;
}

/** Any number will do: a conflict of roles is not to be expected, since our role follows from who offered. */
function withTieBreaker(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  tieBreaker(copy)?.fill(0x5a);
  return copy;
}

/** What libjuice answers names the address that it saw, ours; the peer is told its own. */
function asSeen(packet: Buffer, password: string, address: string, port: number): Buffer {
  if (typeOf(packet) !== messages.bindingSuccess || attribute(packet, attributes.integrity) === undefined)
    return packet;
  const copy = Buffer.from(packet);
  const mapped = attribute(copy, attributes.xorMappedAddress);
  if (mapped === undefined) return packet;
  writeMappedAddress(mapped, address, port);
  return sign(copy, password);
}

function through(transport: Transport, candidates: readonly string[]): Transport {
  return {
    local: { ...transport.local, candidates },
    accept: (remote, channels) => transport.accept(remote, channels),
    learn: (candidate) => transport.learn(candidate),
    send: (packet) => transport.send(packet),
    openChannels: (label) => transport.openChannels(label),
    channel: (options, listener) => transport.channel(options, listener),
    close: () => transport.close(),
  };
}
