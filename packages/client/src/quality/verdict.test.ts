import { expect, test } from "vitest";
import { otherVerdict, ownVerdict } from "./verdict.ts";

const well = { connected: true, up: "good", down: "good", cpu: false, device: false } as const;

test.each([
  ["all is well", well, "good", undefined],
  ["no connection", { ...well, connected: false }, "lost", "network-down"],
  ["what is sent is lost", { ...well, up: "poor" }, "poor", "network-up"],
  ["what is received is lost", { ...well, down: "fair" }, "fair", "network-down"],
  [
    "both ways are bad: the one that the others suffer from",
    { ...well, up: "poor", down: "poor" },
    "poor",
    "network-up",
  ],
  ["the processor", { ...well, cpu: true }, "fair", "cpu"],
  ["a bad network goes before a slow processor", { ...well, up: "poor", cpu: true }, "poor", "network-up"],
  ["a silent microphone goes before all that is bearable", { ...well, device: true, down: "fair" }, "fair", "device"],
] as const)("one's own: %s", (_, findings, level, cause) => {
  expect(ownVerdict(findings)).toMatchObject({ level, cause });
});

const quiet = { received: "good", silent: false, reported: undefined, others: "good" } as const;

test.each([
  ["all is well", quiet, "good", undefined],
  ["only theirs is bad", { ...quiet, received: "poor" }, "poor", "remote"],
  ["everybody's is bad", { ...quiet, received: "poor", others: "poor" }, "poor", "network-down"],
  ["they say so themselves", { ...quiet, reported: "fair" }, "fair", "remote"],
  [
    "they say so, and everybody's is bad",
    { ...quiet, received: "fair", reported: "poor", others: "fair" },
    "poor",
    "remote",
  ],
  [
    "they are well by their own word, and badly received",
    { ...quiet, received: "poor", reported: "good" },
    "poor",
    "network-down",
  ],
  ["nothing comes", { ...quiet, silent: true }, "lost", "remote"],
] as const)("another's: %s", (_, findings, level, cause) => {
  expect(otherVerdict(findings)).toMatchObject({ level, cause });
});

test("a verdict that is not good says what to do", () => {
  expect(ownVerdict({ ...well, up: "poor" }).advice).toContain("turn-off-video");
  expect(ownVerdict(well).advice).toEqual([]);
});
