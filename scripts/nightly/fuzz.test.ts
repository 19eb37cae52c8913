import { expect, test } from "vitest";
import { Chance } from "./chance.ts";
import { allowed, quickest } from "./pace.ts";
import { runCase, targets } from "./targets.ts";

const seed = 20_261;
const cases = 20_000;

test(`${cases} inputs of every kind break no promise and take no longer than they may`, {
  timeout: 120_000,
}, async () => {
  const seen = new Set<string>();
  for (let number = 0; number < cases; number += 1) {
    try {
      const ran = await runCase(seed, number);
      const most = allowed(ran.target);
      if (ran.took > most) expect(await quickest(seed, number, ran, most)).toBeLessThanOrEqual(most);
      seen.add(ran.target);
    } catch (cause) {
      throw new Error(`npm run nightly:fuzz -- --seed ${seed} --case ${number}`, { cause });
    }
  }
  expect([...seen].toSorted()).toEqual(targets.map(({ name }) => name).toSorted());
});

test("a case is the same whenever it is run, and unlike the next", () => {
  const of = (number: number) => Array.from({ length: 5 }, () => Chance.of(seed, number).uint32());
  expect(of(7)).toEqual(of(7));
  expect(of(7)).not.toEqual(of(8));
});
