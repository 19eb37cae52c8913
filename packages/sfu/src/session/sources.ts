/**
 * Pulls that wait for what they pull: for a publisher to connect, and for a track's first packet.
 *
 * A call waits for all its tracks together, so that it is answered with one offer. What did not come in time fails one
 * by one. Pure but for the promise: who waits is told by `look`, and when to look again by `nextDeadline`.
 */
import type { TrackObject, TrackResult } from "@satsuma/protocol";
import { empty, notFound } from "./items.ts";

/** `silent` is a track whose publisher is connected and has sent nothing of it yet. */
export type Readiness = "missing" | "unconnected" | "silent" | "ready";

export interface SourceLimits {
  /** ms. */
  readonly connectWait: number;
  /** ms; 0 does not wait, and takes silent tracks as they are. */
  readonly sourceWait: number;
}

/** Who waits, and how ready each of its tracks is right now. */
export interface Puller {
  /** True when nobody needs the answer any more. */
  readonly ended: boolean;
  readonly readiness: (track: TrackObject) => Readiness;
}

interface Waiter {
  readonly puller: Puller;
  readonly tracks: readonly TrackObject[];
  readonly until: Readiness;
  readonly deadline: number;
  readonly resolve: () => void;
}

export class Sources {
  readonly #limits: SourceLimits;
  readonly #now: () => number;
  readonly #changed: () => void;
  #waiters: Waiter[] = [];

  /** `changed` is called when the next deadline may be another. */
  constructor(limits: SourceLimits, now: () => number, changed: () => void) {
    this.#limits = limits;
    this.#now = now;
    this.#changed = changed;
  }

  /** Whether a packet can end somebody's waiting. */
  get listening(): boolean {
    return this.#waiters.some((waiter) => waiter.until === "silent");
  }

  /** Waits as long as it may; gives the results of those tracks that cannot be pulled. */
  async failed(puller: Puller, tracks: readonly TrackObject[]): Promise<ReadonlyMap<TrackObject, TrackResult>> {
    const { connectWait, sourceWait } = this.#limits;
    await this.#while("unconnected", connectWait, puller, tracks);
    if (sourceWait > 0) await this.#while("silent", sourceWait, puller, tracks);
    const results = new Map<TrackObject, TrackResult>();
    for (const track of tracks) {
      const readiness = puller.readiness(track);
      if (readiness === "missing" || readiness === "unconnected") results.set(track, notFound(track));
      else if (readiness === "silent" && sourceWait > 0) results.set(track, empty(track));
    }
    return results;
  }

  /** Something happened that may end a waiting: a publisher connected or ended, a packet came, time passed. */
  look(now: number): void {
    const before = this.#waiters;
    if (before.length === 0) return;
    this.#waiters = before.filter((waiter) => !isOver(waiter, now));
    for (const waiter of before) if (!this.#waiters.includes(waiter)) waiter.resolve();
  }

  /** Nobody waits any longer. */
  close(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  nextDeadline(): number | undefined {
    return this.#waiters.length === 0 ? undefined : Math.min(...this.#waiters.map((waiter) => waiter.deadline));
  }

  #while(until: Readiness, patience: number, puller: Puller, tracks: readonly TrackObject[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const now = this.#now();
    const waiter = { puller, tracks, until, deadline: now + patience, resolve };
    if (isOver(waiter, now)) return Promise.resolve();
    this.#waiters.push(waiter);
    this.#changed();
    return promise;
  }
}

function isOver({ puller, tracks, until, deadline }: Waiter, now: number): boolean {
  return puller.ended || now >= deadline || !tracks.some((track) => puller.readiness(track) === until);
}
