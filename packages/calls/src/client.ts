/**
 * A client of the Calls API: Cloudflare's Realtime SFU, or our own by changing the URL.
 *
 * One method per endpoint, in the API's own shapes. An error of a whole call is thrown; errors of single tracks stay in
 * the answer, because the others succeeded.
 */
import { type Answer, backoff, type Fetch, type RequestOptions, request } from "@satsuma/core";
import type {
  CloseTracksRequest,
  CloseTracksResponse,
  NewSessionResponse,
  RenegotiateResponse,
  SessionDescription,
  SessionStateResponse,
  TracksRequest,
  TracksResponse,
} from "@satsuma/protocol";
import { CallsRefusal } from "./refusal.ts";

export interface CallsClientOptions {
  /** With its version and without the app. Cloudflare's by default. */
  readonly url?: string;
  readonly appId: string;
  /** The app's secret: it belongs on a server, never in a page. */
  readonly secret: string;
  /** ms for one call; 20 s by default, since a pull may wait for the connection and then for the first packet. */
  readonly timeout?: number;
  /** The platform's by default; an SFU in the same process gives its own. */
  readonly fetch?: Fetch;
}

export const cloudflareUrl = "https://rtc.live.cloudflare.com/v1";

/** Three attempts within about a second, for calls that change nothing. */
const readRetry = backoff({ attempts: 3, first: 200, longest: 800 });

export class CallsClient {
  readonly #options: CallsClientOptions;
  readonly #base: string;

  constructor(options: CallsClientOptions) {
    this.#options = options;
    const url = (options.url ?? cloudflareUrl).replace(/\/+$/, "");
    this.#base = `${url}/apps/${encodeURIComponent(options.appId)}`;
  }

  /** `POST sessions/new`. Without an offer nothing connects yet. */
  newSession(offer?: SessionDescription): Promise<NewSessionResponse> {
    const body = offer && { sessionDescription: offer };
    return this.#call({ operation: "sessions/new", path: "sessions/new", method: "POST", body });
  }

  /** `GET sessions/:id`: its tracks and whether they are active. */
  session(id: string): Promise<SessionStateResponse> {
    return this.#call({ operation: "sessions", path: pathOf(id), session: id, method: "GET", retry: readRetry });
  }

  /** `POST tracks/new`: pushes local tracks with an offer, or pulls remote ones. Never repeated by itself: it would double them. */
  newTracks(session: string, body: TracksRequest): Promise<TracksResponse> {
    return this.#call({
      operation: "tracks/new",
      path: `${pathOf(session)}/tracks/new`,
      session,
      method: "POST",
      body,
    });
  }

  /** `PUT renegotiate`: hands in the answer to the SFU's offer. */
  renegotiate(session: string, answer: SessionDescription): Promise<RenegotiateResponse> {
    return this.#call({
      operation: "renegotiate",
      path: `${pathOf(session)}/renegotiate`,
      session,
      method: "PUT",
      body: { sessionDescription: answer },
    });
  }

  /** `PUT tracks/close`. */
  closeTracks(session: string, body: CloseTracksRequest): Promise<CloseTracksResponse> {
    return this.#call({
      operation: "tracks/close",
      path: `${pathOf(session)}/tracks/close`,
      session,
      method: "PUT",
      body,
    });
  }

  async #call<T>(call: Call): Promise<T> {
    const { operation, path, session, ...options } = call;
    const answer = await request({
      ...options,
      operation: `calls ${operation}`,
      url: `${this.#base}/${path}`,
      headers: { authorization: `Bearer ${this.#options.secret}` },
      timeout: this.#options.timeout ?? 20_000,
      ...(this.#options.fetch && { fetch: this.#options.fetch }),
    });
    return read<T>(operation, session, answer);
  }
}

interface Call extends Pick<RequestOptions, "method" | "body" | "retry"> {
  /** The endpoint's name without ids, for errors. */
  readonly operation: string;
  readonly path: string;
  readonly session?: string;
}

function pathOf(session: string): string {
  return `sessions/${encodeURIComponent(session)}`;
}

function read<T>(operation: string, session: string | undefined, answer: Answer): T {
  const body = answer.body;
  if (typeof body !== "object" || body === null) throw new CallsRefusal({ operation, session, status: answer.status });
  const { errorCode, errorDescription } = body as { errorCode?: unknown; errorDescription?: unknown };
  if (typeof errorCode === "string" || answer.status >= 400) {
    throw new CallsRefusal({
      operation,
      session,
      status: answer.status,
      errorCode: typeof errorCode === "string" ? errorCode : undefined,
      errorDescription: typeof errorDescription === "string" ? errorDescription : undefined,
    });
  }
  return body as T;
}
