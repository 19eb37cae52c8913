import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Store } from "@satsuma/runtime/node/durable";
import { Participant } from "./actors.ts";
import { quantile } from "./work.ts";

export interface Sleep {
  readonly wakeP50Ms: number;
  readonly wakeP99Ms: number;
  /** Bytes of heap that each sleeping actor costs. */
  readonly bytesPerActor: number;
  readonly actors: number;
}

/** Wakes and lets sleep so many actors, and looks what their sleep costs and how long it takes to wake one. */
export async function sleep(directory: string, count: number): Promise<Sleep> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const store = Store.open({ directory, patience: { idleMs: 200 } });
  const actors = store.namespace("participants", Participant, undefined);
  await actors.get("warm").ask("write");
  const asleep = async () => {
    while (actors.size > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await asleep();
  for (let first = 0; first < count; first += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => actors.get(`sleeper ${first + index}`).ask("write")));
  }
  const bytesPerActor = Math.max(0, (await asleep()) - before) / count;
  const times: number[] = [];
  for (let index = 0; index < 1_000; index++) {
    const start = performance.now();
    await actors.get(`sleeper ${index * Math.floor(count / 1_000)}`).ask("read");
    times.push(performance.now() - start);
  }
  await store.close();
  const sorted = Float64Array.from(times).sort();
  return { wakeP50Ms: quantile(sorted, 0.5), wakeP99Ms: quantile(sorted, 0.99), bytesPerActor, actors: count };
}
