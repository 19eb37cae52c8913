import { RequestFailure, redactText } from "@satsuma/core";
import { type ErrorCode, errors } from "@satsuma/protocol";

export interface CallsRefusalDetails {
  readonly operation: string;
  readonly session: string | undefined;
  readonly status: number;
  readonly errorCode?: string | undefined;
  readonly errorDescription?: string | undefined;
}

/**
 * The SFU answered and said no. `errorCode` is the API's own word, also one that this version does not know. A service
 * may quote what it was sent, so what looks like a secret or SDP is taken out of the description.
 */
export class CallsRefusal extends RequestFailure {
  override readonly name = "CallsRefusal";
  readonly session: string | undefined;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly errorDescription: string | undefined;
  /** Whether the same call may succeed later: by the error table, or for 425, 429 and 5xx but 501. */
  readonly retry: boolean;

  constructor(details: CallsRefusalDetails) {
    const description = details.errorDescription === undefined ? undefined : redactText(details.errorDescription);
    super(`calls ${details.operation}`, `${details.errorCode ?? details.status}: ${description ?? "no description"}`);
    this.session = details.session;
    this.status = details.status;
    this.errorCode = details.errorCode;
    this.errorDescription = description;
    const known = details.errorCode !== undefined && Object.hasOwn(errors, details.errorCode);
    const byStatus =
      details.status === 425 || details.status === 429 || (details.status >= 500 && details.status !== 501);
    this.retry = byStatus || (known && errors[details.errorCode as ErrorCode].retry);
  }
}
