import { expect, test } from "vitest";
import { IceSchedule } from "./ice-schedule.ts";

const policy = ({ failures }: { failures: number }) => 1_000 * failures;

test("servers are fetched at the start, and renewed before they expire, in long calls too", () => {
  const schedule = new IceSchedule(policy, 0);
  let now = 0;
  for (let round = 0; round < 5; round += 1) {
    expect(schedule.wake(now)).toBe(true);
    // One question at a time, however often it rings.
    expect(schedule.wake(now)).toBe(false);
    schedule.granted({ iceServers: [], ttl: 600 }, now);
    const due = schedule.nextDeadline() ?? Number.NaN;
    expect(due - now).toBe(450_000);
    expect(schedule.wake(due - 1)).toBe(false);
    now = due;
  }
});

test("what does not expire is not asked for again", () => {
  const schedule = new IceSchedule(policy, 0);
  schedule.wake(0);
  schedule.granted({ iceServers: [] }, 0);
  expect(schedule.nextDeadline()).toBeUndefined();
});

test("a failure is tried again, later each time, until it works", () => {
  const schedule = new IceSchedule(policy, 0);
  const waits: number[] = [];
  let now = 0;
  for (let round = 0; round < 3; round += 1) {
    schedule.wake(now);
    schedule.failed(now);
    const due = schedule.nextDeadline() ?? Number.NaN;
    waits.push(due - now);
    now = due;
  }
  expect(waits).toEqual([1_000, 2_000, 3_000]);
  schedule.wake(now);
  schedule.granted({ iceServers: [], ttl: 60 }, now);
  expect(schedule.nextDeadline()).toBe(now + 45_000);
});
