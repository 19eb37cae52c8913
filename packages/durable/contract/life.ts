import type { Json } from "@satsuma/durable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { patience } from "./patience.ts";
import type { Platform, World } from "./platform.ts";

/** [J1] [J7] [G22]: inputs one by one, failures that stay where they are, sleep, and migrations. */
export function lifeSuite(platform: Platform): void {
  describe("life", () => {
    let world: World;
    beforeAll(async () => {
      world = await platform.start();
    });
    afterAll(() => world.close());
    const diary = (name: string, question: Json) => world.ask("diary", name, question);

    test("[J1] inputs run one at a time, in the order of arrival", async () => {
      await diary("serial", { do: "read" });
      const all = await Promise.all([1, 2, 3, 4].map((id) => diary("serial", { do: "slow", id })));
      // Which of them arrived last is the runtime's business; its answer holds every step.
      const steps = (all as string[][]).find(({ length }) => length === 8) ?? [];
      expect(steps.length).toBe(8);
      for (let at = 0; at < steps.length; at += 2) {
        expect(steps[at + 1]).toBe(steps[at]?.replace("in", "out"));
      }
    });

    test("[G22] a handler that throws fails its input alone, and says nothing of why", async () => {
      await diary("throws", { do: "add", n: 1 });
      const failed = diary("throws", { do: "throw" });
      await expect(failed).rejects.toMatchObject({ code: "internal" });
      await expect(failed).rejects.not.toThrow(/secret/);
      expect(await diary("throws", { do: "add", n: 1 })).toBe(2);
      const after = await diary("throws", { do: "read" });
      expect(after).toMatchObject({ sum: 2, beforeThrow: true });
      // Its memory is whole as well, unless it slept in between on a machine that is slow.
      if ((after as { readonly starts: number }).starts === 1) expect(after).toMatchObject({ asked: 4 });
    });

    test("[G22] a refusal keeps its code", async () => {
      await expect(diary("refuses", { do: "refuse" })).rejects.toMatchObject({ code: "room-full", retry: true });
    });

    test("[J1] an answer that cannot be cloned is refused", async () => {
      await expect(diary("functions", { do: "uncloneable" })).rejects.toMatchObject({ code: "not-cloneable" });
    });

    test("[G22] a handler that never returns is cut off with a code, and its actor begins anew", async () => {
      await diary("hangs", { do: "add", n: 3 });
      const hung = expect(diary("hangs", { do: "hang" })).rejects.toMatchObject({ code: "timed-out" });
      // Two requests sent together may arrive in either order.
      await world.until(async () => (await diary("beside", { do: "is-hanging", name: "hangs" })) === true, 5_000);
      const next = diary("hangs", { do: "read" });
      await passed(world, hung);
      const anew = await next;
      expect(anew).toMatchObject({ sum: 3, asked: 1, beforeHang: true });
      startedAgain(anew);
    });

    test("[G22] an actor that was cut off can no longer write", async () => {
      await passed(world, expect(diary("lingers", { do: "lingering" })).rejects.toMatchObject({ code: "timed-out" }));
      await world.until(
        async () => ((await diary("lingers", { do: "read" })) as { refused: Json }).refused !== null,
        5_000,
      );
      const after = await diary("lingers", { do: "read" });
      expect(after).toMatchObject({ refused: "closed" });
      startedAgain(after);
    });

    test("[G22] a start that throws is tried again with the next input, later each time, and harms no other", async () => {
      const ask = () => world.ask("faulty", "late", "how often?");
      await expect(ask()).rejects.toMatchObject({ code: "start-failed", retry: true });
      expect(await diary("beside", { do: "add", n: 1 })).toBe(1);
      await passed(world, expect(ask()).rejects.toMatchObject({ code: "start-failed" }));
      const third = ask();
      await passed(world, expect(third).resolves.toBe(3));
    });

    test("[J1] an idle actor sleeps and wakes with its state", async () => {
      await diary("sleeps", { do: "add", n: 4 });
      const until = world.now() + patience.idleMs * 2;
      await world.until(() => world.now() >= until, 20_000);
      expect(await diary("sleeps", { do: "read" })).toMatchObject({ sum: 4, starts: 2, asked: 1 });
    });

    test("[J1] work outside an input comes back as an input of its own", async () => {
      await diary("outside", { do: "outside" });
      await world.until(
        async () => ((await diary("outside", { do: "read" })) as { outcome?: number }).outcome === 42,
        5_000,
      );
    });

    test("[J7] migrations run once, in order, and the next release runs only its own", async () => {
      const first = { name: "Ada Lovelace", steps: ["first"] };
      expect(await world.ask("grown", "ada", "?")).toEqual(first);
      await world.restart();
      expect(await world.ask("grown", "ada", "?")).toEqual(first);
      await world.restart("second");
      const second = { first: "Ada", last: "Lovelace", steps: ["first", "second"] };
      expect(await world.ask("grown", "ada", "?")).toEqual(second);
      expect(await world.ask("grown", "new", "?")).toEqual(second);
      expect(await world.ask("grown", "ada", "empty")).toEqual(second);
    });
  });
}

/** Awaits an outcome that needs time to pass, on a runtime whose time only passes when told. */
async function passed(world: World, outcome: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = outcome.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined); // The caller awaits it below.
  await world.until(() => isOver, 30_000);
  await over;
}

/** Once more than at first; on a machine that is slow, an actor may have slept in between as well. */
function startedAgain(diary: unknown): void {
  expect((diary as { readonly starts: number }).starts).toBeGreaterThanOrEqual(2);
}
