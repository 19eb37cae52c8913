/** All media workers of one server: where a call is handed over, and where the next session begins. */
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefusedError } from "@satsuma/protocol";
import { type Forwarded, GoneError, type Servers } from "@satsuma/sfu";
import { socketPath } from "./sockets.ts";
import type { Assignment } from "./words.ts";
import { type WorkerContext, WorkerProcess } from "./worker-process.ts";

export interface CrewContext extends Omit<WorkerContext, "assignment"> {
  readonly count: number;
  /** ms that a call may wait for peers and for packets. */
  readonly longestWait: number;
  readonly assignment: (number: number, folder: string) => Assignment;
}

/** ms without an answer, beyond what a call may wait by itself, after which it is given up. */
const answerTime = 20_000;
/** Calls at one worker at once; others wait. */
const mostCalls = 256;
/** Busier than this, a worker gets new sessions only when all are. */
const full = 0.85;
/** Reports between two that are told. */
const tellEvery = 60;

/** Of the connection between two neighbours, or of the body as it was; the next one has its own. */
const hops = new Set(["connection", "keep-alive", "transfer-encoding", "content-length", "expect", "upgrade", "host"]);

/** What is said of a process that has just died, before its end itself is told. */
const severed = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ENOENT"]);

export class Crew implements Servers {
  readonly workers: readonly WorkerProcess[];
  readonly #context: CrewContext;
  readonly #folder = mkdtempSync(join(tmpdir(), "satsuma-media-"));
  readonly #agent = new Agent({ keepAlive: true, maxSockets: mostCalls });
  readonly #looking: NodeJS.Timeout;
  #looks = 0;

  constructor(context: CrewContext) {
    this.#context = context;
    this.workers = Array.from({ length: context.count }, (_, number) => {
      return new WorkerProcess(number, {
        ...context,
        assignment: () => context.assignment(number, this.#folder),
      });
    });
    this.#looking = setInterval(() => this.#look(), context.limits.interval).unref();
  }

  get count(): number {
    return this.workers.length;
  }

  get sessions(): number {
    return this.workers.reduce((sum, { sessions }) => sum + sessions, 0);
  }

  /** Rejects with the error of the first that cannot start, and ends the others. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.workers.map((worker) => worker.start()));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  least(except?: ReadonlySet<number>): number | undefined {
    // One that is silent may hang, which is worse than to have much to do.
    const weight = ({ sessions, load, silent }: WorkerProcess) =>
      sessions + (load.busy > full ? 1e9 : 0) + (silent ? 1e10 : 0);
    const there = this.workers.filter(({ isUp, number }) => isUp && !except?.has(number));
    const [least] = there.sort((a, b) => weight(a) - weight(b));
    if (least !== undefined) least.begun += 1;
    return least?.number;
  }

  async ask(server: number, { method, path, headers, body }: Forwarded): Promise<Response> {
    const worker = this.workers[server];
    if (!worker?.isUp) throw new GoneError(`Media worker ${server} is not there.`);
    const sent: Record<string, string> = {};
    for (const [name, value] of headers) if (!hops.has(name)) sent[name] = value;
    if (body !== undefined) sent["content-length"] = String(body.length);
    const answer = Promise.withResolvers<Response>();
    const asking = request(
      {
        socketPath: socketPath(this.#folder, "calls", server),
        agent: this.#agent,
        method,
        path,
        headers: sent,
        timeout: this.#context.longestWait + answerTime,
      },
      (incoming) => void read(incoming).then(answer.resolve, answer.reject),
    );
    asking.on("timeout", () => asking.destroy(new Error(`Media worker ${server} gave no answer.`)));
    asking.on("error", answer.reject);
    asking.end(body);
    try {
      return await answer.promise;
    } catch (cause) {
      const { code = "" } = cause as NodeJS.ErrnoException;
      if (!worker.isUp || severed.has(code)) {
        throw new GoneError(`Media worker ${server} went while it was asked.`, { cause });
      }
      // Its sessions live, and whoever took them for ended would make others without end.
      throw new RefusedError("temporarily_unavailable_error", "The media server is too busy. Try again in a moment.", {
        cause,
      });
    }
  }

  async settleUsage(): Promise<void> {
    await this.tell({ ask: "count" });
  }

  /** Resolves when every worker that runs has done it. */
  async tell(asked: Parameters<WorkerProcess["ask"]>[0]): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.ask(asked)));
  }

  /** Resolves when the workers have handed over what they had. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    await Promise.all(this.workers.map((worker) => worker.close()));
    this.#agent.destroy();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #look(): void {
    this.#looks += 1;
    for (const worker of this.workers) {
      worker.look();
      if (worker.isUp && this.#looks % tellEvery === 0) {
        this.#context.tell({ event: "load", worker: worker.number, ...worker.load });
      }
    }
  }
}

async function read(incoming: IncomingMessage): Promise<Response> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index] ?? "";
    if (!hops.has(name.toLowerCase())) headers.append(name, incoming.rawHeaders[index + 1] ?? "");
  }
  const status = incoming.statusCode ?? 502;
  const empty = status === 204 || status === 304;
  return new Response(empty ? null : Buffer.concat(chunks), { status, headers });
}
