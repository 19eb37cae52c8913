import { afterEach, expect, test, vi } from "vitest";
import { Alarm } from "./alarm.ts";

afterEach(() => vi.useRealTimers());

test("a deadline that is further away than a timer reaches is awaited without hurry", async () => {
  vi.useFakeTimers();
  let awaited = 0;
  const context = {
    storage: { setAlarm: async () => undefined, deleteAlarm: async () => undefined, getAlarm: async () => null },
    now: () => Date.now(),
    outside(work: () => Promise<unknown>, then: (outcome: unknown) => unknown) {
      awaited += 1;
      void work().then((value) => then({ ok: true, value }));
    },
  } as unknown as ConstructorParameters<typeof Alarm>[0];
  const days = 24 * 3_600_000;
  const woken: number[] = [];
  const deadline = Date.now() + 30 * days;
  const alarm = new Alarm(context, () => {
    woken.push(Date.now());
    alarm.set(undefined, undefined);
    return undefined;
  });
  const timer = vi.spyOn(globalThis, "setTimeout");
  alarm.set(deadline + 500, undefined);
  alarm.set(deadline, undefined);
  await vi.advanceTimersByTimeAsync(29 * days);
  expect(woken).toEqual([]);
  expect(awaited).toBeLessThanOrEqual(30);
  for (const [, wait] of timer.mock.calls) expect(wait).toBeLessThan(2 ** 31);
  await vi.advanceTimersByTimeAsync(2 * days);
  expect(woken).toEqual([deadline]);
});
