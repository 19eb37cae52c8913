/** Servers of one Calls API, as what stands before them sees them. */
import { limits, RefusedError } from "@satsuma/protocol";
import type { Context } from "hono";

/** A call as it is handed to a server. */
export interface Forwarded {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
}

/** A server is not there, or has gone while it was asked. */
export class GoneError extends Error {
  override readonly name = "GoneError";
}

export interface Servers {
  readonly count: number;
  /** The number of the server that has the least to do, beside `except`; undefined when none is there. Counts as one session more. */
  least(except?: ReadonlySet<number>): number | undefined;
  /** Throws `GoneError`, or a refusal when it is there and gives no answer. */
  ask(server: number, call: Forwarded): Promise<Response>;
  /** Resolves when what they have counted up to now is in the store of usage. */
  settleUsage(): Promise<void>;
}

export async function forwarded(c: Context): Promise<Forwarded> {
  const { pathname, search } = new URL(c.req.url);
  const body = c.req.raw.body === null ? undefined : new Uint8Array(await c.req.arrayBuffer());
  if (body !== undefined && body.length > limits.callsBodyBytes) {
    throw new RefusedError("payload_too_large", `A body may have ${limits.callsBodyBytes} bytes at the most.`);
  }
  return { method: c.req.method, path: `${pathname}${search}`, headers: c.req.raw.headers, body };
}

/** The answer, or undefined from a server that is gone. */
export async function orGone(asked: Promise<Response>): Promise<Response | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GoneError) return undefined;
    throw error;
  }
}
