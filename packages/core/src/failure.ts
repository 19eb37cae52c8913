/**
 * What can go wrong with a request, as one hierarchy. `operation` says what was attempted, in words for a log; no message
 * holds a secret, a body or a URL's query.
 */
export class RequestFailure extends Error {
  override readonly name: string = "RequestFailure";
  readonly operation: string;

  constructor(operation: string, message: string, options?: { cause?: unknown }) {
    super(`${operation}: ${message}`, options);
    this.operation = operation;
  }
}

/** No answer came: the network failed, the time was over, or the caller gave up. Whether the server acted is unknown. */
export class TransportFailure extends RequestFailure {
  override readonly name = "TransportFailure";
  readonly reason: "network" | "timeout" | "aborted";

  constructor(operation: string, reason: "network" | "timeout" | "aborted", cause: unknown) {
    super(operation, reason === "timeout" ? "no answer in time" : reason === "aborted" ? "given up" : "no connection", {
      cause,
    });
    this.reason = reason;
  }
}

/** An answer came that is not JSON, so nothing can be said but its status. */
export class AnswerFailure extends RequestFailure {
  override readonly name = "AnswerFailure";
  readonly status: number;

  constructor(operation: string, status: number, cause: unknown) {
    super(operation, `answered ${status} without JSON`, { cause });
    this.status = status;
  }
}
