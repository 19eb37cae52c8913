import { expect, test } from "vitest";
import { began, isOver, judgeDevices, judgePath, precallSteps, settled } from "./steps.ts";

const fine = { loss: 0, roundTrip: 30, received: 500_000, available: 2_000_000 };
const results = (steps: typeof precallSteps) => Object.fromEntries(steps.map(({ step, result }) => [step, result]));

test("a server that cannot be reached leaves nothing to try behind it, and the relay is tried all the same", () => {
  const steps = settled(began(precallSteps, "server"), "server", {
    result: "failed",
    code: "server-unreachable",
    advice: "check-network",
  });
  expect(results(steps)).toEqual({
    devices: "waiting",
    server: "failed",
    media: "skipped",
    relay: "waiting",
    bandwidth: "skipped",
  });
});

test("it is over when every step has a result, and not before", () => {
  let steps = precallSteps;
  for (const { step } of precallSteps) {
    expect(isOver(steps)).toBe(false);
    steps = settled(began(steps, step), step, { result: "passed" });
  }
  expect(isOver(steps)).toBe(true);
});

test("without any device a test of devices fails with the reason, with one it warns", () => {
  expect(judgeDevices(undefined, undefined).result).toBe("passed");
  expect(judgeDevices("denied", "not-found")).toMatchObject({ result: "failed", code: "denied" });
  expect(judgeDevices(undefined, "not-found")).toMatchObject({ result: "warned", code: "one-device" });
});

test.each([
  ["a good path", {}, "passed", undefined],
  ["a path that gives nothing back", { received: 0, loss: 1 }, "failed", "nothing-came-back"],
  ["a path that loses much", { loss: 0.05, available: 1 }, "warned", "loss"],
  ["a long path", { roundTrip: 600 }, "warned", "delay"],
  ["a narrow path", { available: 100_000 }, "warned", "narrow"],
  ["a browser that does not tell how wide it is", { available: undefined }, "passed", undefined],
] as const)("%s", (_, change, result, code) => {
  const verdict = judgePath({ ...fine, ...change });
  expect(verdict.result).toBe(result);
  expect("code" in verdict ? verdict.code : undefined).toBe(code);
});
