import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { backoff } from "../backoff.ts";
import { IceServers } from "./ice.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function servers() {
  let fetched = 0;
  const ice = new IceServers(
    async () => {
      fetched += 1;
      return { iceServers: [{ urls: `turn:${fetched}` }], ttl: 1_000 };
    },
    backoff(),
    () => {},
  );
  return { ice, fetched: () => fetched };
}

test("credentials that ran out while the machine slept are renewed when a connection is made", async () => {
  const { ice, fetched } = servers();
  await ice.ready;
  // Clocks go on in sleep, and timers do not.
  vi.setSystemTime(Date.now() + 8 * 3_600_000);
  ice.look();
  await ice.ready;
  expect(fetched()).toBe(2);
  expect(ice.current).toEqual([{ urls: "turn:2" }]);
  ice.close();
});

test("in a long call they are renewed before they run out, and no timer is left after the end", async () => {
  const { ice, fetched } = servers();
  await vi.advanceTimersByTimeAsync(3 * 750_000);
  expect(fetched()).toBe(4);
  ice.close();
  expect(vi.getTimerCount()).toBe(0);
  ice.look();
  expect(fetched()).toBe(4);
});

test("those that last for a year leave the timer alone", async () => {
  const fetch = vi.fn(async () => ({ iceServers: [], ttl: 365 * 86_400 }));
  const ice = new IceServers(fetch, backoff(), () => {});
  await vi.advanceTimersByTimeAsync(40 * 86_400_000);
  expect(fetch).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(1);
  ice.close();
});
