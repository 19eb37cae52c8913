import { HandClock } from "@satsuma/durable";
import { random } from "@satsuma/durable/contract/scenarios";
import { Store } from "@satsuma/runtime/node/durable";
import { describe, expect } from "vitest";
import { Ledger, Table } from "./ledger.ts";
import { test } from "./temporary.ts";

const day = 24 * 60 * 60 * 1_000;

describe.each([
  ["in a shared file", Ledger],
  ["in a file of its own", Table],
] as const)("[J8] an actor %s", { timeout: 60_000 }, (_where, type) => {
  test("goes back to any moment of the window, and forward again", async ({ directory }) => {
    const clock = new HandClock(1_000_000);
    let store = Store.open({ directory, clock });
    let actors = store.namespace("ledgers", type, undefined);
    const next = random(20_261_120);
    const moments: { at: number; was: unknown }[] = [];
    for (let step = 0; step < 60; step++) {
      const one = actors.get("one");
      const key = `k${next(8)}`;
      const what = next(12);
      if (what === 0) await one.ask({ do: "clear" });
      else if (what === 1) await one.ask({ do: "alarm", at: 10 ** 12 + step });
      else if (what < 4) await one.ask({ do: "remove", key });
      else await one.ask({ do: "set", entries: { [key]: step, large: "x".repeat(next(20_000)) } });
      await actors.get("other").ask({ do: "set", entries: { step } });
      moments.push({ at: clock.now(), was: await one.ask({ do: "read" }) });
      await clock.advance(1 + next(15_000));
      if (step % 20 === 19) {
        await store.close();
        store = Store.open({ directory, clock });
        actors = store.namespace("ledgers", type, undefined);
      }
    }
    for (let turn = 0; turn < 8; turn++) {
      const moment = moments[next(moments.length)];
      if (moment === undefined) throw new Error("A number below the length is the place of a moment.");
      await store.rewind("ledgers", "one", moment.at);
      expect(await actors.get("one").ask({ do: "read" })).toEqual(moment.was);
      await clock.advance(10);
    }
    expect(await actors.get("other").ask({ do: "read" })).toEqual({ step: 59, alarm: null });
    await store.close();
  });

  test("cannot go back further than the window, which is forgotten", async ({ directory }) => {
    const clock = new HandClock(1_000_000);
    const store = Store.open({ directory, clock, retentionMs: 2 * day });
    const one = store.namespace("ledgers", type, undefined).get("one");
    await one.ask({ do: "set", entries: { a: 1 } });
    const first = clock.now();
    await clock.advance(day);
    await one.ask({ do: "set", entries: { a: 2 } });
    const second = clock.now();
    await clock.advance(1.5 * day);
    await one.ask({ do: "set", entries: { a: 3 } });
    await expect(store.rewind("ledgers", "one", first)).rejects.toMatchObject({ code: "not-found" });
    await expect(store.rewind("ledgers", "one", clock.now() + 1)).rejects.toMatchObject({ code: "not-found" });
    await store.rewind("ledgers", "one", second);
    expect(await one.ask({ do: "read" })).toMatchObject({ a: 2 });
    await store.close();
  });
});
