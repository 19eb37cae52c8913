/** Everything that is fuzzed, and one case of it. */

import { Chance } from "@satsuma/testkit";
import { bodies } from "./bodies.ts";
import { chooseTarget, type Target } from "./case.ts";
import { descriptions } from "./descriptions.ts";
import { media } from "./media.ts";
import { packets } from "./packets.ts";

export const targets: readonly Target[] = [...descriptions, ...bodies, ...packets, ...media];

export interface Ran {
  readonly target: string;
  /** ms that a processor was at work for it: time in which it was taken away for something else counts for nothing. */
  readonly took: number;
}

/** Runs case `number` of `seed`. Throws what it threw. */
export async function runCase(seed: number, number: number): Promise<Ran> {
  const chance = Chance.of(seed, number);
  const target = chooseTarget(targets, chance);
  const run = target.prepare(chance);
  const began = process.threadCpuUsage();
  const running = run();
  // Awaiting costs more than most cases.
  if (running instanceof Promise) await running;
  const { user, system } = process.threadCpuUsage(began);
  return { target: target.name, took: (user + system) / 1_000 };
}
