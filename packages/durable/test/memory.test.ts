import type { ActorClass } from "@satsuma/durable";
import { createMemory } from "@satsuma/durable";
import { contract, patience } from "../contract/index.ts";
import { localWorld } from "../contract/local.ts";

contract({
  name: "memory",
  capabilities: { sql: false, handClock: true },
  start() {
    const memory = createMemory({ patience, now: 1_000_000 });
    const { clock } = memory;
    const open = () => ({
      namespace: (name: string, type: ActorClass<unknown>) => memory.namespace(name, type, undefined),
      close: () => memory.restart(),
    });
    return localWorld(open, {
      now: () => clock.now(),
      async until(check, withinMs) {
        const step = Math.max(50, withinMs / 400);
        for (const end = clock.now() + withinMs; !(await check()); await clock.advance(step)) {
          // What an actor does behind the runtime's back takes real time.
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (clock.now() > end) throw new Error("It did not come true in time.");
        }
      },
    });
  },
});
