/**
 * A platform for the SFU without sockets or clocks: transports are ends of in-memory pairs, time moves when the test
 * says so, and chance is counted.
 */
import type { LocalParameters, PeerParameters, Transport, TransportListener, TransportState } from "../src/index.ts";
import { defaultLimits, Sfu, type SfuLimits } from "../src/index.ts";

/** The peer's end of a session's transport. */
export class Wire implements Transport {
  readonly local: LocalParameters;
  readonly remote: PeerParameters | undefined;
  readonly #listener: TransportListener;
  /** Copies of what the SFU sent since it was last taken. */
  received: Uint8Array[] = [];
  accepted: PeerParameters | undefined;
  state: TransportState = "connecting";

  constructor(name: string, remote: PeerParameters | undefined, listener: TransportListener) {
    this.remote = remote;
    this.#listener = listener;
    this.local = {
      iceUfrag: name,
      icePwd: "s".repeat(24),
      iceLite: false,
      fingerprint: { algorithm: "sha-256", value: Array.from({ length: 32 }, () => "5F").join(":") },
      setup: remote === undefined ? "actpass" : remote.setup === "active" ? "passive" : "active",
      candidates: ["1 1 UDP 2130706431 192.0.2.1 8788 typ host"],
    };
  }

  accept(remote: PeerParameters): void {
    if (this.accepted !== undefined || this.remote !== undefined) throw new Error("This transport has its peer.");
    this.accepted = remote;
  }

  /** Keeps what is sent to a peer that is away for a moment too, so that its numbers can be checked. */
  send(packet: Uint8Array): void {
    if (this.state === "connected" || this.state === "disconnected") this.received.push(packet.slice());
  }

  close(): void {
    this.enter("closed");
  }

  /** What the peer or the network does. */
  enter(state: TransportState): void {
    if (this.state === "closed" || this.state === state) return;
    this.state = state;
    this.#listener.state(state);
  }

  /** A packet of the peer. */
  deliver(packet: Uint8Array): void {
    if (this.state === "connected") this.#listener.packet(packet);
  }

  take(): Uint8Array[] {
    return this.received.splice(0);
  }
}

export class World {
  now = 0;
  alarm: number | undefined;
  readonly wires: Wire[] = [];
  readonly sfu: Sfu;
  /** Set to make the next transport fail, or wait for `release`. */
  opening: "at once" | "fails" | "waits" = "at once";
  release: () => void = () => {};
  #counter = 0;

  constructor(limits: Partial<SfuLimits> = {}) {
    this.sfu = new Sfu(
      {
        transports: {
          offer: (listener) => this.#open(undefined, listener),
          answer: (remote, listener) => this.#open(remote, listener),
        },
        now: () => this.now,
        setAlarm: (at) => {
          this.alarm = at;
        },
        newId: () => (++this.#counter).toString(16).padStart(32, "0"),
        random32: () => Math.imul(++this.#counter, 2_654_435_761) >>> 0,
      },
      { ...defaultLimits, ...limits },
    );
  }

  /** Lets time pass, ringing the alarm whenever it is due. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let rounds = 0; rounds < 100_000; rounds += 1) {
      if (this.alarm === undefined || this.alarm > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, this.alarm);
      this.sfu.wake();
    }
    throw new Error("The alarm rings for ever.");
  }

  async #open(remote: PeerParameters | undefined, listener: TransportListener): Promise<Transport> {
    if (this.opening === "fails") throw new Error("no transport");
    if (this.opening === "waits") {
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
    }
    const wire = new Wire(`wire${this.wires.length}`, remote, listener);
    this.wires.push(wire);
    return wire;
  }
}
