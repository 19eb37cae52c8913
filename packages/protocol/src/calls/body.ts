/** How every request body of the Calls API is read and refused: in the API's codes, naming the field that is wrong. */
import * as v from "valibot";
import { type Refusal, refusal } from "../errors.ts";
import type { Result } from "../result.ts";

type Refused = { readonly ok: false; readonly refusal: Refusal };

export function parseBody<T>(schema: v.GenericSchema<unknown, T>, body: string | undefined): Result<T> {
  let json: unknown;
  try {
    json = JSON.parse(body ?? "");
  } catch {
    return { ok: false, refusal: refusal("decoding_error", "The body is not JSON.") };
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return { ok: true, value: parsed.output };
  return missing(v.getDotPath(parsed.issues[0]) ?? "body");
}

export function missing(path: string): Refused {
  return { ok: false, refusal: refusal("decoding_error", `Body JSON validation error: ${path}`) };
}

export function invalid(message: string): Refused {
  return { ok: false, refusal: refusal("invalid_params", message) };
}
