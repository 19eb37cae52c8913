import type { AlarmInfo } from "./alarm.ts";
import type { Migration } from "./migrate.ts";
import type { Storage } from "./storage.ts";

/** What travels as JSON, such as the detail a door gives a socket. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * An actor: one instance per name, one input at a time.
 *
 * Extend it and override the inputs it takes. An instance lives from a waking to the next sleep, so its fields are a
 * cache; what must last goes to `context.storage`. An input whose handler throws fails alone, and what it wrote stays
 * (wrap it in a transaction where it must not). Answers, socket messages and `outside` work leave when the writes before
 * them are durable.
 */
export abstract class Actor<Env = unknown> {
  /** The steps from an empty storage to the newest schema, run once each, in order, before `start`. */
  static readonly migrations: readonly Migration[] = [];
  /** Whether the class uses `storage.sql`; on Node such actors have a database file each. */
  static readonly sql: boolean = false;

  protected readonly context: Context<Env>;

  constructor(context: Context<Env>) {
    this.context = context;
  }

  /** Runs at every waking, before any input. A start that throws is tried again, later each time. */
  start(): Promise<void> | void {}

  /** A question from outside; question and answer are cloned. */
  // biome-ignore lint/suspicious/noExplicitAny: a subclass names what it is asked; unknown would forbid that.
  ask(_question: any): unknown {
    return undefined;
  }

  connect(_socket: Socket): Promise<void> | void {}
  message(_socket: Socket, _data: string | Uint8Array): Promise<void> | void {}
  close(_socket: Socket, _why: Closing): Promise<void> | void {}

  /** At least once for every alarm set; tried again from 2 seconds on, doubling, 6 times, when it throws. */
  alarm(_info: AlarmInfo): Promise<void> | void {}
}

export interface Context<Env = unknown> {
  readonly name: string;
  readonly env: Env;
  readonly storage: Storage;
  /** Milliseconds since the epoch, by the runtime's clock. */
  now(): number;
  /** Open sockets, oldest first, those of earlier wakings included. */
  sockets(): Socket[];
  /**
   * Does work whose end the actor does not wait for, once the writes so far are durable, and hands its outcome to `then`
   * as an input of its own. The actor stays awake until then; if it is cut off or its process ends, the outcome is lost.
   */
  outside<T>(work: () => Promise<T>, then?: (outcome: Outcome<T>) => Promise<void> | void): void;
}

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** A WebSocket as its actor sees it. It stays open while the actor sleeps, and its attachment stays with it. */
export interface Socket {
  readonly id: string;
  /** What the door knew when it connected, such as verified claims. */
  readonly detail: Json;
  /** Structured-clone data, 8,192 bytes at most; set it anew to change it. */
  attachment: unknown;
  /** A lossy message is one whose loss its receiver can mend; a runtime may drop it for a reader that is far behind. */
  send(data: string | Uint8Array, lossy?: boolean): void;
  /** The code is one of 1000–1014 but for 1004–1006, or of 3000–4999; the reason has 123 bytes at most. */
  close(code?: number, reason?: string): void;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

export interface ActorClass<Env, A extends Actor = Actor> {
  new (context: Context<Env>): A;
  readonly migrations: readonly Migration[];
  readonly sql: boolean;
}

type QuestionOf<A> = A extends { ask(question: infer Q): unknown } ? Q : never;
type AnswerOf<A> = A extends { ask(question: never): infer R } ? Awaited<R> : never;

/** All actors of one class, by name. */
export interface Namespace<A extends Actor = Actor> {
  get(name: string): Handle<A>;
}

/** A way to one actor. Holding it neither wakes the actor nor keeps it awake. */
export interface Handle<A extends Actor = Actor> {
  readonly name: string;
  /** Rejects with a RefusedError; one from the handler keeps its code, any other error arrives as `internal`. */
  ask(question: QuestionOf<A>): Promise<AnswerOf<A>>;
}
