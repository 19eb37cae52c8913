import { errors, RefusedError } from "@satsuma/protocol";
import type { Actor, ActorClass, Closing, Context, Outcome, Socket } from "./actor.ts";
import { type AlarmInfo, infoOf } from "./alarm.ts";
import { Answer, publicError, refusals } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { copy } from "./copy.ts";
import { Gate, leaving } from "./gate.ts";
import type { Job } from "./job.ts";
import { Keeper } from "./keeper.ts";
import { LifeCore, type LifeEffect, type LifeInput, type Refused } from "./life.ts";
import type { Patience } from "./limits.ts";
import { checkDetail, type Line, LineSocket } from "./line.ts";
import { migrated, runSteps } from "./migrate.ts";
import type { Rows } from "./rows.ts";

/** What went wrong inside an actor, for the log of whoever runs it. */
export interface Problem {
  /** Its name, or empty for what concerns a whole file of actors. */
  readonly actor: string;
  readonly during: "start" | "store" | Job["type"];
  readonly error: unknown;
}

export interface CellPorts<Env> {
  readonly name: string;
  readonly env: Env;
  readonly type: ActorClass<Env>;
  readonly clock: Clock;
  readonly patience: Patience;
  open(): Rows;
  report(problem: Problem): void;
  /** Nothing of the actor is in memory any more. */
  gone(): void;
}

/** An instance and everything that is valid only as long as it is. */
interface Waking {
  readonly keeper: Keeper;
  readonly gate: Gate;
  readonly sockets: Map<string, Socket>;
  instance?: Actor;
}

/**
 * The shell of one actor: performs what its life decides, and carries its inputs in and its outputs out.
 *
 * Every runtime runs actors through this one class; it knows time and rows only by their ports.
 */
export class Cell<Env = unknown> {
  readonly #ports: CellPorts<Env>;
  readonly #life: LifeCore<Job>;
  readonly #leastMs: number;
  readonly #lines = new Map<string, Line>();
  #waking: Waking | undefined;
  /** Resolves when what an earlier waking wrote is stored, so that the next one reads it. */
  #drained: Promise<void> = Promise.resolve();
  /** The start under way; a drop makes it count for nothing. */
  #starting: object | undefined;
  #startError: unknown;
  #held: Promise<unknown> = Promise.resolve();
  #inputs: LifeInput<Job>[] = [];
  #isPerforming = false;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(ports: CellPorts<Env>) {
    this.#ports = ports;
    this.#life = new LifeCore(ports.patience);
    const { idleMs, inputMs } = ports.patience;
    // A runtime that puts actors to sleep by itself cannot while a timer is set, so there each is cancelled at once.
    this.#leastMs = idleMs === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(idleMs, inputMs);
  }

  get isAwake(): boolean {
    return this.#waking !== undefined;
  }

  ask(question: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#handle({ type: "arrived", job: { type: "ask", question: copy(question), resolve, reject } });
    });
  }

  /** A line that is not new is taken over silently: it was open before this process began. */
  connect(line: Line, isNew = true): void {
    checkDetail(line.detail);
    this.#lines.set(line.id, line);
    if (isNew) this.#handle({ type: "arrived", job: { type: "connect", line } });
  }

  message(id: string, data: string | Uint8Array): void {
    const line = this.#lines.get(id);
    if (line !== undefined) this.#handle({ type: "arrived", job: { type: "message", line, data } });
  }

  /** The wire is closed; told once per line. */
  disconnect(id: string, why: Closing): void {
    const line = this.#lines.get(id);
    if (line === undefined) return;
    this.#lines.delete(id);
    this.#handle({ type: "arrived", job: { type: "close", line, why } });
  }

  /** With `native` the runtime keeps the alarm itself, and `settle` with an error makes it try again. */
  ring(settle: (error?: unknown) => void, native?: AlarmInfo): void {
    this.#handle({ type: "arrived", job: { type: "alarm", settle, native } });
  }

  /** Lets the instance go, does the work while no input runs, and starts anew with the next input. Lines stay. */
  hold<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#held.then(async () => {
      this.#handle({ type: "held" });
      try {
        await this.#drained;
        return await work();
      } finally {
        this.#handle({ type: "released" });
      }
    });
    this.#held = result.catch(() => undefined); // Whoever asked for it hears of its failure.
    return result;
  }

  /** Refuses everything from now on and closes the lines. Resolves when what was written is stored. */
  async close(): Promise<void> {
    this.#handle({ type: "closed" });
    for (const line of this.#lines.values()) line.wire.close(errors["shutting-down"].close, "shutting-down");
    this.#lines.clear();
    this.#timer?.cancel();
    await this.#drained;
  }

  #handle(input: LifeInput<Job>): void {
    if (this.#isPerforming) {
      this.#inputs.push(input);
      return;
    }
    this.#isPerforming = true;
    const now = this.#ports.clock.now();
    try {
      for (let next: LifeInput<Job> | undefined = input; next !== undefined; next = this.#inputs.shift()) {
        for (const effect of this.#life.handle(next, now)) this.#perform(effect);
      }
    } finally {
      this.#isPerforming = false;
    }
    this.#arm(now);
  }

  #perform(effect: LifeEffect<Job>): void {
    switch (effect.type) {
      case "start":
        void this.#start();
        return;
      case "run":
        this.#run(effect.job);
        return;
      case "refuse":
        this.#refuse(effect.job, this.#refusal(effect.why));
        return;
      case "drop":
        this.#drop();
        return;
    }
  }

  #arm(now: number): void {
    // No deadline made now is sooner than the least patience, so an earlier timer needs no second look.
    const { state } = this.#life.life;
    const isRunning = state === "busy" || state === "idle";
    if (isRunning && this.#timer !== undefined && this.#timer.at <= now + this.#leastMs) return;
    const deadline = this.#life.nextDeadline();
    if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) {
      this.#timer?.cancel();
      this.#timer = undefined;
      if (this.#life.life.state !== "asleep") return;
      void this.#drained.then(() => {
        if (this.#life.life.state === "asleep" && this.#lines.size === 0) this.#ports.gone();
      });
      return;
    }
    // A timer that fires too early only looks again, which is cheaper than moving it with every input.
    if (this.#timer !== undefined && this.#timer.at <= deadline) return;
    this.#timer?.cancel();
    const cancel = this.#ports.clock.wake(deadline, () => {
      this.#timer = undefined;
      this.#handle({ type: "ticked" });
    });
    this.#timer = { at: deadline, cancel };
  }

  async #start(): Promise<void> {
    const { type, name } = this.#ports;
    const gate = new Gate((error) => this.#broken(waking, error));
    let waking: Waking | undefined;
    const starting = {};
    this.#starting = starting;
    try {
      await this.#drained;
      if (this.#starting !== starting) return;
      const keeper = new Keeper(this.#ports.open(), gate, type.sql);
      waking = { keeper, gate, sockets: new Map() };
      this.#waking = waking;
      keeper.migrate = (transaction) => runSteps(keeper, transaction, type.migrations);
      await migrated(keeper, type.migrations);
      waking.instance = new type(this.#context(waking));
      await waking.instance.start();
      if (this.#waking === waking) this.#handle({ type: "started" });
    } catch (error) {
      this.#ports.report({ actor: name, during: "start", error });
      if (this.#starting !== starting || this.#waking !== waking) return;
      this.#drop();
      this.#startError = error;
      this.#handle({ type: "start-failed" });
    }
  }

  #run(job: Job): void {
    const waking = this.#waking;
    if (waking?.instance === undefined) throw new Error("A job runs only in an instance that has started.");
    let result: unknown;
    try {
      result = this.#call(waking, waking.instance, job);
    } catch (error) {
      this.#finish(waking, job, { ok: false, error });
      return;
    }
    if (result instanceof Promise) {
      result.then(
        (value) => this.#finish(waking, job, { ok: true, value }),
        (error) => this.#finish(waking, job, { ok: false, error }),
      );
    } else this.#finish(waking, job, { ok: true, value: result });
  }

  #call(waking: Waking, instance: Actor, job: Job): unknown {
    switch (job.type) {
      case "ask":
        return instance.ask(job.question);
      case "connect":
        return instance.connect(this.#socket(waking, job.line));
      case "message":
        return instance.message(this.#socket(waking, job.line), job.data);
      case "close":
        return instance.close(this.#socket(waking, job.line), job.why);
      case "alarm":
        return job.native === undefined ? this.#ringKept(waking, instance) : instance.alarm(job.native);
      case "outcome":
        return waking === job.waking ? job.run() : undefined;
    }
  }

  async #ringKept(waking: Waking, instance: Actor): Promise<void> {
    const { clock } = this.#ports;
    const alarm = await waking.keeper.ring(clock.now());
    if (alarm === undefined) return;
    try {
      await instance.alarm(infoOf(alarm));
    } catch (error) {
      waking.keeper.rang(true, clock.now());
      throw error;
    }
    waking.keeper.rang(false, clock.now());
  }

  #finish(waking: Waking, job: Job, outcome: Outcome<unknown>): void {
    if (this.#waking !== waking) return;
    if (!outcome.ok) this.#failed(job, outcome.error);
    this.#settle(waking.gate, job, outcome);
    if (job.type === "close") waking.sockets.delete(job.line.id);
    this.#handle({ type: "finished" });
  }

  #settle(gate: Gate, job: Job, outcome: Outcome<unknown>): void {
    switch (job.type) {
      case "ask":
        gate.pass(new Answer(job, outcome));
        return;
      case "alarm":
        gate.pass({
          settled: (lost) => job.settle(lost ?? (outcome.ok ? undefined : (outcome.error ?? publicError(undefined)))),
        });
        return;
      case "connect":
        if (!outcome.ok) gate.pass(leaving(() => this.#refuse(job, publicError(outcome.error))));
        return;
      case "message":
      case "close":
      case "outcome":
        return;
    }
  }

  #failed(job: Job, error: unknown): void {
    if (job.type === "ask" && error instanceof RefusedError) return;
    this.#ports.report({ actor: this.#ports.name, during: job.type, error });
  }

  #refuse(job: Job, error: RefusedError): void {
    if (job.type === "close") this.#waking?.sockets.delete(job.line.id);
    if (job.type === "ask") job.reject(error);
    else if (job.type === "alarm") job.settle(error);
    else if (job.type === "connect" || error.code === "too-many-requests") {
      if (job.type !== "outcome") job.line.wire.close(errors[error.code].close, error.code);
    }
    if (job.type !== "ask") this.#failed(job, error);
  }

  #refusal(why: Refused): RefusedError {
    const cause = this.#startError;
    if (why === "start-failed")
      return cause instanceof RefusedError ? cause : new RefusedError(why, refusals[why], { cause });
    return new RefusedError(why === "restarted" ? "storage-failed" : why, refusals[why]);
  }

  #broken(waking: Waking | undefined, error: unknown): void {
    this.#ports.report({ actor: this.#ports.name, during: "store", error });
    if (waking === undefined || this.#waking !== waking) return;
    // What these sockets were told may rest on lost writes, so their ends start anew.
    for (const line of this.#lines.values()) line.wire.close(errors["storage-failed"].close, "storage-failed");
    this.#handle({ type: "broken" });
  }

  #drop(): void {
    this.#starting = undefined;
    const waking = this.#waking;
    if (waking === undefined) return;
    this.#waking = undefined;
    this.#drained = waking.keeper.close().catch(() => undefined); // Its loss was reported through the gate.
  }

  #socket(waking: Waking, line: Line): Socket {
    const known = waking.sockets.get(line.id);
    if (known !== undefined) return known;
    const socket = new LineSocket(line, waking.gate, () => this.#waking === waking);
    waking.sockets.set(line.id, socket);
    return socket;
  }

  #context(waking: Waking): Context<Env> {
    const { name, env, clock } = this.#ports;
    return {
      name,
      env,
      storage: waking.keeper,
      now: () => clock.now(),
      sockets: () => Array.from(this.#lines.values(), (line) => this.#socket(waking, line)),
      outside: (work, then) => this.#outside(waking, work, then),
    };
  }

  #outside<T>(waking: Waking, work: () => Promise<T>, then: ((outcome: Outcome<T>) => unknown) | undefined): void {
    const { clock } = this.#ports;
    const end = (outcome: Outcome<T>) => {
      if (this.#waking !== waking) return;
      this.#life.keepAwake(-1, clock.now());
      if (then === undefined) this.#arm(clock.now());
      else this.#handle({ type: "arrived", job: { type: "outcome", waking, run: () => then(outcome) } });
    };
    this.#life.keepAwake(1, clock.now());
    const leave = () => {
      Promise.resolve()
        .then(work)
        .then(
          (value) => end({ ok: true, value }),
          (error) => end({ ok: false, error }),
        );
    };
    waking.gate.pass(leaving(leave));
  }
}
