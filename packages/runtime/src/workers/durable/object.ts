import { DurableObject } from "cloudflare:workers";
import type { DurableObjectState, WebSocket as ObjectSocket, Request, Response } from "@cloudflare/workers-types";
import {
  type Actor,
  type ActorClass,
  type AlarmInfo,
  Cell,
  defaultPatience,
  type Line,
  type Patience,
  type Problem,
} from "@satsuma/durable";
import { type Refusal, refusalOf } from "@satsuma/protocol";
import { workersClock } from "./clock.ts";
import { detailOf, lineOf, lineOver } from "./line.ts";
import { nameOf, rowsOf } from "./rows.ts";

export interface ObjectOptions {
  /** Idle actors are left to Cloudflare's hibernation unless `idleMs` is given. */
  readonly patience?: Partial<Patience>;
  readonly report?: (problem: Problem) => void;
}

/** An answer as it crosses from one Worker to another: errors lose their class on the way, and a refusal does not. */
export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal };

/** What an object offers to Workers by RPC. */
export interface Asked {
  ask(question: unknown): Promise<Reply>;
}

/**
 * The Durable Object class for an actor class; export it from the Worker under the name of its binding.
 *
 * It hands everything to a `Cell`, so that order, time limits and failures are those of every other runtime; storage,
 * alarms, gates and sleep are Cloudflare's.
 */
export function durableObject<Env, A extends Actor>(
  type: ActorClass<Env, A>,
  options: ObjectOptions = {},
): new (
  ctx: DurableObjectState,
  env: Env,
) => DurableObject<Env> & Asked {
  return class extends DurableObject<Env> {
    readonly #cell: Cell<Env>;

    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env);
      this.#cell = new Cell({
        name: nameOf(ctx),
        env,
        type,
        clock: workersClock,
        patience: { ...defaultPatience, idleMs: Number.POSITIVE_INFINITY, ...options.patience },
        open: () => rowsOf(ctx),
        report: (problem) => options.report?.(problem),
        gone: () => undefined,
      });
      for (const socket of ctx.getWebSockets()) {
        const line = lineOf(socket);
        if (line !== undefined) this.#cell.connect(line, false);
      }
    }

    async ask(question: unknown): Promise<Reply> {
      try {
        return { ok: true, value: await this.#cell.ask(question) };
      } catch (error) {
        return { ok: false, refusal: refusalOf(error) };
      }
    }

    override async fetch(request: Request): Promise<Response> {
      const { client, line } = lineOver(this.ctx, detailOf(request));
      this.#cell.connect(line);
      return new globalThis.Response(null, { status: 101, webSocket: client } as ResponseInit) as unknown as Response;
    }

    override webSocketMessage(socket: ObjectSocket, data: string | ArrayBuffer): void {
      const id = this.#idOf(socket);
      if (id !== undefined) this.#cell.message(id, typeof data === "string" ? data : new Uint8Array(data));
    }

    override webSocketClose(socket: ObjectSocket, code: number, reason: string): void {
      const id = this.#idOf(socket);
      // Runtimes before compatibility date 2026-04-07 leave the answer to us; 1005 and 1006 mean "no code" and are not sent.
      if (socket.readyState !== WebSocket.CLOSED) socket.close(code === 1005 || code === 1006 ? 1000 : code, reason);
      if (id !== undefined) this.#cell.disconnect(id, { code, reason });
    }

    override webSocketError(socket: ObjectSocket): void {
      const id = this.#idOf(socket);
      if (id !== undefined) this.#cell.disconnect(id, { code: 1006, reason: "" });
    }

    override alarm(info?: AlarmInfo): Promise<void> {
      return new Promise((resolve, reject) => {
        const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        this.#cell.ring(settle, { retryCount: info?.retryCount ?? 0, isRetry: info?.isRetry ?? false });
      });
    }

    #idOf(socket: ObjectSocket): Line["id"] | undefined {
      return lineOf(socket)?.id;
    }
  };
}
