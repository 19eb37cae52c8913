/** Where the next session begins. The workers' processes are none: they say what the test lets them say. */
import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { expect, test, vi } from "vitest";
import { Crew } from "./crew.ts";
import type { Assignment } from "./words.ts";
import { defaultWorkerLimits } from "./worker-process.ts";

const made: EventEmitter[] = [];
vi.mock("node:child_process", () => ({
  fork: () => {
    const child = Object.assign(new EventEmitter(), { pid: 7, connected: false, send: () => true, kill: () => true });
    made.push(child);
    return child as unknown as ChildProcess;
  },
}));

test("a session begins where there is the least to do, but not at a worker that is silent while another speaks", async () => {
  const crew = new Crew({
    count: 2,
    longestWait: 10_000,
    assignment: () => ({ media: { port: 8_788 } }) as Assignment,
    limits: defaultWorkerLimits,
    tell: () => {},
    usage: () => {},
    onError: () => {},
  });
  const started = crew.start();
  const tell = (worker: number, sessions: number, busy = 0.1) =>
    made[worker]?.emit("message", { told: "load", load: { sessions, busy, imports: 0, exports: 0 } });
  for (const child of made) child.emit("message", { told: "ready" });
  await started;
  tell(0, 5);
  tell(1, 50);
  expect(crew.least()).toBe(0);
  expect(crew.least(new Set([0]))).toBe(1);
  expect(crew.least(new Set([0, 1]))).toBeUndefined();
  tell(0, 5, 0.9);
  expect(crew.least()).toBe(1);
  for (let looks = 0; looks < 4; looks += 1) {
    for (const worker of crew.workers) worker.look();
    tell(1, 50, 0.95);
  }
  // The other one is busy, but is there.
  expect(crew.least()).toBe(1);
  tell(0, 5);
  expect(crew.least()).toBe(0);
  await crew.close();
});
