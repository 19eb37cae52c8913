/**
 * A member's connection to the media server: the server's own transport at the other end, on a UDP port of its own.
 *
 * It offers as the server does, so that libdatachannel is the side that answers. As the side that offers it refused one
 * member in some dozens, and half of the others waited a second for DTLS (docs/decisions/0001-media-engine.md).
 */
import { openTransports } from "@satsuma/runtime/node";
import { loopback } from "../../apps/meet/test/stage/ports.ts";
import type { Parameters } from "../forward/sdp.ts";

type Transports = Awaited<ReturnType<typeof openTransports>>;
type Transport = Awaited<ReturnType<Transports["offer"]>>;

/** ms until a connection over loopback must be there. */
const connectLimit = 15_000;

export class Peer {
  readonly #transports: Transports;
  readonly #transport: Transport;
  readonly #connected: Promise<void>;

  private constructor(transports: Transports, transport: Transport, connected: Promise<void>) {
    this.#transports = transports;
    this.#transport = transport;
    this.#connected = connected;
  }

  /**
   * `packet` gets whatever comes, RTP and RTCP. The media server tells its peers apart by address, so a port must not be
   * that of somebody who left while the room still keeps the place.
   */
  static async open(port: number, packet: (packet: Uint8Array) => void): Promise<Peer> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever does not wait for it has closed it.
    promise.catch(() => {});
    const config = { port, bindAddress: loopback, advertise: [loopback] };
    const transports = await openTransports(config, (error) => console.error(error));
    const state = (entered: string) => {
      if (entered === "connected") resolve();
      if (entered === "closed") reject(new Error("The media server closed the connection."));
    };
    return new Peer(transports, await transports.offer({ packet, state }, undefined, false), promise);
  }

  get local(): Parameters {
    const { fingerprint, ...local } = this.#transport.local;
    return { ...local, fingerprint: `${fingerprint.algorithm} ${fingerprint.value}` };
  }

  /** Resolves when packets can be sent. */
  async accept({ fingerprint, setup, ...remote }: Parameters): Promise<void> {
    const [algorithm = "", value = ""] = fingerprint.split(" ");
    if (setup !== "active" && setup !== "passive") throw new Error(`The answer has no DTLS role but "${setup}".`);
    this.#transport.accept({ ...remote, iceLite: false, fingerprint: { algorithm, value }, setup }, false);
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => reject(new Error("The connection took too long.")), connectLimit);
    });
    await Promise.race([this.#connected, late]).finally(() => clearTimeout(limit));
  }

  send(packet: Uint8Array): void {
    this.#transport.send(packet);
  }

  close(): void {
    this.#transport.close();
    this.#transports.close();
  }
}
