/** The shell of the schedule: the STUN and TURN servers of a room, fetched once for all its connections. */
import { Alarm } from "../alarm.ts";
import type { RetryPolicy } from "../backoff.ts";
import { type IceGrant, IceSchedule } from "./ice-schedule.ts";

/** Servers that are known, or how to get them; asked again before their credentials expire. */
export type IceSource = readonly RTCIceServer[] | (() => Promise<IceGrant>);

/** Milliseconds that the first connection waits for its servers. Without them it may still come up, so not longer. */
const patience = 2_000;

export class IceServers {
  readonly #fetch: (() => Promise<IceGrant>) | undefined;
  readonly #schedule: IceSchedule;
  readonly #alarm = new Alarm(() => void this.#wake());
  readonly #changed: (servers: readonly RTCIceServer[]) => void;
  readonly #first = Promise.withResolvers<void>();
  #servers: readonly RTCIceServer[];
  #closed = false;

  constructor(source: IceSource, policy: RetryPolicy, changed: (servers: readonly RTCIceServer[]) => void) {
    this.#changed = changed;
    this.#schedule = new IceSchedule(policy, performance.now());
    if (typeof source === "function") {
      this.#fetch = source;
      this.#servers = [];
      setTimeout(this.#first.resolve, patience);
      void this.#wake();
    } else {
      this.#servers = source;
      this.#first.resolve();
    }
  }

  get current(): readonly RTCIceServer[] {
    return this.#servers;
  }

  /** Resolves when the first servers are there, or were waited for long enough. Never rejects. */
  get ready(): Promise<void> {
    return this.#first.promise;
  }

  close(): void {
    this.#closed = true;
    this.#alarm.set(undefined, 0);
  }

  async #wake(): Promise<void> {
    if (this.#fetch === undefined || !this.#schedule.wake(performance.now())) return;
    try {
      const grant = await this.#fetch();
      this.#schedule.granted(grant, performance.now());
      this.#servers = grant.iceServers;
      if (!this.#closed) this.#changed(this.#servers);
    } catch {
      // Whatever went wrong at the app's end: the schedule knows when to ask again.
      this.#schedule.failed(performance.now());
    }
    this.#first.resolve();
    if (!this.#closed) this.#alarm.set(this.#schedule.nextDeadline(), performance.now());
  }
}
