import { expect, test } from "vitest";
import { Ahead } from "./ahead.ts";

/** Answers with how often it was asked. */
function counter(fails = 0) {
  const count = { asked: 0 };
  const ask = async () => {
    count.asked += 1;
    if (count.asked <= fails) throw new Error("not now");
    return count.asked;
  };
  return { count, ask };
}

test("what was asked for ahead is taken once", async () => {
  const { count, ask } = counter();
  const ahead = new Ahead<number>(100);
  ahead.prepare("room/Ann", 0, ask);
  ahead.prepare("room/Ann", 99, ask);
  expect(await ahead.take("room/Ann", 99, ask)).toBe(1);
  expect(await ahead.take("room/Ann", 99, ask)).toBe(2);
  expect(count.asked).toBe(2);
});

test("an answer for another key, or an old one, is of no use", async () => {
  const { ask } = counter();
  const ahead = new Ahead<number>(100);
  ahead.prepare("room/Ann", 0, ask);
  expect(await ahead.take("room/Bob", 1, ask)).toBe(2);
  ahead.prepare("room/Ann", 2, ask);
  expect(await ahead.take("room/Ann", 102, ask)).toBe(4);
});

test("what failed ahead is asked for again when it is needed", async () => {
  const { ask } = counter(1);
  const ahead = new Ahead<number>(100);
  ahead.prepare("room/Ann", 0, ask);
  expect(await ahead.take("room/Ann", 1, ask)).toBe(2);
});
