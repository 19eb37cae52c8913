import { type Changed, type Json, Replica, SharedState, type Storage } from "@satsuma/durable";

/** A replica at 50 of a state that goes back to 30 and on to 51. */
export async function lineage(storage: Storage): Promise<Json> {
  const [follower, late] = [new Replica(), new Replica()];
  const deltaOf = (changed: Changed) => {
    if (changed.ok && changed.delta !== undefined) return changed.delta;
    throw new Error("A change of a value is a change.");
  };
  const first = await SharedState.load(storage, "first");
  for (const each of [follower, late]) for (const update of first.since(-1, "")) each.apply(update);
  let kept = new Map<string, unknown>();
  for (let n = 1; n <= 50; n++) {
    const delta = deltaOf(first.change({ [`field ${n % 40}`]: n }));
    follower.apply(delta);
    if (n > 30) continue;
    late.apply(delta);
    kept = await storage.list({ prefix: "state:" });
  }
  await storage.delete([...(await storage.list({ prefix: "state:" })).keys()]);
  await storage.put(Object.fromEntries(kept));

  const second = await SharedState.load(storage, "second");
  const outcomes = new Set<string>();
  for (let n = 31; n <= 51; n++) {
    const delta = deltaOf(second.change({ [`field ${n % 40}`]: -n }));
    outcomes.add(`late ${late.apply(delta)}`);
    outcomes.add(`follower ${follower.apply(delta)}`);
  }
  for (const update of second.since(follower.version, follower.lineage)) {
    outcomes.add(`${update.type} ${follower.apply(update)}`);
  }
  const truth = Object.entries(second.snapshot().fields);
  const same = [follower, late].map(({ fields }) => {
    return fields.size === truth.length && truth.every(([name, value]) => fields.get(name) === value);
  });
  return [[...outcomes].sort(), same, follower.version, follower.lineage];
}
