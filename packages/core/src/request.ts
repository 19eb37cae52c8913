/**
 * One HTTP request with JSON in and out. Every call to another server goes through here, so that time limits, repetition
 * and errors are the same everywhere.
 *
 * An answer of any status is a result, not an error: what a status means is known to the API's client alone.
 */
import { AnswerFailure, TransportFailure } from "./failure.ts";
import { never, type RetryPolicy } from "./retry.ts";

export type Fetch = (request: Request) => Promise<Response>;

export interface RequestOptions {
  /** What is attempted, for errors: `calls tracks/new`. */
  readonly operation: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined sends no body at all. */
  readonly body?: unknown;
  /** ms for one attempt, its body included. 10 s by default: longer than any call that waits on purpose. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Repeats attempts without an answer and with 429 or 5xx. Never by default: give one only to calls that are safe to repeat. */
  readonly retry?: RetryPolicy;
  /** The platform's by default. */
  readonly fetch?: Fetch;
}

export interface Answer {
  readonly status: number;
  /** Parsed JSON; undefined when the answer had no body. */
  readonly body: unknown;
}

/** Throws `TransportFailure` when no answer came and `AnswerFailure` when it was not JSON. */
export async function request(options: RequestOptions): Promise<Answer> {
  const retry = options.retry ?? never;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce(options);
    const worthRepeating = "failure" in outcome ? outcome.repeatable : outcome.status === 429 || outcome.status >= 500;
    const delay = worthRepeating ? retry.delay(attempt + 1, Math.random) : undefined;
    if (delay === undefined) {
      if ("failure" in outcome) throw outcome.failure;
      return outcome;
    }
    await pause(delay, options);
  }
}

type Outcome = Answer | { readonly failure: Error; readonly repeatable: boolean };

async function tryOnce(options: RequestOptions): Promise<Outcome> {
  const timeout = AbortSignal.timeout(options.timeout ?? 10_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const url = new URL(options.url);
  for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, value);
  const headers = new Headers(options.headers);
  if (options.body !== undefined) headers.set("content-type", "application/json");
  const body = options.body === undefined ? null : JSON.stringify(options.body);
  let response: Response;
  let text: string;
  try {
    // A redirect would carry the body to a server that it was not meant for, or turn a POST into a GET.
    const redirect = "manual";
    const message = new Request(url, { method: options.method, headers, body, signal, redirect });
    response = await unlessAborted(signal, (options.fetch ?? fetch)(message));
    text = await unlessAborted(signal, response.text());
  } catch (cause) {
    const reason = options.signal?.aborted ? "aborted" : timeout.aborted ? "timeout" : "network";
    return { failure: new TransportFailure(options.operation, reason, cause), repeatable: reason !== "aborted" };
  }
  try {
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  } catch (cause) {
    const failure = new AnswerFailure(options.operation, response.status, cause);
    return { failure, repeatable: response.status === 429 || response.status >= 500 };
  }
}

/** A `fetch` that stays in this process may not heed the signal of its request; the caller's patience ends all the same. */
async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let abandon = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abandon = () => reject(signal.reason);
    if (signal.aborted) abandon();
    else signal.addEventListener("abort", abandon, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

function pause(delay: number, options: RequestOptions): Promise<void> {
  const { signal, operation } = options;
  return new Promise((resolve, reject) => {
    const abandon = () => {
      clearTimeout(timer);
      reject(new TransportFailure(operation, "aborted", signal?.reason));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abandon);
      resolve();
    }, delay);
    if (signal?.aborted) abandon();
    else signal?.addEventListener("abort", abandon, { once: true });
  });
}
