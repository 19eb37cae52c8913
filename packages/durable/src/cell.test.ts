import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Actor, type Socket } from "./actor.ts";
import { createMemory } from "./memory.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

class Greeter extends Actor {
  override connect(socket: Socket): void {
    socket.send("hello");
  }

  override ask(): number {
    return this.context.sockets().length;
  }
}

test("an actor that never sleeps keeps nothing of the sockets that are gone", async () => {
  const greeter = createMemory().namespace("greeters", Greeter, undefined).get("one");
  const open = () => {
    const wire = { send: () => undefined, close: () => undefined };
    return { wire: new WeakRef(wire), incoming: greeter.connect(wire) };
  };
  const stays = open();
  const gone: WeakRef<object>[] = [];
  for (let times = 0; times < 100; times++) {
    const { wire, incoming } = open();
    gone.push(wire);
    expect(await greeter.ask(undefined)).toBe(2);
    incoming.close({ code: 1000, reason: "" });
  }
  expect(await greeter.ask(undefined)).toBe(1);
  await expect
    .poll(() => {
      collectGarbage();
      // The engine may still hold on to the last ones.
      return gone.filter((wire) => wire.deref() !== undefined).length;
    })
    .toBeLessThan(10);
  expect(stays.wire.deref()).toBeDefined();
});
