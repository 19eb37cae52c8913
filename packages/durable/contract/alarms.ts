import type { Json } from "@satsuma/durable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Platform, World } from "./platform.ts";

interface Page {
  readonly rings: readonly { readonly at: number; readonly retry: number; readonly pending: number | null }[];
  readonly alarm: number | null;
}

/** [J6] [G12]: at least once, never early, again after a failure, and after a restart. */
export function alarmSuite(platform: Platform): void {
  describe("alarms", () => {
    let world: World;
    beforeAll(async () => {
      world = await platform.start();
    });
    afterAll(() => world.close());
    const diary = (name: string, question: Json) => world.ask("diary", name, question);
    const page = async (name: string) => (await diary(name, { do: "read" })) as unknown as Page;
    const rung = (name: string, times: number, withinMs: number) =>
      world.until(async () => (await page(name)).rings.length >= times, withinMs);

    test("[J6] an alarm rings once, not early, and is none while it rings and after", async () => {
      const at = (await diary("once", { do: "alarm", afterMs: 300, failures: 0 })) as number;
      expect(await page("once")).toMatchObject({ rings: [], alarm: at });
      await rung("once", 1, 20_000);
      const { rings, alarm } = await page("once");
      expect(rings[0]?.at).toBeGreaterThanOrEqual(at);
      expect(rings).toMatchObject([{ retry: 0, pending: null }]);
      expect(alarm).toBe(null);
    });

    test("[J6] an alarm in the past rings at once", async () => {
      await diary("past", { do: "alarm", afterMs: -1_000, failures: 0 });
      await rung("past", 1, 2_000);
    });

    test("[J6] a handler that throws is tried again after 2 seconds, then 4", async () => {
      await diary("fails", { do: "alarm", afterMs: 50, failures: 2 });
      await rung("fails", 3, 120_000);
      const { rings } = await page("fails");
      expect(rings.map(({ retry }) => retry)).toEqual([0, 1, 2]);
      const [first = 0, second = 0, third = 0] = rings.map(({ at }) => at);
      expect(second - first).toBeGreaterThanOrEqual(1_900);
      expect(third - second).toBeGreaterThanOrEqual(3_800);
    });

    const lastRetry = async () => {
      await diary("hopeless", { do: "alarm", afterMs: 50, failures: 100 });
      await rung("hopeless", 7, 200_000);
      const until = world.now() + 1_000_000;
      await world.until(() => world.now() >= until, 2_000_000);
      const { rings, alarm } = await page("hopeless");
      const waits = rings.slice(1).map(({ at }, index) => at - (rings[index]?.at ?? 0));
      expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000]);
      expect(alarm).toBe(null);
    };
    // Two minutes of waiting, which only a clock turned by hand makes short.
    if (platform.capabilities.handClock) test("[J6] the sixth retry is the last", lastRetry);

    test("[J6] an alarm outlives a restart", async () => {
      await diary("restarted", { do: "alarm", afterMs: 400, failures: 0 });
      await world.restart();
      await rung("restarted", 1, 20_000);
      expect((await page("restarted")).rings.length).toBe(1);
    });

    test("[J6] an alarm that was due while nothing ran rings after the restart, its actor not being asked", async () => {
      await diary("missed", { do: "alarm", afterMs: 1, failures: 0 });
      await world.restart();
      await rung("missed", 1, 20_000);
    });
  });
}
