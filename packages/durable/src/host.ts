import { RefusedError } from "@satsuma/protocol";
import type { Actor, ActorClass, Closing, Handle, Json, Namespace } from "./actor.ts";
import { Cell, type Problem } from "./cell.ts";
import type { Clock } from "./clock.ts";
import { checkName } from "./key.ts";
import { defaultPatience, type Patience } from "./limits.ts";
import type { Wire } from "./line.ts";
import type { Rows } from "./rows.ts";

/** Where the actors of one namespace keep their rows, and which alarms are due. */
export interface Shelf {
  open(name: string): Rows;
  /** When the next stored alarm after `now` is due. */
  nextAlarm(now: number): number | undefined;
  /** Names with an alarm due, the longest due first. */
  dueAlarms(now: number, limit: number): string[];
  /** Calls back whenever stored alarms have changed. */
  onAlarms(changed: () => void): void;
}

export interface HostPorts {
  readonly clock: Clock;
  readonly patience?: Partial<Patience>;
  /** Alarms ring from when it resolves on; at once without it. It does not reject. */
  readonly ready?: Promise<unknown> | undefined;
  report?(problem: Problem): void;
}

/** A namespace in this process: besides asking, sockets can be brought to its actors. */
export interface LocalNamespace<A extends Actor> extends Namespace<A> {
  get(name: string): LocalHandle<A>;
  /** Actors in memory, asleep with open sockets or awake. */
  readonly size: number;
}

export interface LocalHandle<A extends Actor> extends Handle<A> {
  /** Hands the actor a socket; the result is how its door tells what comes in. */
  connect(wire: Wire, detail?: Json): Incoming;
  /** Lets the instance go as if it had slept, and does the work before the next input. Its sockets stay. */
  hold<T>(work: () => Promise<T> | T): Promise<T>;
}

export interface Incoming {
  readonly id: string;
  message(data: string | Uint8Array): void;
  close(why: Closing): void;
}

/** Alarms whose handlers run at once; the others wait in the store. */
const alarmsAtOnce = 256;

/** The actors of one class in one process: at most one cell per name. */
export class Host<Env, A extends Actor> implements LocalNamespace<A> {
  readonly #type: ActorClass<Env, A>;
  readonly #env: Env;
  readonly #shelf: Shelf;
  readonly #ports: HostPorts;
  readonly #patience: Patience;
  readonly #cells = new Map<string, Cell<Env>>();
  readonly #ringing = new Set<string>();
  /** Actors whose alarm could not be brought to them, until it is tried again; they take no room from others. */
  readonly #unreachable = new Set<string>();
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #isReady = false;
  #isArming = false;
  #isClosed = false;

  constructor(type: ActorClass<Env, A>, env: Env, shelf: Shelf, ports: HostPorts) {
    this.#type = type;
    this.#env = env;
    this.#shelf = shelf;
    this.#ports = ports;
    this.#patience = { ...defaultPatience, ...ports.patience };
    shelf.onAlarms(() => this.#armSoon());
    if (ports.ready === undefined) this.#isReady = true;
    else void ports.ready.then(() => this.#begin());
    this.#armAlarms();
  }

  get size(): number {
    return this.#cells.size;
  }

  get(name: string): LocalHandle<A> {
    checkName(name);
    return {
      name,
      ask: (question: unknown) => this.#ask(name, question) as Promise<never>,
      connect: (wire, detail = null) => this.#connect(name, wire, detail),
      hold: async (work) => this.#cell(name).hold(work),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await Promise.all(Array.from(this.#cells.values(), (cell) => cell.close()));
    this.#cells.clear();
  }

  #ask(name: string, question: unknown): Promise<unknown> {
    const known = this.#cells.get(name);
    if (known !== undefined) return known.ask(question);
    return new Promise((resolve) => {
      resolve(this.#cell(name).ask(question));
    });
  }

  #cell(name: string): Cell<Env> {
    const known = this.#cells.get(name);
    if (known !== undefined) return known;
    if (this.#isClosed) throw new RefusedError("closed", "The actors of this process are closed.");
    const cell: Cell<Env> = new Cell({
      name,
      env: this.#env,
      type: this.#type,
      clock: this.#ports.clock,
      patience: this.#patience,
      open: () => this.#shelf.open(name),
      report: (problem) => this.#ports.report?.(problem),
      gone: () => {
        this.#cells.delete(name);
      },
    });
    this.#cells.set(name, cell);
    return cell;
  }

  #connect(name: string, wire: Wire, detail: Json): Incoming {
    const id = crypto.randomUUID();
    const line = { id, detail, wire, attachment: undefined };
    this.#cell(name).connect(line);
    return {
      id,
      message: (data) => this.#cells.get(name)?.message(id, data),
      close: (why) => this.#cells.get(name)?.disconnect(id, why),
    };
  }

  #begin(): void {
    this.#isReady = true;
    this.#armAlarms();
  }

  #armAlarms(): void {
    if (this.#isClosed || !this.#isReady) return;
    const now = this.#ports.clock.now();
    const room = alarmsAtOnce - this.#ringing.size;
    if (room > 0) {
      const due = this.#shelf.dueAlarms(now, alarmsAtOnce + this.#unreachable.size);
      const next = due.filter((name) => !this.#ringing.has(name) && !this.#unreachable.has(name));
      for (const name of next.slice(0, room)) this.#ring(name);
    }
    const next = this.#ringing.size < alarmsAtOnce ? this.#shelf.nextAlarm(now) : undefined;
    if (next === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (next === undefined) return;
    const cancel = this.#ports.clock.wake(next, () => {
      this.#timer = undefined;
      this.#armAlarms();
    });
    this.#timer = { at: next, cancel };
  }

  /** Once for all alarms that end in one turn. */
  #armSoon(): void {
    if (this.#isArming) return;
    this.#isArming = true;
    queueMicrotask(() => {
      this.#isArming = false;
      this.#armAlarms();
    });
  }

  #ring(name: string): void {
    this.#ringing.add(name);
    this.#cell(name).ring((error) => {
      this.#ringing.delete(name);
      const again = () => {
        this.#unreachable.delete(name);
        this.#armSoon();
      };
      // A failed handler has moved its alarm 2 seconds or more; an actor that cannot run at all must not be rung hotly.
      if (error === undefined) again();
      else {
        this.#unreachable.add(name);
        this.#armSoon();
        this.#ports.clock.wake(this.#ports.clock.now() + 1_000, again);
      }
    });
  }
}
