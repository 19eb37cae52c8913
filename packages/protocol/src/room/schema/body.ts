/** The body of a request to the server's API. */
import * as v from "valibot";
import { refusal } from "../../errors.ts";
import type { Result } from "../../result.ts";

export function parseBody<S extends v.GenericSchema>(schema: S, body: string): Result<v.InferOutput<S>> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { ok: false, refusal: refusal("bad-message", "The body is not JSON.") };
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return { ok: true, value: parsed.output };
  const [issue] = parsed.issues;
  const at = v.getDotPath(issue);
  return { ok: false, refusal: refusal("bad-message", `Not as expected${at === null ? "" : ` at ${at}`}.`) };
}
