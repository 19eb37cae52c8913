/**
 * A platform for the SFU without sockets or clocks: transports are ends of in-memory pairs, time moves when the test
 * says so, and chance is counted.
 */
import {
  defaultLimits,
  type Elsewhere,
  type FirstChannels,
  type Meter,
  numbered,
  type PeerParameters,
  Sfu,
  type SfuLimits,
  type Transport,
  type TransportListener,
} from "../src/index.ts";
import { Wire } from "./wire.ts";

export class World {
  now = 0;
  alarm: number | undefined;
  /** When the process had last done all that had come; undefined: just now. */
  restedAt: number | undefined;
  readonly wires: Wire[] = [];
  readonly sfu: Sfu;
  /** Set to make the next transport fail, or wait for `release`. */
  opening: "at once" | "fails" | "waits" = "at once";
  release: () => void = () => {};
  #counter = 0;
  #atEnd: (() => void) | undefined;

  /**
   * `place` is its number among several servers, and the way to the others. One that gathers passes on what came at `endTurn`,
   * all others as it comes.
   */
  constructor(
    limits: Partial<SfuLimits> = {},
    meter?: Meter,
    place: { readonly number: number; readonly elsewhere?: Elsewhere; readonly gathers?: boolean } = { number: 0 },
  ) {
    this.sfu = new Sfu(
      {
        transports: {
          offer: (listener, channels) => this.#open(undefined, listener, channels),
          answer: (remote, listener, channels) => this.#open(remote, listener, channels),
        },
        now: () => this.now,
        restedAt: (now) => this.restedAt ?? now,
        setAlarm: (at) => {
          this.alarm = at;
        },
        newId: () => numbered((++this.#counter).toString(16).padStart(32, "0"), place.number),
        random32: () => Math.imul(++this.#counter, 2_654_435_761) >>> 0,
        ...(place.elsewhere && { elsewhere: place.elsewhere }),
        ...(place.gathers && {
          afterTurn: (step) => {
            if (this.#atEnd !== undefined) throw new Error("The end of one turn is awaited once.");
            this.#atEnd = step;
          },
        }),
      },
      { ...defaultLimits, ...limits },
      meter,
    );
  }

  /** All that came has been handed over; gives whether anything was. */
  endTurn(): boolean {
    const step = this.#atEnd;
    this.#atEnd = undefined;
    step?.();
    return step !== undefined;
  }

  /** Lets time pass, ringing the alarm whenever it is due. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    this.endTurn();
    for (let rounds = 0; rounds < 100_000; rounds += 1) {
      if (this.alarm === undefined || this.alarm > end) {
        this.now = end;
        return;
      }
      this.now = Math.max(this.now, this.alarm);
      // An alarm that has rung is over, as a platform's timer is.
      this.alarm = undefined;
      this.sfu.wake();
    }
    throw new Error("The alarm rings for ever.");
  }

  async #open(
    remote: PeerParameters | undefined,
    listener: TransportListener,
    channels: FirstChannels | undefined,
  ): Promise<Transport> {
    if (this.opening === "fails") throw new Error("no transport");
    if (this.opening === "waits") {
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
    }
    const wire = new Wire(`wire${this.wires.length}`, remote, listener, channels);
    this.wires.push(wire);
    return wire;
  }
}
