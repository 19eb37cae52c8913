import { expect, test, vi } from "vitest";
import { RoomToken } from "./token.ts";

function counting() {
  let given = 0;
  const token = new RoomToken(async () => {
    given += 1;
    return `token ${given}`;
  });
  return { token, given: () => given };
}

test("a token that is over is replaced once for all who were refused with it", async () => {
  const { token, given } = counting();
  await token.ask(false);
  expect(await Promise.all([token.renew("token 1"), token.renew("token 1")])).toEqual([true, true]);
  expect(token.current).toBe("token 2");
  // Whoever was refused with the old one and comes late has the new one already.
  expect(await token.renew("token 1")).toBe(true);
  expect(given()).toBe(2);
});

test("a text is good once, and an app that gives the same again has no other", async () => {
  const fixed = new RoomToken("one");
  expect(await fixed.ask(false)).toBe("one");
  await expect(fixed.ask(true)).rejects.toMatchObject({ code: "bad-token" });
  expect(await fixed.renew("one")).toBe(false);
  const stubborn = new RoomToken(async () => "same");
  await stubborn.ask(false);
  expect(await stubborn.renew("same")).toBe(false);
});

test("an app that has none for the moment is asked again the next time", async () => {
  let fails = true;
  const token = new RoomToken(async () => {
    if (fails) throw new Error("not now");
    return "late";
  });
  await expect(token.ask(false)).rejects.toThrow("not now");
  fails = false;
  expect(await token.ask(false)).toBe("late");
});

test("an app that never answers is asked again, and what it says at last does not take the newer one's place", async () => {
  const patience = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(patience.signal);
  const answers: ((token: string) => void)[] = [];
  const token = new RoomToken(() => new Promise((resolve) => answers.push(resolve)));
  const first = token.ask(false);
  patience.abort(new DOMException("It took too long.", "TimeoutError"));
  await expect(first).rejects.toThrow("too long");
  const second = token.ask(false);
  answers[1]?.("second");
  expect(await second).toBe("second");
  answers[0]?.("first");
  await Promise.resolve();
  expect(token.current).toBe("second");
});
