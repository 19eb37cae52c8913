import { Store } from "@satsuma/runtime/node/durable";
import { lateness, Participant } from "./actors.ts";
import { quantile } from "./work.ts";
import type { Workerd } from "./workerd.ts";

export interface Lateness {
  readonly rung: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** When each of so many alarms is due, evenly over the span, the first after `headMs` for setting them. */
function times(count: number, spanMs: number, headMs: number): number[] {
  const start = Date.now() + headMs;
  return Array.from({ length: count }, (_, index) => Math.ceil(start + (index * spanMs) / count));
}

export async function ourAlarms(directory: string, count: number, spanMs: number): Promise<Lateness> {
  const store = Store.open({ directory });
  const actors = store.namespace("participants", Participant, undefined);
  const due = times(count, spanMs, 2_000);
  await Promise.all(due.map((at, index) => actors.get(`alarmed ${index}`).ask(at)));
  const last = due.at(-1) ?? 0;
  while (lateness.length < count && Date.now() < last + 10_000)
    await new Promise((resolve) => setTimeout(resolve, 100));
  await store.close();
  return shown(lateness, count);
}

export async function theirAlarms(workerd: Workerd, count: number, spanMs: number): Promise<Lateness> {
  const due = times(count, spanMs, 20_000);
  const late = await workerd.alarms(due, (due.at(-1) ?? 0) + 10_000);
  return shown(late.filter(Number.isFinite), count);
}

function shown(late: readonly number[], count: number): Lateness {
  const missing = new Array<number>(count - late.length).fill(Number.POSITIVE_INFINITY);
  const sorted = Float64Array.from([...late, ...missing]).sort();
  return { rung: late.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}
