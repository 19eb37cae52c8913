import { join } from "node:path";
import { Actor, type Changed, HandClock, Replica, SharedState, type Update } from "@satsuma/durable";
import { Store } from "@satsuma/runtime/node/durable";
import { expect } from "vitest";
import { test } from "./temporary.ts";

type Question =
  | { readonly set: Readonly<Record<string, number>> }
  | { readonly version: number; readonly lineage: string };

class Board extends Actor {
  #state: SharedState | undefined;

  override async start(): Promise<void> {
    this.#state = await SharedState.load(this.context.storage, crypto.randomUUID());
  }

  override ask(question: Question): Changed | Update[] | undefined {
    if ("set" in question) return this.#state?.change(question.set);
    return this.#state?.since(question.version, question.lineage);
  }
}

/** Changes a board and tells its followers of it, who ask again after a gap. */
async function change(board: { ask(question: Question): Promise<unknown> }, n: number, followers: readonly Replica[]) {
  const changed = (await board.ask({ set: { [`field ${n % 7}`]: n } })) as Changed;
  if (!changed.ok || changed.delta === undefined) throw new Error("A change of a value is a change.");
  for (const follower of followers) {
    if (follower.apply(changed.delta) === "gap") await resync(board, follower);
  }
}

async function resync(board: { ask(question: Question): Promise<unknown> }, follower: Replica): Promise<void> {
  const { version, lineage } = follower;
  for (const update of (await board.ask({ version, lineage })) as Update[]) {
    expect(follower.apply(update)).toBe("applied");
  }
}

test.for(["rewind", "restore"])(
  "[J9] replicas follow a state through a %s, whether told of the next changes or asking",
  async (how, { directory }) => {
    const clock = new HandClock(1_000_000);
    const store = Store.open({ directory: join(directory, "store"), clock });
    const board = store.namespace("boards", Board, undefined).get("one");
    // After it the first is told of all changes, the second of the one with its next version; the third asks at once.
    const [told, next, asking, sleeper] = [new Replica(), new Replica(), new Replica(), new Replica()];
    for (const each of [told, next, asking, sleeper]) await resync(board, each);
    for (let n = 1; n <= 30; n++) await change(board, n, [told, next, asking, sleeper]);
    const moment = clock.now();
    // A backup ends the instance; before the rewind, one and the same makes all 50 versions.
    if (how === "restore") await store.backupActor("boards", "one", join(directory, "copy"));
    await clock.advance(1_000);
    for (let n = 31; n <= 50; n++) await change(board, n, [told, next, asking]);

    if (how === "rewind") await store.rewind("boards", "one", moment);
    else await store.restoreActor("boards", "one", join(directory, "copy"));
    await resync(board, asking);
    expect(asking.version).toBe(30);
    for (let n = 131; n <= 151; n++) await change(board, n, n === 151 ? [told, next, asking] : [told, asking]);
    await resync(board, sleeper);
    const truth = new Replica();
    await resync(board, truth);
    expect(truth.version).toBe(51);
    for (const each of [told, next, asking, sleeper]) {
      expect(Object.fromEntries(each.fields)).toEqual(Object.fromEntries(truth.fields));
      expect(each.version).toBe(51);
    }
    await store.close();
  },
);
