import type { EndReason } from "@satsuma/client";
import type { Text } from "../text/en.ts";

/** The sentence for a person about why a room did not let them in, or let them go. */
export function reasonText(end: EndReason, { errors }: Text): string {
  if (end.why === "unreachable") return errors.unreachable;
  if (end.why !== "refused") return errors.other;
  const { code } = end.refusal;
  return Object.hasOwn(errors, code) ? errors[code as keyof Text["errors"]] : errors.other;
}
