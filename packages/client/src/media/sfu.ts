/**
 * The Calls API as a member of a room may use it: through the room server, with the room token.
 *
 * Says what was answered and nothing more; what to do about a refusal is the caller's business.
 */
import type {
  CallsError,
  CloseTracksRequest,
  CloseTracksResponse,
  NewSessionResponse,
  RenegotiateRequest,
  RenegotiateResponse,
  SessionStateResponse,
  TracksRequest,
  TracksResponse,
  UpdateTracksRequest,
  UpdateTracksResponse,
} from "@satsuma/protocol";

/** Milliseconds for one call; the API itself may wait 8 s for media to appear. */
const callTimeout = 15_000;

export class SfuError extends Error {
  override readonly name = "SfuError";
  /** The API's error code, or `unreachable` when no answer came. */
  readonly code: string;
  /** The HTTP status, 0 when no answer came. */
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface SfuOptions {
  /** The room's address, without a slash at its end: `https://host/rooms/name`. */
  readonly base: string;
  readonly token: Token;
}

export interface Token {
  readonly current: string;
  /** Sees to another one in place of `refused`; false when there is none. Does not reject. */
  renew(refused: string): Promise<boolean>;
}

export class Sfu {
  readonly #options: SfuOptions;

  constructor(options: SfuOptions) {
    this.#options = options;
  }

  newSession(): Promise<NewSessionResponse> {
    return this.#call("POST", "new");
  }

  inspect(session: string): Promise<SessionStateResponse> {
    return this.#call("GET", session);
  }

  tracks(session: string, body: TracksRequest): Promise<TracksResponse> {
    return this.#call("POST", `${session}/tracks/new`, body);
  }

  renegotiate(session: string, body: RenegotiateRequest): Promise<RenegotiateResponse> {
    return this.#call("PUT", `${session}/renegotiate`, body);
  }

  updateTracks(session: string, body: UpdateTracksRequest): Promise<UpdateTracksResponse> {
    return this.#call("PUT", `${session}/tracks/update`, body);
  }

  closeTracks(session: string, body: CloseTracksRequest): Promise<CloseTracksResponse> {
    return this.#call("PUT", `${session}/tracks/close`, body);
  }

  async #call<T extends CallsError>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    let answer: T;
    try {
      const token = this.#options.token.current;
      response = await this.#fetch(method, path, body, token);
      // A token that is over did nothing, so it can be done again with another.
      if (response.status === 401 && (await this.#options.token.renew(token)))
        response = await this.#fetch(method, path, body, this.#options.token.current);
      answer = (await response.json()) as T;
    } catch (thrown) {
      throw new SfuError(
        "unreachable",
        0,
        thrown instanceof Error ? thrown.message : "The media server did not answer.",
      );
    }
    if (!response.ok || (answer.errorCode !== undefined && answer.errorCode !== "")) {
      throw new SfuError(answer.errorCode ?? "internal_error", response.status, answer.errorDescription ?? "");
    }
    return answer;
  }

  #fetch(method: string, path: string, body: unknown, token: string): Promise<Response> {
    return fetch(`${this.#options.base}/sfu/sessions/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(callTimeout),
    });
  }
}
