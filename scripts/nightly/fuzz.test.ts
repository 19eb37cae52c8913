import { Chance } from "@satsuma/testkit";
import { expect, test } from "vitest";
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
      if (ran.took > most) {
        expect(await quickest(() => runCase(seed, number), ran, most), ran.target).toBeLessThanOrEqual(most);
      }
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

test("a case that a busy machine made slow is not slow, and one that is so however often it is run stays so", async () => {
  const target = "any";
  const most = allowed(target);
  let run = 0;
  const disturbed = async () => ({ target, took: ++run % 15 === 0 ? most / 2 : most * 3 });
  expect(await quickest(disturbed, await disturbed(), most)).toBe(most / 2);
  const slow = async () => ({ target, took: most * 3 - (++run % 7) });
  expect(await quickest(slow, await slow(), most)).toBeGreaterThan(most);
});
