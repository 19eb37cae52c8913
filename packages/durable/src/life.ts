/**
 * The life of one actor: when it starts, which input runs, when it sleeps.
 *
 * Knows nothing of classes, storage or sockets: jobs are opaque, and time is an argument. One job runs at a time, in the
 * order of arrival. The shell (cell.ts) performs the effects in order and calls again at `nextDeadline`.
 */
import type { Patience } from "./limits.ts";
import { limits } from "./limits.ts";

export type Life<J> =
  | { readonly state: "asleep" }
  | { readonly state: "starting"; readonly failures: number; readonly deadline: number }
  | { readonly state: "idle"; readonly since: number }
  | { readonly state: "busy"; readonly job: J; readonly deadline: number }
  | { readonly state: "resting"; readonly failures: number; readonly until: number } // a start failed
  | { readonly state: "held" } // its rows are being replaced
  | { readonly state: "closed" };

export type LifeInput<J> =
  | { readonly type: "arrived"; readonly job: J }
  | { readonly type: "started" }
  | { readonly type: "start-failed" }
  | { readonly type: "finished" }
  | { readonly type: "broken" } // its writes were lost, so its memory cannot be trusted
  | { readonly type: "held" }
  | { readonly type: "released" }
  | { readonly type: "ticked" }
  | { readonly type: "closed" };

export type LifeEffect<J> =
  | { readonly type: "start" }
  | { readonly type: "run"; readonly job: J }
  | { readonly type: "refuse"; readonly job: J; readonly why: Refused }
  | { readonly type: "drop" }; // let go of the instance; what it does from now on counts for nothing

export type Refused = "too-many-requests" | "start-failed" | "timed-out" | "storage-failed" | "restarted" | "closed";

interface Waiting<J> {
  readonly job: J;
  readonly deadline: number;
}

const nothing: readonly never[] = [];
const start: readonly LifeEffect<never>[] = [{ type: "start" }];

export class LifeCore<J> {
  readonly #patience: Patience;
  #life: Life<J> = { state: "asleep" };
  #waiting: Waiting<J>[] = [];
  /** Places of `#waiting` already taken from its front; moving the array for each would be quadratic. */
  #taken = 0;
  #outside = 0;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  get life(): Life<J> {
    return this.#life;
  }

  get waiting(): number {
    return this.#waiting.length - this.#taken;
  }

  /** Work of the actor that runs outside its inputs keeps it awake. */
  keepAwake(change: 1 | -1, now: number): void {
    this.#outside += change;
    if (this.#life.state === "idle") this.#life = { state: "idle", since: now };
  }

  handle(input: LifeInput<J>, now: number): readonly LifeEffect<J>[] {
    switch (input.type) {
      case "arrived":
        return this.#arrived(input.job, now);
      case "started":
        return this.#life.state === "starting" ? this.#next(now) : nothing;
      case "finished":
        return this.#life.state === "busy" ? this.#next(now) : nothing;
      case "start-failed":
        return this.#life.state === "starting" ? this.#startFailed(this.#life.failures + 1, now) : nothing;
      case "held":
        return this.#held();
      case "released":
        return this.#life.state === "held" ? this.#awaken(now) : nothing;
      case "broken":
        return this.#broken(now);
      case "ticked":
        return this.#ticked(now);
      case "closed":
        return this.#closed();
    }
  }

  nextDeadline(): number | undefined {
    const own = this.#ownDeadline();
    const first = this.#waiting[this.#taken]?.deadline;
    if (own === undefined || first === undefined) return own ?? first;
    return Math.min(own, first);
  }

  #ownDeadline(): number | undefined {
    const life = this.#life;
    switch (life.state) {
      case "starting":
      case "busy":
        return life.deadline;
      case "idle":
        return this.#outside > 0 ? undefined : life.since + this.#patience.idleMs;
      case "resting":
        return this.waiting > 0 ? life.until : life.until + this.#patience.idleMs;
      case "asleep":
      case "held":
      case "closed":
        return undefined;
    }
  }

  #arrived(job: J, now: number): readonly LifeEffect<J>[] {
    const life = this.#life;
    switch (life.state) {
      case "closed":
        return [{ type: "refuse", job, why: "closed" }];
      case "idle":
        return this.#run(job, now);
      case "asleep":
        this.#wait(job, now);
        return this.#start(0, now);
      case "resting":
        if (this.waiting >= limits.inputsWaiting) return [{ type: "refuse", job, why: "too-many-requests" }];
        this.#wait(job, now);
        return now >= life.until ? this.#start(life.failures, now) : nothing;
      case "starting":
      case "held":
      case "busy":
        if (this.waiting >= limits.inputsWaiting) return [{ type: "refuse", job, why: "too-many-requests" }];
        this.#wait(job, now);
        return nothing;
    }
  }

  #ticked(now: number): readonly LifeEffect<J>[] {
    const late = this.#refuseLate(now);
    const life = this.#life;
    const due = this.#ownDeadline();
    if (due === undefined || now < due) return late;
    switch (life.state) {
      case "busy":
        return [...late, { type: "refuse", job: life.job, why: "timed-out" }, { type: "drop" }, ...this.#awaken(now)];
      case "starting":
        return [...late, { type: "drop" }, ...this.#startFailed(life.failures + 1, now)];
      case "resting":
        if (this.waiting > 0) return [...late, ...this.#start(life.failures, now)];
        this.#life = { state: "asleep" };
        return [...late, { type: "drop" }];
      case "idle":
        this.#life = { state: "asleep" };
        return [...late, { type: "drop" }];
      case "asleep":
      case "held":
      case "closed":
        return late;
    }
  }

  #broken(now: number): readonly LifeEffect<J>[] {
    const life = this.#life;
    if (life.state !== "starting" && life.state !== "idle" && life.state !== "busy") return nothing;
    const effects = this.#interrupt("storage-failed");
    this.#rest(1, now);
    return effects;
  }

  #held(): readonly LifeEffect<J>[] {
    if (this.#life.state === "closed") return nothing;
    const effects = this.#interrupt("restarted");
    this.#life = { state: "held" };
    return effects;
  }

  #interrupt(why: Refused): LifeEffect<J>[] {
    const life = this.#life;
    return life.state === "busy" ? [{ type: "refuse", job: life.job, why }, { type: "drop" }] : [{ type: "drop" }];
  }

  /** Whoever waited is told at once and may try again; later inputs wait for the next start. */
  #startFailed(failures: number, now: number): readonly LifeEffect<J>[] {
    this.#rest(failures, now);
    return this.#refuseAll("start-failed");
  }

  #refuseAll(why: Refused): LifeEffect<J>[] {
    const jobs = this.#waiting.slice(this.#taken);
    this.#waiting = [];
    this.#taken = 0;
    return jobs.map(({ job }) => ({ type: "refuse", job, why }));
  }

  #closed(): readonly LifeEffect<J>[] {
    const effects = [...this.#interrupt("closed"), ...this.#refuseAll("closed")];
    this.#life = { state: "closed" };
    return effects;
  }

  #refuseLate(now: number): LifeEffect<J>[] {
    const late: LifeEffect<J>[] = [];
    for (let first = this.#waiting[this.#taken]; first !== undefined && first.deadline <= now; ) {
      late.push({ type: "refuse", job: first.job, why: "timed-out" });
      this.#take();
      first = this.#waiting[this.#taken];
    }
    return late;
  }

  #next(now: number): readonly LifeEffect<J>[] {
    const first = this.#waiting[this.#taken];
    if (first !== undefined) {
      this.#take();
      return this.#run(first.job, now);
    }
    this.#life = { state: "idle", since: now };
    return nothing;
  }

  #awaken(now: number): readonly LifeEffect<J>[] {
    this.#life = { state: "asleep" };
    return this.waiting > 0 ? this.#start(0, now) : nothing;
  }

  #run(job: J, now: number): readonly LifeEffect<J>[] {
    this.#life = { state: "busy", job, deadline: now + this.#patience.inputMs };
    return [{ type: "run", job }];
  }

  #start(failures: number, now: number): readonly LifeEffect<J>[] {
    this.#life = { state: "starting", failures, deadline: now + this.#patience.inputMs };
    return start;
  }

  #rest(failures: number, now: number): void {
    const { restartMs, restartMaxMs } = this.#patience;
    this.#life = { state: "resting", failures, until: now + Math.min(restartMs * 2 ** (failures - 1), restartMaxMs) };
  }

  #wait(job: J, now: number): void {
    this.#waiting.push({ job, deadline: now + 2 * this.#patience.inputMs });
  }

  #take(): void {
    this.#taken++;
    if (this.#taken * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#taken);
    this.#taken = 0;
  }
}
