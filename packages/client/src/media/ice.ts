/** The shell of the schedule: the STUN and TURN servers of a room, fetched once for all its connections. */
import { Alarm } from "../alarm.ts";
import type { RetryPolicy } from "../backoff.ts";
import { within } from "../within.ts";
import { type IceGrant, IceSchedule } from "./ice-schedule.ts";

/** Servers that are known, or how to get them; asked again before their credentials expire. */
export type IceSource = readonly RTCIceServer[] | (() => Promise<IceGrant>);

/** Milliseconds that a connection waits for servers that hold. Without them it may still come up, so not longer. */
const patience = 2_000;
/** Milliseconds after which servers that were asked for are asked for anew. */
const fetchPatience = 10_000;

export class IceServers {
  readonly #fetch: (() => Promise<IceGrant>) | undefined;
  readonly #schedule: IceSchedule;
  readonly #alarm = new Alarm(() => this.look());
  readonly #changed: (servers: readonly RTCIceServer[]) => void;
  #ready = Promise.resolve();
  #servers: readonly RTCIceServer[];
  #closed = false;

  constructor(source: IceSource, policy: RetryPolicy, changed: (servers: readonly RTCIceServer[]) => void) {
    this.#changed = changed;
    this.#schedule = new IceSchedule(policy, Date.now());
    if (typeof source === "function") {
      this.#fetch = source;
      this.#servers = [];
      this.look();
    } else this.#servers = source;
  }

  get current(): readonly RTCIceServer[] {
    return this.#servers;
  }

  /** Resolves when there are servers that hold, or they were waited for long enough. Never rejects. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /**
   * Fetches them if that is due. Credentials expire by the clock on the wall, and a timer stands still while the machine sleeps:
   * whoever makes a connection looks first.
   */
  look(): void {
    const now = Date.now();
    if (this.#closed || this.#fetch === undefined) return;
    const waited = !this.#schedule.holds(now);
    if (this.#schedule.wake(now)) {
      const renewed = this.#renew(this.#fetch);
      if (waited) this.#ready = within(patience, renewed).catch(() => {});
    } else this.#alarm.set(this.#schedule.nextDeadline(), now);
  }

  close(): void {
    this.#closed = true;
    this.#alarm.set(undefined, 0);
  }

  async #renew(fetch: () => Promise<IceGrant>): Promise<void> {
    try {
      const grant = await within(fetchPatience, fetch());
      this.#schedule.granted(grant, Date.now());
      this.#servers = grant.iceServers;
      if (!this.#closed) this.#changed(this.#servers);
    } catch {
      // Whatever went wrong at the app's end: the schedule knows when to ask again.
      this.#schedule.failed(Date.now());
    }
    this.look();
  }
}
