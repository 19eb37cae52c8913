/**
 * The Calls API as a member of a room may use it: through the room server, with the room token.
 *
 * Says what was answered and nothing more; what to do about a refusal is the caller's business.
 */
import type {
  BeginRequest,
  BeginStep,
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
/**
 * Milliseconds for a question that is asked again anyway. A path that died silently takes its TCP connections along, and only
 * one that is made anew tells that the server is there.
 */
const questionTimeout = 4_000;

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

  /** A session with its first push, and a pull if there is one, in one request. */
  async begin(body: BeginRequest): Promise<FirstAnswers> {
    const lines = new Lines(await this.#ask("POST", "begin", body, 2 * callTimeout));
    return {
      session: () => lines.next(),
      push: () => lines.next(),
      pull: () => lines.next(),
    };
  }

  inspect(session: string): Promise<SessionStateResponse> {
    return this.#call("GET", session, undefined, questionTimeout);
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

  async #call<T extends CallsError>(method: string, path: string, body?: unknown, timeout?: number): Promise<T> {
    const response = await this.#ask(method, path, body, timeout);
    return checked((await response.json().catch(unreachable)) as T, response.status);
  }

  async #ask(method: string, path: string, body?: unknown, timeout = callTimeout): Promise<Response> {
    const token = this.#options.token.current;
    const response = await this.#fetch(method, path, { body, token, timeout });
    // A token that is over did nothing, so it can be done again with another.
    if (response.status !== 401 || !(await this.#options.token.renew(token))) return response;
    return this.#fetch(method, path, { body, token: this.#options.token.current, timeout });
  }

  #fetch(
    method: string,
    path: string,
    { body, token, timeout }: { readonly body: unknown; readonly token: string; readonly timeout: number },
  ): Promise<Response> {
    return fetch(`${this.#options.base}/sfu/sessions/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeout),
    }).catch(unreachable);
  }
}

/** To be asked for in this order, each once. */
interface FirstAnswers {
  session(): Promise<NewSessionResponse>;
  push(): Promise<TracksResponse>;
  pull(): Promise<TracksResponse>;
}

/** The steps of an answer that comes in lines. */
class Lines {
  readonly #response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(response: Response) {
    this.#response = response;
    this.#reader = response.body?.getReader();
  }

  async next<T extends CallsError>(): Promise<T> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const { status, body } = parsed<BeginStep>(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 1);
        return checked(body as T, status);
      }
      const read = await this.#reader?.read().catch(unreachable);
      if (read?.value) this.#text += this.#decoder.decode(read.value, { stream: true });
      else return checked(this.#whole(), this.#response.status);
    }
  }

  /** A refusal of the request as a whole is one answer without lines. */
  #whole<T extends CallsError>(): T {
    if (this.#response.ok) throw new SfuError("unreachable", 0, "The answer broke off.");
    return parsed(this.#text);
  }
}

/** A proxy may answer with a page of its own. */
function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new SfuError("unreachable", 0, "Something before the media server answered in its place.");
  }
}

function checked<T extends CallsError>(answer: T, status: number): T {
  if (status < 300 && (answer.errorCode === undefined || answer.errorCode === "")) return answer;
  throw new SfuError(answer.errorCode ?? "internal_error", status, answer.errorDescription ?? "");
}

function unreachable(thrown: unknown): never {
  throw new SfuError("unreachable", 0, thrown instanceof Error ? thrown.message : "The media server did not answer.");
}

/** A plain no to a request that changed nothing: the connection is as good as before. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof SfuError && thrown.status >= 400 && thrown.status < 500 && !isSessionGone(thrown);
}

/**
 * The media server, or the room in front of it, knows this session no more, as after a restart. A missing grant is no such
 * thing: another session would be refused the same.
 */
export function isSessionGone({ code, status }: SfuError): boolean {
  return status === 404 || status === 410 || code === "not-your-session";
}
