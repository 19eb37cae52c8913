import { expect, test } from "vitest";
import { redialAt } from "./redial.ts";

test("a lost endpoint is dialled soon, then less often, and not after its fifteen seconds", () => {
  const times: number[] = [];
  let now = 1_000;
  for (let attempt = 0; ; attempt += 1) {
    const at = redialAt(attempt, 1_000, now, 15_000);
    if (at === undefined) break;
    times.push(at - 1_000);
    now = at;
  }
  expect(times).toEqual([250, 750, 1_750, 3_750, 7_750, 11_750]);
});
