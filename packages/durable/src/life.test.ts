import { expect, test } from "vitest";
import { LifeCore } from "./life.ts";
import { limits } from "./limits.ts";

const patience = { inputMs: 100, idleMs: 1_000, restartMs: 10, restartMaxMs: 40 };
const life = () => new LifeCore<string>(patience);
const arrived = (job: string) => ({ type: "arrived", job }) as const;

function awake(): LifeCore<string> {
  const core = life();
  expect(core.handle(arrived("first"), 0)).toEqual([{ type: "start" }]);
  expect(core.handle({ type: "started" }, 1)).toEqual([{ type: "run", job: "first" }]);
  return core;
}

test("[J1] inputs that arrive during a start or another input run after it, in order", () => {
  const core = awake();
  expect(core.handle(arrived("second"), 2)).toEqual([]);
  expect(core.handle(arrived("third"), 2)).toEqual([]);
  expect(core.handle({ type: "finished" }, 3)).toEqual([{ type: "run", job: "second" }]);
  expect(core.handle({ type: "finished" }, 4)).toEqual([{ type: "run", job: "third" }]);
  expect(core.handle({ type: "finished" }, 5)).toEqual([]);
  expect(core.life).toEqual({ state: "idle", since: 5 });
});

test("[J1] an idle actor sleeps when its time is up, and not while work runs outside", () => {
  const core = awake();
  core.handle({ type: "finished" }, 10);
  expect(core.nextDeadline()).toBe(1_010);
  core.keepAwake(1, 20);
  expect(core.nextDeadline()).toBe(undefined);
  core.keepAwake(-1, 500);
  expect(core.handle({ type: "ticked" }, 1_499)).toEqual([]);
  expect(core.handle({ type: "ticked" }, 1_500)).toEqual([{ type: "drop" }]);
  expect(core.life).toEqual({ state: "asleep" });
});

test("[G22] an input that takes too long is refused, its instance dropped, and the next gets a new one", () => {
  const core = awake();
  core.handle(arrived("second"), 50);
  expect(core.nextDeadline()).toBe(101);
  expect(core.handle({ type: "ticked" }, 101)).toEqual([
    { type: "refuse", job: "first", why: "timed-out" },
    { type: "drop" },
    { type: "start" },
  ]);
  expect(core.handle({ type: "finished" }, 102)).toEqual([]);
  expect(core.handle({ type: "started" }, 103)).toEqual([{ type: "run", job: "second" }]);
});

test("[G22] a start that fails is tried again later each time, up to a limit", () => {
  const core = life();
  const waits: number[] = [];
  let now = 0;
  for (let attempt = 0; attempt < 5; attempt++) {
    expect(core.handle(arrived("job"), now)).toEqual(attempt === 0 ? [{ type: "start" }] : []);
    if (attempt > 0) {
      const due = core.nextDeadline() ?? 0;
      waits.push(due - now);
      now = due;
      expect(core.handle({ type: "ticked" }, now)).toEqual([{ type: "start" }]);
    }
    expect(core.handle({ type: "start-failed" }, now)).toEqual([{ type: "refuse", job: "job", why: "start-failed" }]);
  }
  expect(waits).toEqual([10, 20, 40, 40]);
});

test("[G22] an actor whose writes were lost is dropped with the input it was at", () => {
  const core = awake();
  core.handle(arrived("second"), 2);
  expect(core.handle({ type: "broken" }, 3)).toEqual([
    { type: "refuse", job: "first", why: "storage-failed" },
    { type: "drop" },
  ]);
  expect(core.handle({ type: "ticked" }, 13)).toEqual([{ type: "start" }]);
});

test("[G22] more inputs than may wait are refused, and those waiting still run", () => {
  const core = awake();
  for (let job = 0; job < limits.inputsWaiting; job++) expect(core.handle(arrived(String(job)), 2)).toEqual([]);
  expect(core.handle(arrived("too many"), 2)).toEqual([{ type: "refuse", job: "too many", why: "too-many-requests" }]);
  for (let job = 0; job < limits.inputsWaiting; job++) {
    expect(core.handle({ type: "finished" }, 3)).toEqual([{ type: "run", job: String(job) }]);
  }
});

test("[J8] nothing runs while the actor is held, and all that waited runs after", () => {
  const core = awake();
  expect(core.handle({ type: "held" }, 2)).toEqual([
    { type: "refuse", job: "first", why: "restarted" },
    { type: "drop" },
  ]);
  expect(core.handle(arrived("second"), 3)).toEqual([]);
  expect(core.handle({ type: "released" }, 4)).toEqual([{ type: "start" }]);
  expect(core.handle({ type: "started" }, 5)).toEqual([{ type: "run", job: "second" }]);
});

test("[J1] a close refuses what runs and what waits, once", () => {
  const core = awake();
  core.handle(arrived("second"), 2);
  expect(core.handle({ type: "closed" }, 3)).toEqual([
    { type: "refuse", job: "first", why: "closed" },
    { type: "drop" },
    { type: "refuse", job: "second", why: "closed" },
  ]);
  expect(core.handle(arrived("late"), 4)).toEqual([{ type: "refuse", job: "late", why: "closed" }]);
  expect(core.nextDeadline()).toBe(undefined);
});
