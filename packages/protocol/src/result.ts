import type { Refusal } from "./errors.ts";

/** What parsing gives: the value, or a refusal to hand back. Bad input is an answer, never an exception. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };
