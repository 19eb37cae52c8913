import fc from "fast-check";
import { expect, test } from "vitest";
import { Actor } from "../actor.ts";
import { createMemory } from "../memory.ts";
import { Replica } from "./replica.ts";
import { type Changed, type Delta, SharedState, type Snapshot, type Update } from "./shared.ts";

type Question =
  | { do: "change"; set: Record<string, number | undefined>; ifVersion?: number }
  | { do: "merge"; name: string; value: number; time: number; by: string }
  | { do: "since"; version: number };

class Board extends Actor {
  #state: SharedState | undefined;

  override async start(): Promise<void> {
    this.#state = await SharedState.load(this.context.storage);
  }

  override ask(question: Question): Changed | Delta | Update[] | undefined {
    const state = this.#state;
    if (state === undefined) throw new Error("An actor is asked after its start.");
    switch (question.do) {
      case "change":
        return state.change(question.set, question.ifVersion === undefined ? {} : { ifVersion: question.ifVersion });
      case "merge": {
        const { name, value, time, by } = question;
        return state.merge(new Map([[name, { value, stamp: { time, by } }]]));
      }
      case "since":
        return state.since(question.version);
    }
  }
}

test("[J12] the version grows by one with every change, and a stale conditional write is refused with it", async () => {
  const memory = createMemory();
  const board = memory.namespace("boards", Board, undefined).get("one");
  const first = await board.ask({ do: "change", set: { a: 1 } });
  expect(first).toMatchObject({ ok: true, delta: { version: 1, set: { a: 1 } } });
  expect(await board.ask({ do: "change", set: { a: 2 }, ifVersion: 1 })).toMatchObject({ ok: true });
  expect(await board.ask({ do: "change", set: { a: 3 }, ifVersion: 1 })).toEqual({ ok: false, version: 2 });
  expect(await board.ask({ do: "since", version: 0 })).toMatchObject([{ version: 1 }, { version: 2, set: { a: 2 } }]);
});

test("[J12] version, values and stamps outlive a restart", async () => {
  const memory = createMemory();
  const open = () => memory.namespace("boards", Board, undefined).get("one");
  await open().ask({ do: "merge", name: "a", value: 1, time: 9, by: "z" });
  await memory.restart();
  expect(await open().ask({ do: "merge", name: "a", value: 2, time: 8, by: "a" })).toBe(undefined);
  const [snapshot] = (await open().ask({ do: "since", version: 0 })) as Snapshot[];
  expect(snapshot).toEqual({ type: "snapshot", version: 1, time: 9, fields: { a: 1 } });
});

test("[J9] subscribers that lose, repeat and miss updates end up with the actor's state", async () => {
  const step = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    value: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    fate: fc.constantFrom("delivered", "lost", "twice"),
    restarts: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const memory = createMemory();
      let board = memory.namespace("boards", Board, undefined).get("one");
      const replica = new Replica();
      const resync = async () => {
        for (const update of (await board.ask({ do: "since", version: replica.version })) as Update[]) {
          expect(replica.apply(update)).toBe("applied");
        }
      };
      await resync();
      for (const { name, value, fate, restarts } of steps) {
        if (restarts) {
          await memory.restart();
          board = memory.namespace("boards", Board, undefined).get("one");
        }
        const changed = (await board.ask({ do: "change", set: { [name]: value } })) as Changed;
        if (!changed.ok || changed.delta === undefined || fate === "lost") continue;
        if (replica.apply(changed.delta) === "gap") await resync();
        if (fate === "twice") expect(replica.apply(changed.delta)).toBe("known");
      }
      await resync();
      const [truth] = (await board.ask({ do: "since", version: -2 })) as [Snapshot];
      expect(Object.fromEntries(replica.fields)).toEqual(truth.fields);
      expect(replica.version).toBe(truth.version);
    }),
  );
});

test("[J12] a field named __proto__ reaches those who follow deltas", async () => {
  const board = createMemory().namespace("boards", Board, undefined).get("one");
  const changed = await board.ask({ do: "change", set: JSON.parse('{"__proto__":5}') });
  const replica = new Replica();
  replica.apply({ type: "snapshot", version: 0, time: 0, fields: {} });
  if (changed !== undefined && "ok" in changed && changed.ok && changed.delta) replica.apply(changed.delta);
  expect([...replica.fields]).toEqual([["__proto__", 5]]);
});

test("[J12] an edit that could not be stored is refused and changes nothing", async () => {
  const memory = createMemory();
  const board = memory.namespace("boards", Board, undefined).get("one");
  const merge = (name: string, time: number) => board.ask({ do: "merge", name, value: 1, time, by: "eve" });
  await expect(merge("n".repeat(3_000), 1)).rejects.toMatchObject({ code: "too-large" });
  for (const time of [Number.NaN, -1, 0.5, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    await expect(merge("a", time)).rejects.toMatchObject({ code: "bad-argument" });
  }
  expect(await board.ask({ do: "change", set: { a: 1 } })).toMatchObject({ delta: { version: 1, time: 1 } });
});
