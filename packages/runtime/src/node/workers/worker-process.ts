/**
 * One media worker as the process in front knows it: started, asked, watched, and started again when it has died.
 *
 * A worker that says nothing for a while hangs, and is killed: what it cannot tell, it cannot serve either. Silence is
 * counted in looks of ours and not in time, so that a machine that slept finds its workers as they were.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { UsageRow } from "@satsuma/sfu";
import type { Assignment, FromWorker, Load, ToWorker } from "./words.ts";

export interface WorkerLimits {
  /** ms between two reports of a worker, and two looks at it. */
  readonly interval: number;
  /** Looks without a word after which a worker hangs. */
  readonly silence: number;
  /** The same for one that is only just starting, which on a busy machine takes its time. */
  readonly startSilence: number;
  /** ms before a worker is started again, the first time and at the most; doubled each time in between. */
  readonly shortestPause: number;
  readonly longestPause: number;
  /** ms that one has to run to count as well. */
  readonly well: number;
  /** ms that it has for its end, and to say that it did what it was asked. */
  readonly patience: number;
  /** ms that it has, while all is being closed, for what it has counted. */
  readonly lastWords: number;
}

export const defaultWorkerLimits: WorkerLimits = {
  interval: 1_000,
  // One on a machine that has no time for it is of more use than none.
  silence: 20,
  startSilence: 60,
  shortestPause: 1_000,
  longestPause: 60_000,
  well: 60_000,
  patience: 2_000,
  lastWords: 500,
};

/** What an operator wants to know of a worker; `worker` is its number. */
export type WorkerEvent =
  | { readonly event: "started"; readonly worker: number; readonly pid: number; readonly port: number }
  /** It died, was killed for hanging, or could not start; its sessions are gone. ms until it is started again. */
  | {
      readonly event: "ended";
      readonly worker: number;
      readonly why: string;
      readonly sessions: number;
      readonly again: number;
    }
  | ({ readonly event: "load"; readonly worker: number } & Load);

export interface WorkerContext {
  readonly limits: WorkerLimits;
  /** Made anew for each start. */
  readonly assignment: () => Assignment;
  readonly tell: (event: WorkerEvent) => void;
  readonly usage: (rows: readonly UsageRow[]) => void;
  readonly onError: (error: unknown) => void;
}

type Asked = { readonly ask: "put" | "remove" | "count" } & Record<string, unknown>;

type Life =
  | { readonly is: "starting"; readonly child: ChildProcess; readonly port: number }
  | { readonly is: "up"; readonly child: ChildProcess; readonly since: number }
  | { readonly is: "down"; readonly again: NodeJS.Timeout }
  | { readonly is: "closed" };

/** Looks without a word after which a worker gets no new sessions, as long as there is another. */
const quiet = 3;

const idle: Load = { sessions: 0, busy: 0, imports: 0, exports: 0 };

export class WorkerProcess {
  readonly number: number;
  load: Load = idle;
  /** Sessions that were begun since it told how many it has. */
  begun = 0;
  readonly #context: WorkerContext;
  #life: Life = { is: "closed" };
  #silence = 0;
  #failures = 0;
  #why: string | undefined;
  #ids = 0;
  readonly #asked = new Map<number, () => void>();
  /** What it was asked since it was told what it starts with. */
  #kept: Asked[] = [];

  constructor(number: number, context: WorkerContext) {
    this.number = number;
    this.#context = context;
  }

  get isUp(): boolean {
    return this.#life.is === "up";
  }

  /** It has not told its load for longer than one that works. */
  get silent(): boolean {
    return this.#silence > quiet;
  }

  get sessions(): number {
    return this.load.sessions + this.begun;
  }

  get pid(): number | undefined {
    return "child" in this.#life ? this.#life.child.pid : undefined;
  }

  /** The first start, which rejects with the error of the worker when it fails. */
  async start(): Promise<void> {
    const failed = await this.#launch();
    if (failed === undefined) return;
    await this.close();
    throw failed;
  }

  /** Resolves once it was done, or will never be, or is kept for one that is only just starting. */
  ask(asked: Asked): Promise<void> {
    const life = this.#life;
    if (life.is === "starting") this.#kept.push(asked);
    // One that starts later is told everything then.
    if (life.is !== "up") return Promise.resolve();
    const id = ++this.#ids;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#asked.delete(id);
        resolve();
      };
      const timer = setTimeout(done, this.#context.limits.patience);
      this.#asked.set(id, done);
      life.child.send({ ...asked, id } as ToWorker);
    });
  }

  /** To be called once in an interval. */
  look(): void {
    if (!("child" in this.#life)) return;
    this.#silence += 1;
    const { silence, startSilence } = this.#context.limits;
    if (this.#silence <= (this.#life.is === "up" ? silence : startSilence)) return;
    this.#why = "it hung";
    this.#life.child.kill("SIGKILL");
  }

  /** Ends it, for good. Resolves when it has said all that it had to say, or took too long for that. Idempotent. */
  async close(): Promise<void> {
    const life = this.#life;
    this.#life = { is: "closed" };
    this.load = idle;
    this.begun = 0;
    if (life.is === "down") clearTimeout(life.again);
    if (!("child" in life)) return;
    const { child } = life;
    if (child.connected) child.send({ ask: "close" } satisfies ToWorker);
    const { patience, lastWords } = this.#context.limits;
    const cut = setTimeout(() => child.kill("SIGKILL"), patience);
    child.once("exit", () => clearTimeout(cut));
    if (!child.connected) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, lastWords);
    child.once("disconnect", resolve);
    await promise;
    clearTimeout(late);
  }

  /** Resolves when it is ready, or with why it is not. */
  #launch(): Promise<Error | undefined> {
    this.#kept = [];
    let assignment: Assignment;
    let child: ChildProcess;
    try {
      assignment = this.#context.assignment();
      child = launch();
    } catch (cause) {
      // A machine without memory for one more process, or a store that cannot be read, may be better off later.
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#rest(error.message, false);
      return Promise.resolve(error);
    }
    this.#life = { is: "starting", child, port: assignment.media.port };
    this.#silence = 0;
    this.#why = undefined;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    child.on("message", (word: FromWorker) => {
      if (word.told === "ready") resolve(undefined);
      if (word.told === "failed") {
        const { message, code, port } = word;
        this.#why = message;
        resolve(Object.assign(new Error(message), { ...(code && { code }), ...(port && { port }) }));
      }
      this.#heard(child, word);
    });
    child.on("error", (error) => {
      resolve(error);
      // One that could not even be made has no end that would be told.
      if (child.pid === undefined) this.#ended(child, error.message);
    });
    child.once("exit", (code, signal) => {
      resolve(new Error(`A media worker ended at its start (${signal ?? code}).`));
      this.#ended(child, this.#why ?? `it ended (${signal ?? code})`);
    });
    child.send({ ask: "start", assignment } satisfies ToWorker);
    return promise;
  }

  #heard(child: ChildProcess, word: FromWorker): void {
    const life = this.#life;
    const { tell, usage, onError } = this.#context;
    this.#silence = 0;
    switch (word.told) {
      case "ready":
        if (life.is !== "starting") return;
        this.#life = { is: "up", child, since: performance.now() };
        for (const asked of this.#kept.splice(0)) void this.ask(asked);
        tell({ event: "started", worker: this.number, pid: child.pid ?? 0, port: life.port });
        break;
      case "load":
        if (this.#life.is === "closed") return;
        this.load = word.load;
        this.begun = 0;
        break;
      case "usage":
        usage(word.rows);
        break;
      case "error":
        onError(new Error(`Media worker ${this.number}: ${word.message}`));
        break;
      case "done":
        this.#asked.get(word.id)?.();
        break;
      case "failed":
        break;
    }
  }

  #ended(child: ChildProcess, why: string): void {
    const life = this.#life;
    for (const done of [...this.#asked.values()]) done();
    if (!("child" in life) || life.child !== child) return;
    this.#rest(why, life.is === "up" && performance.now() - life.since >= this.#context.limits.well);
  }

  /** It is not there, until it is started again. */
  #rest(why: string, well: boolean): void {
    const { limits, tell } = this.#context;
    this.#failures = well ? 0 : this.#failures;
    const pause = Math.min(limits.longestPause, limits.shortestPause * 2 ** this.#failures);
    this.#failures += 1;
    const again = setTimeout(() => void this.#launch(), pause).unref();
    this.#life = { is: "down", again };
    const { sessions } = this;
    this.load = idle;
    this.begun = 0;
    tell({ event: "ended", worker: this.number, why, sessions, again: pause });
  }
}

function launch(): ChildProcess {
  const source = import.meta.url.endsWith(".ts");
  const file = fileURLToPath(new URL(source ? "./worker.ts" : "./worker.js", import.meta.url));
  return fork(file, {
    // From sources, packages are their sources too; what else was said to this process, as a debugger's port, is not meant for it.
    execArgv: source ? ["--conditions=@satsuma/source"] : [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}
