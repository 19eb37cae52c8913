/** How long one input may take, whatever it is. */
import type { Ran } from "./targets.ts";

/** ms of a processor's time. */
const mostTime = 5;
/** Cases of these targets are several inputs: eight calls on a server of their own, or forty packets with the time between them. */
const several: Readonly<Record<string, number>> = { session: 8, "life of a track": 8 };
/** Runs that may be disturbed, by collected garbage or by a neighbour that has the caches. */
const attempts = 20;

/** ms. */
export function allowed(target: string): number {
  return mostTime * (several[target] ?? 1);
}

/** ms of the quickest of several runs: whatever else the machine does only makes a case slower. */
export async function quickest(again: () => Promise<Ran>, { took: first }: Ran, enough: number): Promise<number> {
  let took = first;
  for (let attempt = 0; attempt < attempts && took > enough; attempt += 1) took = Math.min(took, (await again()).took);
  return took;
}
