import { type Refusal, RefusedError } from "./errors.ts";

/** What parsing gives: the value, or a refusal to hand back. Bad input is an answer, never an exception. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** The value, for shells that answer refusals in one place: throws `RefusedError`. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new RefusedError(result.refusal.code, result.refusal.message);
}
