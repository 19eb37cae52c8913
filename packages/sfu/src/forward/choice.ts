/**
 * Which simulcast layer a subscriber gets: preference and what is there in, a rid out. Pure, and replaceable.
 *
 * Rids are free names; sorted as ASCII, the first is the best layer and the last the least, as the Calls API has it.
 */
import type { Simulcast } from "@satsuma/protocol";

/** `active` are the rids that packets come on, in any order. Undefined: send nothing for now. */
export function chooseLayer(preference: Simulcast | undefined, active: readonly string[]): string | undefined {
  const best = [...active].sort()[0];
  const preferred = preference?.preferredRid;
  if (preferred === undefined || preferred === "") return best;
  if (active.includes(preferred)) return preferred;
  // Nobody allowed another layer: wait until the preferred one comes (Calls: ridNotAvailable "none").
  if (preference?.ridNotAvailable !== "asciibetical") return undefined;
  // The next lower layer costs no more than what was asked for; without one, the lowest that is there.
  const sorted = [...active].sort();
  return sorted.find((rid) => rid > preferred) ?? sorted.at(-1);
}
