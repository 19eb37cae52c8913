import { expect, test } from "vitest";
import { type Budget, defaultBudget, Governor, type Pacing, pacings } from "./governor.ts";

/**
 * A camera of 30 pictures a second for some seconds; gives each verdict that differs from the one before, with its second.
 * `cost` is that of a picture which is shown, in milliseconds.
 */
function film(governor: Governor, seconds: number, cost: (pacing: Pacing, second: number) => number): string[] {
  const told: string[] = [];
  let last: Pacing = pacings[0];
  for (let picture = 0; picture < seconds * 30; picture += 1) {
    if (picture % last.show !== 0) continue;
    const now = (picture * 1000) / 30;
    const next = governor.handle(cost(last, now / 1000), now);
    if (next === "too-weak") return [...told, `${next} at ${Math.round(now / 1000)}`];
    if (next !== last) told.push(`${next.show}/${next.look} at ${Math.round(now / 1000)}`);
    last = next;
  }
  return told;
}

/** Milliseconds a picture, when looking for the person takes `look` and putting it together `compose`. */
const machine = (look: number, compose: number) => (pacing: Pacing) => compose + look / pacing.look;

test("a machine with time to spare looks at every picture, for hours", () => {
  expect(film(new Governor(defaultBudget), 2 * 3600, machine(6, 4))).toEqual([]);
});

test("what happens while programs are compiled counts for nothing", () => {
  const slowStart = (_: Pacing, second: number) => (second < 3 ? 500 : 5);
  expect(film(new Governor(defaultBudget), 60, slowStart)).toEqual([]);
});

test("a machine that is a bit too slow looks less often and stays so", () => {
  expect(film(new Governor(defaultBudget), 600, machine(20, 8))).toEqual(["1/2 at 7"]);
  expect(film(new Governor(defaultBudget), 600, machine(30, 8))).toEqual(["1/2 at 7", "1/3 at 11"]);
  // 1280 × 720 where nothing but the processor draws.
  expect(film(new Governor(defaultBudget), 600, machine(15, 20))).toEqual(["1/2 at 7", "1/3 at 11", "2/2 at 15"]);
});

test("one that cannot do it at all is told so within twenty seconds", () => {
  const told = film(new Governor(defaultBudget), 600, machine(60, 40));
  expect(told).toEqual(["1/2 at 7", "1/3 at 11", "2/2 at 15", "too-weak at 19"]);
});

test("one slow window changes nothing", () => {
  const hiccup = (_: Pacing, second: number) => (second > 20 && second < 22 ? 30 : 5);
  expect(film(new Governor(defaultBudget), 60, hiccup)).toEqual([]);
});

test("after a busy time it looks more often again, once it was calm for half a minute", () => {
  const busy = ({ look }: Pacing, second: number) => (second < 10 ? 8 + 24 / look : 2 + 4 / look);
  const told = film(new Governor(defaultBudget), 120, busy);
  expect(told).toEqual(["1/2 at 7", "1/1 at 41"]);
});

test("where more looks cheap and is not, it is tried ever more rarely", () => {
  // Half the rate costs a third: what another program on the same core does to it.
  const told = film(new Governor(defaultBudget), 4 * 3600, ({ look }) => (look === 1 ? 24 : 7));
  const ups = told.filter((word) => word.startsWith("1/1")).length;
  expect(told[0]).toBe("1/2 at 7");
  expect(ups).toBeGreaterThan(3);
  expect(ups).toBeLessThan(40);
});

test("a slow camera is judged as any other, over as long as it takes", () => {
  const once = (cost: number) => {
    const governor = new Governor(defaultBudget);
    const told = new Set<unknown>();
    for (let now = 0; now < 60_000; now += 1000) told.add(governor.handle(cost, now));
    return [...told];
  };
  expect(once(300)).toEqual([pacings[0]]);
  expect(once(900)).toContain("too-weak");
});

test("a camera that rested and comes back finds the machine no weaker", () => {
  const governor = new Governor(defaultBudget);
  for (let picture = 0; picture < 300; picture += 1) governor.handle(5, picture * 33);
  for (let picture = 0; picture < 300; picture += 1) {
    expect(governor.handle(5, 600_000 + picture * 33)).toBe(pacings[0]);
  }
});

test("the budget is the caller's", () => {
  const none: Budget = { share: 0.0001, window: 500, grace: 0 };
  expect(film(new Governor(none), 10, machine(1, 1)).at(-1)).toBe("too-weak at 4");
  const any: Budget = { share: Number.POSITIVE_INFINITY, window: 200, grace: 0 };
  expect(film(new Governor(any), 60, machine(500, 500))).toEqual([]);
});
