/** What becomes of each thing that a page waits for: all of it drawn from the seed, and nothing of it once the world is calm. */
import { Chance } from "@satsuma/testkit";

export class Fate {
  readonly chance: Chance;
  /** How often something goes wrong, from 0 to 1; of every life another. */
  readonly rate: number;
  calm = false;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.rate = this.chance.pick([0, 0.01, 0.03, 0.08]);
  }

  /** Whether this one goes wrong; `weight` for what is rarer or more common than the rest. */
  fails(weight = 1): boolean {
    return !this.calm && this.chance.happens(this.rate * weight);
  }

  /** ms; now and then much longer than usual, so that what comes later overtakes it. */
  delay(least: number, most: number): number {
    const usual = least + this.chance.below(most - least + 1);
    return this.fails(2) ? usual + this.chance.below(3_000) : usual;
  }
}
