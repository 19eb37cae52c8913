/**
 * `npm run nightly:fuzz -- [--cases N] [--minutes N] [--seed N] [--case N]`: hostile input by the million.
 *
 * Ends with code 1 at the first broken promise, and at the first input that takes longer than it may, with the command
 * that runs that case again. Out of time is no failure: it says how far it came.
 */
import { parseArgs } from "node:util";
import { allowed, quickest } from "./pace.ts";
import { runCase } from "./targets.ts";

/** ms from which on a case is run again, to know how slow it really is. */
const worthAnotherRun = 1;

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "1000000" },
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_007) },
    case: { type: "string" },
  },
});
const seed = Number(values.seed);
const cases = Number(values.cases);
const end = performance.now() + Number(values.minutes) * 60_000;
const slowest = new Map<string, { number: number; took: number }>();

if (values.case !== undefined) {
  const ran = await runCase(seed, Number(values.case));
  console.log(`case ${values.case} of seed ${seed}: ${ran.target}, ${ran.took.toFixed(2)} ms`);
} else {
  console.log(`seed ${seed}, ${cases} cases, ${values.minutes} minutes at the most`);
  process.exitCode = await fuzz();
}

async function fuzz(): Promise<number> {
  const began = performance.now();
  let told = began;
  for (let number = 0; number < cases; number += 1) {
    try {
      const ran = await runCase(seed, number);
      const known = slowest.get(ran.target);
      if (known === undefined || ran.took > known.took) {
        const took = await quickest(() => runCase(seed, number), ran, worthAnotherRun);
        if (known === undefined || took > known.took) slowest.set(ran.target, { number, took });
        if (took > allowed(ran.target)) return fail(number, `${ran.target} took ${took.toFixed(1)} ms`);
      }
    } catch (error) {
      console.error(error);
      return fail(number, "it broke a promise");
    }
    const now = performance.now();
    if (now - told > 10_000) {
      told = now;
      const megabytes = Math.round(process.memoryUsage().heapUsed / 1_048_576);
      console.log(`${number + 1} cases in ${Math.round((now - began) / 1_000)} s, heap ${megabytes} MB`);
      if (now > end) {
        console.log(`Out of time after ${number + 1} of ${cases} cases.`);
        break;
      }
    }
  }
  for (const [target, { number, took }] of slowest) {
    console.log(`slowest ${target}: ${took.toFixed(2)} ms (--case ${number})`);
  }
  console.log(`No promise was broken (seed ${seed}, ${Math.round((performance.now() - began) / 1_000)} s).`);
  return 0;
}

function fail(number: number, why: string): number {
  console.error(`Case ${number}: ${why}. Run it again: npm run nightly:fuzz -- --seed ${seed} --case ${number}`);
  return 1;
}
