/**
 * The one module of the Workers runtime used here, declared by hand.
 *
 * Cloudflare's own ambient types redefine the web's globals and would change every other file of this repository; the
 * types themselves are imported one by one where they are used.
 */
declare module "cloudflare:workers" {
  import type { DurableObjectState, Request, Response, WebSocket } from "@cloudflare/workers-types";

  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
    fetch(request: Request): Promise<Response>;
    webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> | void;
    webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> | void;
    webSocketError(socket: WebSocket): Promise<void> | void;
    alarm(info?: { readonly retryCount: number; readonly isRetry: boolean }): Promise<void> | void;
  }
}
