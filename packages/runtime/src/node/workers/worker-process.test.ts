/** Starts that fail before there is a process, and what happens during one. */
import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Assignment } from "./words.ts";
import { defaultWorkerLimits, type WorkerEvent, WorkerProcess } from "./worker-process.ts";

const made: EventEmitter[] = [];
const sent: unknown[] = [];
vi.mock("node:child_process", () => ({
  fork: () => {
    const child = Object.assign(new EventEmitter(), {
      pid: 7,
      connected: false,
      send: (word: unknown) => sent.push(word),
      kill: () => true,
    });
    made.push(child);
    return child as unknown as ChildProcess;
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  made.length = 0;
  sent.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

function worker(assignment: () => Assignment) {
  const events: WorkerEvent[] = [];
  const tell = (event: WorkerEvent) => void events.push(event);
  const context = { limits: defaultWorkerLimits, assignment, tell, usage: () => {}, onError: () => {} };
  return { events, process: new WorkerProcess(3, context) };
}

test("a store that cannot be read while a worker is started again delays the worker, and ends nothing else", async () => {
  let readable = true;
  const { events, process } = worker(() => {
    if (!readable) throw new Error("The disk is gone.");
    return { media: { port: 8_788 } } as Assignment;
  });
  const started = process.start();
  made[0]?.emit("message", { told: "ready" });
  await started;
  readable = false;
  made[0]?.emit("exit", null, "SIGSEGV");
  vi.advanceTimersByTime(1_000);
  expect(made).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ event: "ended", worker: 3, why: "The disk is gone.", again: 2_000 });
  readable = true;
  vi.advanceTimersByTime(2_000);
  made[1]?.emit("message", { told: "ready" });
  expect(process.isUp).toBe(true);
  await process.close();
});

test("a first start that fails so is told to whoever asked for it, and not tried again", async () => {
  const { process } = worker(() => {
    throw new Error("The disk is gone.");
  });
  await expect(process.start()).rejects.toThrow("The disk is gone.");
  vi.advanceTimersByTime(120_000);
  expect(made).toHaveLength(0);
});

test("a worker that has told nothing for more than three looks is silent until it speaks again", async () => {
  const { process } = worker(() => ({ media: { port: 8_788 } }) as Assignment);
  const started = process.start();
  made[0]?.emit("message", { told: "ready" });
  await started;
  for (let looks = 0; looks < 3; looks += 1) process.look();
  expect(process.silent).toBe(false);
  process.look();
  expect(process.silent).toBe(true);
  made[0]?.emit("message", { told: "load", load: { sessions: 0, busy: 1, imports: 0, exports: 0 } });
  expect(process.silent).toBe(false);
  await process.close();
});

test("an app that is deleted while a worker starts is deleted there as soon as it has started", async () => {
  const { process } = worker(() => ({ media: { port: 8_788 } }) as Assignment);
  const started = process.start();
  await process.ask({ ask: "remove", kind: "app", uid: "one" });
  expect(sent).toMatchObject([{ ask: "start" }]);
  made[0]?.emit("message", { told: "ready" });
  await started;
  expect(sent).toMatchObject([{ ask: "start" }, { ask: "remove", kind: "app", uid: "one" }]);
  await process.close();
});
