export { AnswerFailure, RequestFailure, TransportFailure } from "./failure.ts";
export { type Answer, type Fetch, type RequestOptions, request } from "./request.ts";
export { type BackoffOptions, backoff, never, type RetryPolicy } from "./retry.ts";
