import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ActorClass } from "@satsuma/durable";
import { contract, patience } from "@satsuma/durable/contract";
import { localWorld } from "@satsuma/durable/contract/local";
import { Store } from "@satsuma/runtime/node/durable";

contract({
  name: "node",
  capabilities: { sql: true, handClock: false },
  async start() {
    const directory = mkdtempSync(join(tmpdir(), "satsuma-"));
    const open = () => {
      const store = Store.open({ directory, patience });
      return {
        namespace: (name: string, type: ActorClass<unknown>) => store.namespace(name, type, undefined),
        close: () => store.close(),
      };
    };
    const world = await localWorld(open, { now: Date.now, until });
    return {
      ...world,
      async close() {
        await world.close();
        rmSync(directory, { recursive: true });
      },
    };
  },
});

async function until(check: () => Promise<boolean> | boolean, withinMs: number): Promise<void> {
  for (const end = Date.now() + withinMs; !(await check()); ) {
    if (Date.now() > end) throw new Error("It did not come true in time.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
