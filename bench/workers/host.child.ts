/**
 * The process that a room server would be: media in it or beside it, its own event loop watched.
 *
 * How late the loop is, is how late a timer of 2 ms fires: what a message that comes at any moment has to wait.
 */
import { createSfu, listen, type NodeSfu } from "@satsuma/runtime/node";
import { serve } from "../forward/process.ts";
import { percentile } from "../percentile.ts";
import type { Host, Lateness, Start } from "./host.ts";

const pace = 2;
let sfu: NodeSfu | undefined;
let late: number[] = [];

serve({
  async start({ mediaPort, secret, workers }: Start): Promise<Host> {
    const opened = await createSfu({
      apps: [{ id: "bench", secret }],
      media: { port: mediaPort, bindAddress: "127.0.0.1", advertise: undefined },
      workers,
      onError: (error) => process.stderr.write(`${error}\n`),
      onWorker: (event) => event.event === "ended" && process.stderr.write(`${JSON.stringify(event)}\n`),
    });
    sfu = opened;
    const { port } = await listen({ fetch: opened.fetch, host: "127.0.0.1", port: 0 });
    watch(performance.now());
    return { url: `http://127.0.0.1:${port}/v1`, pids: opened.workers().flatMap(({ pid }) => pid ?? []) };
  },
  /** Since the last time. */
  async lateness(): Promise<Lateness> {
    const values = late.length > 0 ? late : [0];
    late = [];
    return { p50Ms: percentile(values, 0.5), p99Ms: percentile(values, 0.99), mostMs: Math.max(...values) };
  },
  async crossing(): Promise<number> {
    return sfu?.workers().reduce((sum, { exports }) => sum + exports, 0) ?? 0;
  },
});

function watch(since: number): void {
  setTimeout(() => {
    const now = performance.now();
    // Node's timers count whole milliseconds, so that one of 2 ms fires after up to 3.
    late.push(Math.max(0, now - since - pace - 1));
    if (late.length > 100_000) late = [];
    watch(now);
  }, pace);
}
