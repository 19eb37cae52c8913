/**
 * Every refusal of the system, in one table: stable code, HTTP status, WebSocket close code, and whether the same
 * request may be tried again unchanged.
 *
 * Codes with dashes are ours; codes with underscores are those of the Calls API and keep its spelling. The table says
 * nothing of wording: a refusal carries its own sentence for a person, written where it is raised. A WebSocket closed for
 * a refusal has the code itself as close reason, since several codes share a number.
 */
export const errors = {
  "bad-message": { status: 400, close: 4400, retry: false },
  "too-large": { status: 413, close: 4413, retry: false },
  "unknown-command": { status: 400, close: 4404, retry: false },
  "hello-first": { status: 400, close: 4401, retry: false },
  "hello-late": { status: 408, close: 4408, retry: true },
  "unsupported-protocol": { status: 400, close: 4426, retry: false },
  "bad-token": { status: 401, close: 4402, retry: false },
  "not-a-member": { status: 403, close: 4403, retry: false },
  "not-allowed": { status: 403, close: 4403, retry: false },
  /** A media session that the asker did not make in this stay: it is somebody else's, or over, or never was. */
  "not-your-session": { status: 403, close: 4403, retry: false },
  "not-found": { status: 404, close: 4404, retry: false },
  "room-full": { status: 409, close: 4409, retry: true },
  "limit-reached": { status: 409, close: 4409, retry: false },
  replaced: { status: 409, close: 4410, retry: false },
  /** The condition of a write did not hold; `current` says what is there. */
  conflict: { status: 409, close: 4409, retry: false },
  /** No newcomers for now. */
  locked: { status: 423, close: 4423, retry: false },
  "passcode-needed": { status: 401, close: 4402, retry: false },
  "wrong-passcode": { status: 403, close: 4403, retry: false },
  /** Turned away from the lobby. */
  denied: { status: 403, close: 4403, retry: false },
  removed: { status: 403, close: 4403, retry: false },
  banned: { status: 403, close: 4403, retry: false },
  /** A token from before its bearer was removed; a newer one may do. */
  revoked: { status: 401, close: 4402, retry: false },
  /** The meeting is over for everyone. */
  ended: { status: 410, close: 4410, retry: false },
  "too-many-requests": { status: 429, close: 4429, retry: true },
  /** As many rooms meet as the server takes; another one may begin when one of them is over. */
  "too-many-rooms": { status: 429, close: 4429, retry: true },
  "timed-out": { status: 408, close: 4408, retry: true },
  "too-slow": { status: 408, close: 4408, retry: true },
  internal: { status: 500, close: 1011, retry: true },
  "media-unavailable": { status: 503, close: 1013, retry: true },
  "shutting-down": { status: 503, close: 1012, retry: true },
  "bad-argument": { status: 400, close: 4400, retry: false },
  "bad-query": { status: 400, close: 4400, retry: false },
  "not-cloneable": { status: 400, close: 4400, retry: false },
  "not-supported": { status: 405, close: 4404, retry: false },
  closed: { status: 410, close: 4410, retry: false },
  "start-failed": { status: 503, close: 1013, retry: true },
  "storage-failed": { status: 503, close: 1013, retry: true },
  "storage-full": { status: 507, close: 1013, retry: true },
  "storage-corrupt": { status: 500, close: 1011, retry: true },
  "store-locked": { status: 409, close: 4409, retry: false },

  unauthorized: { status: 401, close: 4402, retry: false },
  not_found: { status: 404, close: 4404, retry: false },
  decoding_error: { status: 400, close: 4400, retry: false },
  invalid_params: { status: 406, close: 4400, retry: false },
  payload_too_large: { status: 413, close: 4413, retry: false },
  session_error: { status: 410, close: 4410, retry: false },
  /** On the wire `session_error` too, as at Calls: its status tells them apart. */
  session_not_ready: { status: 425, close: 4408, retry: true },
  invalid_session_description: { status: 406, close: 4400, retry: false },
  not_found_track_error: { status: 404, close: 4404, retry: true },
  empty_track_error: { status: 404, close: 4404, retry: true },
  unsupported_codec_error: { status: 406, close: 4400, retry: false },
  repeated_local_track_error: { status: 409, close: 4409, retry: false },
  update_track_error: { status: 406, close: 4400, retry: false },
  close_track_error: { status: 404, close: 4404, retry: false },
  /** WebSocket media adapters: of one item, inside an answer. */
  adapter_not_found: { status: 404, close: 4404, retry: false },
  websocket_localhost_not_allowed: { status: 403, close: 4403, retry: false },
  /** Ours: another address that the server does not dial. */
  websocket_address_not_allowed: { status: 403, close: 4403, retry: false },
  websocket_handshake_failed: { status: 502, close: 1013, retry: true },
  websocket_connection_timeout: { status: 504, close: 1013, retry: true },
  too_many_requests: { status: 429, close: 4429, retry: true },
  /** WHIP and WHEP (RFC 9725 §4). */
  unsupported_content: { status: 415, close: 4400, retry: false },
  precondition_failed: { status: 412, close: 4409, retry: false },
  precondition_required: { status: 428, close: 4400, retry: false },
  ice_restart_refused: { status: 422, close: 4400, retry: false },
  method_not_allowed: { status: 405, close: 4400, retry: false },
  not_supported: { status: 501, close: 4400, retry: false },
  temporarily_unavailable_error: { status: 503, close: 1013, retry: true },
  internal_error: { status: 500, close: 1011, retry: true },
} as const satisfies Record<string, { status: number; close: number; retry: boolean }>;

export type ErrorCode = keyof typeof errors;

/** A refusal as it travels: what happened for machines, for people, and whether to try again. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retry: boolean;
  /** Milliseconds after which it may succeed, where that is known. */
  readonly retryAfter?: number | undefined;
  /** With `conflict`: the revision that is there now. */
  readonly current?: number | undefined;
}

export function refusal(
  code: ErrorCode,
  message: string,
  hint: { readonly retryAfter?: number; readonly current?: number } = {},
): Refusal {
  return { code, message, retry: errors[code].retry, ...hint };
}

/** The same refusal for code that throws. `cause` is for logs and never crosses a wire. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code: ErrorCode;
  readonly retry: boolean;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retry = errors[code].retry;
  }
}

/** What a client may see of any thrown value: a refusal keeps its words, everything else is `internal`. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof RefusedError) return refusal(thrown.code, thrown.message);
  return refusal("internal", "Something went wrong on the server.");
}
