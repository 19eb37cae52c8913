import { contract, patience } from "../contract/index.ts";
import { localWorld } from "../contract/local.ts";
import type { ActorClass } from "./actor.ts";
import { createMemory } from "./memory.ts";

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
        for (const end = clock.now() + withinMs; !(await check()); await clock.advance(50)) {
          await new Promise(setImmediate);
          if (clock.now() > end) throw new Error("It did not come true in time.");
        }
      },
    });
  },
});
