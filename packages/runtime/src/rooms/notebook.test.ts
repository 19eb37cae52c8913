import { Actor, createMemory } from "@satsuma/durable";
import type { ApiPage, Note } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { Notebook, type NotebookBounds, type NotesWanted } from "./notebook.ts";

const hour = 3_600_000;
const wide: NotebookBounds = { bytes: 1_000_000, keptFor: 24 * hour, perMinute: 1_000 };

type Question = { ask: "add"; notes: Note[] } | { ask: "page"; wanted: NotesWanted } | { ask: "wait" };

/** An actor with a notebook and nothing else. */
class Keeper extends Actor<NotebookBounds> {
  readonly #book = new Notebook("n", this.context, this.context.env);

  override start(): Promise<void> {
    return this.#book.load();
  }

  override async ask(question: Question): Promise<ApiPage<Note> | number | undefined> {
    if (question.ask === "page") return this.#book.page(question.wanted);
    if (question.ask === "add") for (const note of question.notes) this.#book.add(note);
    else await this.#book.wake();
    const deadline = this.#book.nextDeadline();
    if (Number.isFinite(deadline)) await this.context.storage.setAlarm(deadline);
    return (await this.context.storage.list()).size;
  }

  override alarm(): Promise<void> {
    return this.#book.wake();
  }
}

function keeper(bounds: Partial<NotebookBounds> = {}) {
  const memory = createMemory({ patience: { idleMs: 100 * 24 * hour } });
  const open = () => memory.namespace("keepers", Keeper, { ...wide, ...bounds }).get("r");
  let handle = open();
  const all = async (wanted: Partial<NotesWanted> = {}) => {
    const found: Note[] = [];
    let pages = 0;
    for (let after: string | undefined; ; pages++) {
      const page = await handle.ask({ ask: "page", wanted: { limit: 7, ...wanted, after } });
      if (typeof page !== "object") throw new Error("not a page");
      found.push(...page.items);
      if (page.next === null) return { found, pages: pages + 1 };
      after = page.next;
    }
  };
  const add = (notes: Note[]) => handle.ask({ ask: "add", notes });
  const restart = async () => {
    await memory.restart();
    handle = open();
  };
  return { memory, add, all, restart, wait: () => handle.ask({ ask: "wait" }) };
}

const note = (at: number, participant = "ann"): Note => {
  return { note: "states", session: `s-${at}`, states: { ice: "failed" }, at, meeting: "m", participant };
};
const notes = (count: number, from = 0) => Array.from({ length: count }, (_, index) => note(from + index));

test("notes come in order and whole, however small the pages, and also those that were just made", async () => {
  const { add, all } = keeper();
  await add(notes(500));
  const { found, pages } = await all();
  expect(found).toEqual(notes(500));
  expect(pages).toBeGreaterThan(70);
  await add(notes(3, 500));
  expect((await all()).found).toEqual(notes(503));
});

test("a page holds what was asked for", async () => {
  const { add, all } = keeper();
  await add([note(1), note(2, "bob"), { ...note(3), meeting: "other" }, note(4, "bob")]);
  expect((await all({ participant: "bob" })).found.map(({ at }) => at)).toEqual([2, 4]);
  expect((await all({ meeting: "other" })).found.map(({ at }) => at)).toEqual([3]);
  expect((await all({ session: "s-4" })).found.map(({ at }) => at)).toEqual([4]);
  expect((await all({ participant: "nobody" })).found).toEqual([]);
});

test("what was gathered for five seconds outlives the process, and what comes after goes on from there", async () => {
  const { memory, add, all, restart } = keeper();
  await add(notes(2));
  await memory.clock.advance(5_000);
  await restart();
  await add(notes(1, 2));
  expect((await all()).found).toEqual(notes(3));
});

test("a quiet room's notes share a record", async () => {
  const { memory, add } = keeper();
  for (let time = 0; time < 50; time++) {
    await add([note(time)]);
    await memory.clock.advance(6_000);
  }
  expect(await add([])).toBe(1);
});

test("no more than its bytes are kept, the newest", async () => {
  const { memory, add, all } = keeper({ bytes: 65_536, perMinute: 1_000_000 });
  for (let round = 0; round < 20; round++) {
    await add(notes(500, round * 500));
    await memory.clock.advance(6_000);
  }
  const { found } = await all({ limit: 1_000 });
  expect(JSON.stringify(found).length).toBeLessThan(80_000);
  expect(found).toEqual(notes(found.length, 10_000 - found.length));
  expect(found.length).toBeGreaterThan(300);
});

test("what is too old goes by itself, and a new note is the first again", async () => {
  const { memory, add, all, wait } = keeper({ keptFor: hour });
  await add(notes(200));
  await memory.clock.advance(6_000);
  await wait();
  await memory.clock.advance(2 * hour);
  expect(await wait()).toBe(0);
  expect((await all()).found).toEqual([]);
  await add([note(3 * hour)]);
  expect((await all()).found).toEqual([note(3 * hour)]);
});

test("of one participant so many a minute are kept, and of the others all", async () => {
  const { add, all } = keeper({ perMinute: 3 });
  await add([...notes(5), note(5, "bob"), note(60_000)]);
  expect((await all()).found.map(({ at }) => at)).toEqual([0, 1, 2, 5, 60_000]);
});
