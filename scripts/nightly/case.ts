/** One kind of input that comes from outside, and what must hold whatever it is. */
import type { Chance } from "@satsuma/testkit";

export interface Target {
  readonly name: string;
  /** How often it is chosen, relative to the others. */
  readonly weight: number;
  /** Makes an input. What it returns takes it in; it throws when a promise is broken. Only the latter is timed. */
  readonly prepare: (chance: Chance) => () => void | Promise<void>;
}

export function promise(kept: boolean, what: string): void {
  if (!kept) throw new Error(`Broken promise: ${what}`);
}

export function chooseTarget(targets: readonly Target[], chance: Chance): Target {
  let ticket = chance.below(targets.reduce((sum, target) => sum + target.weight, 0));
  for (const target of targets) {
    ticket -= target.weight;
    if (ticket < 0) return target;
  }
  throw new Error("There is nothing to choose from.");
}
