import fc from "fast-check";
import { expect, test } from "vitest";
import { Actor } from "../actor.ts";
import { createMemory } from "../memory.ts";
import { Replica } from "./replica.ts";
import { type Changed, type Delta, SharedState, type Snapshot, type Update } from "./shared.ts";

type Question =
  | { do: "change"; set: Record<string, number | undefined>; ifVersion?: number }
  | { do: "merge"; name: string; value: number; time: number; by: string }
  | { do: "since"; version: number; lineage: string }
  | { do: "save" | "rewind" };

/** By board, all its keys at a moment to go back to. */
const saved = new Map<string, Map<string, unknown>>();

class Board extends Actor {
  #state: SharedState | undefined;

  override async start(): Promise<void> {
    this.#state = await SharedState.load(this.context.storage, crypto.randomUUID());
  }

  override async ask(question: Question): Promise<Changed | Delta | Update[] | undefined> {
    const { name, storage } = this.context;
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
        return state.since(question.version, question.lineage);
      case "save":
        saved.set(name, await storage.list());
        return undefined;
      case "rewind":
        await storage.deleteAll();
        await storage.put(Object.fromEntries(saved.get(name) ?? []));
        return undefined;
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
  expect(await board.ask({ do: "since", version: 0, lineage: "" })).toMatchObject([
    { version: 1 },
    { version: 2, set: { a: 2 } },
  ]);
});

test("[J12] version, values and stamps outlive a restart", async () => {
  const memory = createMemory();
  const open = () => memory.namespace("boards", Board, undefined).get("one");
  await open().ask({ do: "merge", name: "a", value: 1, time: 9, by: "z" });
  await memory.restart();
  expect(await open().ask({ do: "merge", name: "a", value: 2, time: 8, by: "a" })).toBe(undefined);
  const [snapshot] = (await open().ask({ do: "since", version: 0, lineage: "" })) as Snapshot[];
  expect(snapshot).toEqual({
    type: "snapshot",
    version: 1,
    lineage: expect.any(String),
    time: 9,
    fields: { a: 1 },
  });
});

test("[J9] subscribers that lose, repeat and miss updates, of a state that goes back, end up with the actor's state", async () => {
  const step = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    value: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    fate: fc.constantFrom("delivered", "lost", "twice"),
    before: fc.constantFrom("nothing", "nothing", "nothing", "restart", "save", "rewind"),
    resyncs: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const memory = createMemory();
      saved.clear();
      let board = memory.namespace("boards", Board, undefined).get("one");
      const replica = new Replica();
      const resync = async () => {
        for (const update of (await board.ask({ do: "since", ...at(replica) })) as Update[]) {
          expect(replica.apply(update)).toBe("applied");
        }
      };
      await resync();
      for (const { name, value, fate, before, resyncs } of steps) {
        if (before === "save" || before === "rewind") await board.ask({ do: before });
        if (before === "restart" || before === "rewind") {
          await memory.restart();
          board = memory.namespace("boards", Board, undefined).get("one");
        }
        if (resyncs) await resync();
        const changed = (await board.ask({ do: "change", set: { [name]: value } })) as Changed;
        if (!changed.ok || changed.delta === undefined || fate === "lost") continue;
        if (replica.apply(changed.delta) === "gap") await resync();
        if (fate === "twice") expect(replica.apply(changed.delta)).toBe("known");
      }
      await resync();
      const [truth] = (await board.ask({ do: "since", version: -2, lineage: "" })) as [Snapshot];
      expect(Object.fromEntries(replica.fields)).toEqual(truth.fields);
      expect(replica.version).toBe(truth.version);
    }),
  );
});

test("[J12] a field named __proto__ reaches those who follow deltas", async () => {
  const board = createMemory().namespace("boards", Board, undefined).get("one");
  const changed = await board.ask({ do: "change", set: JSON.parse('{"__proto__":5}') });
  const replica = new Replica();
  replica.apply({ type: "snapshot", version: 0, lineage: "", time: 0, fields: {} });
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

test("[J9] a restart alone costs a subscriber no snapshot", async () => {
  const memory = createMemory();
  const open = () => memory.namespace("boards", Board, undefined).get("one");
  const replica = new Replica();
  for (let n = 1; n <= 3; n++) {
    const board = open();
    for (const update of (await board.ask({ do: "since", ...at(replica) })) as Update[]) replica.apply(update);
    const changed = (await board.ask({ do: "change", set: { n } })) as Changed & { ok: true };
    expect(replica.apply(changed.delta as Delta)).toBe("applied");
    await memory.restart();
    expect(await open().ask({ do: "since", ...at(replica) })).toEqual([]);
  }
});

test("[J9] a state stored without a lineage is read, and followed from there", async () => {
  saved.set("one", new Map([["state:head", { version: 7, time: 7 }]]));
  const memory = createMemory();
  const open = () => memory.namespace("boards", Board, undefined).get("one");
  await open().ask({ do: "rewind" });
  await memory.restart();
  const replica = new Replica();
  const [snapshot] = (await open().ask({ do: "since", ...at(replica) })) as [Snapshot];
  expect(replica.apply(snapshot)).toBe("applied");
  const changed = (await open().ask({ do: "change", set: { a: 1 } })) as Changed & { ok: true };
  expect(replica.apply(changed.delta as Delta)).toBe("applied");
  expect(replica.version).toBe(8);
});

function at({ version, lineage }: Replica): { version: number; lineage: string } {
  return { version, lineage };
}
