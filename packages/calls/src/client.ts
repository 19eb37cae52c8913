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
  DataChannelsRequest,
  DataChannelsResponse,
  EstablishRequest,
  EstablishResponse,
  NewSessionResponse,
  RenegotiateResponse,
  SessionDescription,
  SessionStateResponse,
  TracksRequest,
  TracksResponse,
  UpdateTracksRequest,
  UpdateTracksResponse,
} from "@satsuma/protocol";
import { Pace } from "./pace.ts";
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
  /** Calls that leave in a second for one session, the others waiting their turn: 50 by default, as many as the service takes. */
  readonly callsPerSecond?: number;
  /** The platform's by default. */
  readonly clock?: Clock;
}

export interface Clock {
  /** ms, monotonic. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** For any one call. */
export interface CallOptions {
  /** A label for the service's logs; it identifies nothing. */
  readonly correlationId?: string;
  readonly signal?: AbortSignal;
}

export interface NewSessionOptions extends CallOptions {
  /** The session will connect to another media server, so ours makes the offer and is no ICE-lite agent. */
  readonly thirdparty?: boolean;
}

export const cloudflareUrl = "https://rtc.live.cloudflare.com/v1";

/** Three attempts within about a second, for calls that change nothing. */
const readRetry = backoff({ attempts: 3, first: 200, longest: 800 });

const platformClock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

export class CallsClient {
  readonly #options: CallsClientOptions;
  readonly #base: string;
  readonly #pace: Pace;

  constructor(options: CallsClientOptions) {
    this.#options = options;
    this.#pace = new Pace(options.callsPerSecond ?? 50);
    const url = (options.url ?? cloudflareUrl).replace(/\/+$/, "");
    this.#base = `${url}/apps/${encodeURIComponent(options.appId)}`;
  }

  /** `POST sessions/new`. Without an offer nothing connects yet. */
  newSession(offer?: SessionDescription, options: NewSessionOptions = {}): Promise<NewSessionResponse> {
    const { thirdparty, ...others } = options;
    const body = offer && { sessionDescription: offer };
    const query = thirdparty ? { thirdparty: "true" } : {};
    return this.#call({ method: "POST", operation: "sessions/new", body, query, ...others });
  }

  /** `GET sessions/:id`: its tracks and data channels, and whether they are active. */
  session(id: string, options: CallOptions = {}): Promise<SessionStateResponse> {
    return this.#call({ method: "GET", operation: "sessions", session: id, retry: readRetry, ...options });
  }

  /** `POST tracks/new`: publishes local tracks or pulls remote ones. Never repeated by itself: it would double them. */
  newTracks(session: string, body: TracksRequest, options: CallOptions = {}): Promise<TracksResponse> {
    return this.#call({ method: "POST", operation: "tracks/new", session, body, ...options });
  }

  /** `PUT renegotiate`: hands in the answer to the SFU's offer. */
  renegotiate(session: string, answer: SessionDescription, options: CallOptions = {}): Promise<RenegotiateResponse> {
    const body = { sessionDescription: answer };
    return this.#call({ method: "PUT", operation: "renegotiate", session, body, ...options });
  }

  /** `PUT tracks/close`. */
  closeTracks(session: string, body: CloseTracksRequest, options: CallOptions = {}): Promise<CloseTracksResponse> {
    return this.#call({ method: "PUT", operation: "tracks/close", session, body, ...options });
  }

  /** `PUT tracks/update`: another simulcast layer, or another track on the same m-line. */
  updateTracks(session: string, body: UpdateTracksRequest, options: CallOptions = {}): Promise<UpdateTracksResponse> {
    return this.#call({ method: "PUT", operation: "tracks/update", session, body, ...options });
  }

  /** `POST datachannels/establish`, once for a session, before its first data channel. */
  establishDataChannels(session: string, offer?: SessionDescription, options: CallOptions = {}) {
    const body: EstablishRequest = {
      dataChannel: { location: "remote", dataChannelName: "server-events" },
      ...(offer && { sessionDescription: offer }),
    };
    return this.#call<EstablishResponse>({
      method: "POST",
      operation: "datachannels/establish",
      session,
      body,
      ...options,
    });
  }

  /** `POST datachannels/new`: publishes or subscribes. The peer then creates each under the `id` of the answer, negotiated. */
  newDataChannels(session: string, body: DataChannelsRequest, options: CallOptions = {}) {
    return this.#call<DataChannelsResponse>({
      method: "POST",
      operation: "datachannels/new",
      session,
      body,
      ...options,
    });
  }

  /** `PUT datachannels/update`: gives or takes the right to reply. */
  updateDataChannels(session: string, body: DataChannelsRequest, options: CallOptions = {}) {
    return this.#call<DataChannelsResponse>({
      method: "PUT",
      operation: "datachannels/update",
      session,
      body,
      ...options,
    });
  }

  /** `PUT datachannels/close`, by id. */
  closeDataChannels(session: string, body: DataChannelsRequest, options: CallOptions = {}) {
    return this.#call<DataChannelsResponse>({
      method: "PUT",
      operation: "datachannels/close",
      session,
      body,
      ...options,
    });
  }

  async #call<T>(call: Call): Promise<T> {
    const { operation, session, query, correlationId, ...options } = call;
    const { secret, timeout = 20_000, fetch, clock = platformClock } = this.#options;
    if (session !== undefined) {
      const delay = this.#pace.delay(session, clock.now());
      if (delay > 0) await clock.sleep(delay);
    }
    const answer = await request({
      ...options,
      operation: `calls ${operation}`,
      url: `${this.#base}/${pathOf(operation, session)}`,
      query: { ...query, ...(correlationId !== undefined && { correlationId }) },
      headers: { authorization: `Bearer ${secret}` },
      timeout,
      ...(fetch && { fetch }),
    });
    return read<T>(operation, session, answer);
  }
}

interface Call extends CallOptions, Pick<RequestOptions, "method" | "body" | "retry" | "query"> {
  /** The endpoint's name without ids, for errors; behind the session it is the path. */
  readonly operation: string;
  readonly session?: string;
}

function pathOf(operation: string, session: string | undefined): string {
  if (session === undefined) return operation;
  const path = `sessions/${encodeURIComponent(session)}`;
  return operation === "sessions" ? path : `${path}/${operation}`;
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
