import { expect, test } from "vitest";
import { Actor } from "./actor.ts";
import { createMemory } from "./memory.ts";

const rung: number[] = [];

class Bell extends Actor {
  override async ask(at: number): Promise<void> {
    await this.context.storage.setAlarm(at);
  }

  override alarm(): void {
    rung.push(this.context.now());
  }
}

test("[J6] an alarm rings no sooner than its host is ready, however long ago it was due; inputs are heard meanwhile", async () => {
  const ready = Promise.withResolvers<void>();
  const memory = createMemory({ ready: ready.promise });
  const bell = memory.namespace("bells", Bell, {}).get("b");
  await bell.ask(1_000);
  await memory.clock.advance(5_000);
  expect(rung).toEqual([]);
  ready.resolve();
  await memory.clock.advance(1);
  expect(rung).toEqual([5_001]);
  await bell.ask(6_000);
  await memory.clock.advance(1_000);
  expect(rung).toEqual([5_001, 6_000]);
});
