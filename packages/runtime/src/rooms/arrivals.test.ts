import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Arrival, Arrivals } from "./arrivals.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function begin() {
  let clock = 1_000_000;
  const rounds: number[][] = [];
  const context = {
    now: () => clock + Date.now(),
    outside(work: () => Promise<unknown>, then: (outcome: unknown) => unknown) {
      void work().then((value) => then({ ok: true, value }));
    },
  } as unknown as ConstructorParameters<typeof Arrivals>[0];
  const arrivals = new Arrivals(context, (round) => {
    rounds.push(round.map(({ hello }) => hello.socket));
    return undefined;
  });
  const arrive = (socket: number) => {
    const seat = { waiting: undefined } as Arrival["seat"];
    const claims = { room: "r", participant: `p${socket}`, identity: "i", name: "n" };
    return { at: arrivals.pass({ seat, hello: { socket, claims } }), seat };
  };
  const setBack = (milliseconds: number) => {
    clock -= milliseconds;
  };
  return { arrive, rounds, setBack };
}

test("[RM17] the first after a quiet while comes in at once, and those that follow together", async () => {
  const { arrive, rounds } = begin();
  expect(arrive(1).at).toBe(true);
  expect([2, 3, 4].map((socket) => arrive(socket).at)).toEqual([false, false, false]);
  await vi.advanceTimersByTimeAsync(60);
  expect(rounds).toEqual([[2, 3, 4]]);
  const late = arrive(5);
  expect(late.at).toBe(false);
  expect(late.seat.waiting).toEqual([]);
  await vi.advanceTimersByTimeAsync(60);
  expect(rounds).toEqual([[2, 3, 4], [5]]);
  await vi.advanceTimersByTimeAsync(60);
  const alone = arrive(6);
  expect(alone.at).toBe(true);
  expect(alone.seat.waiting).toBeUndefined();
});

test("[RM17] nobody waits for a clock that was set back", async () => {
  const { arrive, rounds, setBack } = begin();
  arrive(1);
  setBack(3_600_000);
  expect(arrive(2).at).toBe(false);
  await vi.advanceTimersByTimeAsync(60);
  expect(rounds).toEqual([[2]]);
});
