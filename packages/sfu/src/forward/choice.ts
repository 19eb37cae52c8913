/**
 * Which quality a subscriber gets: its preference, what is there and its budget in, an aim out. Pure, and replaceable.
 *
 * Rids are free names; sorted as ASCII, the first is the best layer and the last the least, as the Calls API has it.
 */
import type { Simulcast } from "@satsuma/protocol";
import type { Aim, Quality } from "./quality.ts";

/** `available` are the qualities that packets come on, best first, and `budget` is in bits/s. Undefined: send nothing for now. */
export function chooseQuality(
  preference: Simulcast | undefined,
  available: readonly Quality[],
  budget: number,
): Aim | undefined {
  // A track without simulcast has no layer to prefer.
  const preferred = available[0]?.rid === "" ? "" : (preference?.preferredRid ?? "");
  if (preferred === "") return affordable(available, budget);
  const own = available.filter(({ rid }) => rid === preferred);
  if (own.length > 0) {
    // Who does not allow another layer keeps this one whatever it costs (Calls: priorityOrdering "none").
    if (preference?.priorityOrdering !== "asciibetical") return own[0];
    return affordable(
      available.filter(({ rid }) => rid >= preferred),
      budget,
    );
  }
  // Nobody allowed another layer: wait until the preferred one comes (Calls: ridNotAvailable "none").
  if (preference?.ridNotAvailable !== "asciibetical") return undefined;
  // The next lower layer costs no more than what was asked for; without one, the lowest that is there.
  const lower = available.filter(({ rid }) => rid > preferred);
  const least = available.at(-1)?.rid;
  return affordable(lower.length > 0 ? lower : available.filter(({ rid }) => rid === least), budget);
}

/** The best that the budget pays for. When it pays for none, the cheapest: to send nothing is another's decision. */
function affordable(qualities: readonly Quality[], budget: number): Aim | undefined {
  return qualities.find(({ bitrate }) => bitrate <= budget) ?? qualities.at(-1);
}
