/** Which layers of a track somebody may get, so that its publisher need not encode the others. Pure. */
import type { Simulcast } from "@satsuma/protocol";

/**
 * Of all announced `rids` those that a subscriber with this preference may be sent: what it prefers, and what it allows in
 * place of that when it is away or too dear.
 */
export function possibleRids(preference: Simulcast | undefined, rids: readonly string[]): readonly string[] {
  const preferred = preference?.preferredRid ?? "";
  // Without a wish the best that fits is sent, which may be any.
  if (preferred === "") return rids;
  const lower = rids.filter((rid) => rid > preferred);
  if (preference?.priorityOrdering === "asciibetical" && rids.includes(preferred)) return [preferred, ...lower];
  if (rids.includes(preferred)) return [preferred];
  if (preference?.ridNotAvailable !== "asciibetical") return [];
  return lower.length > 0 ? lower : rids.toSorted().slice(-1);
}
