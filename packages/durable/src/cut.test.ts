import { expect, test } from "vitest";
import { Actor, type Socket } from "./actor.ts";
import { createMemory } from "./memory.ts";

class Stuck extends Actor {
  override async ask(question: "stick" | "read"): Promise<unknown> {
    const { storage } = this.context;
    if (question === "read") return { kept: await storage.get("kept"), lost: await storage.get("lost") };
    await storage.put("kept", 1);
    return storage.transaction(async (transaction) => {
      await transaction.put("lost", 1);
      await new Promise(() => {});
    });
  }
}

test("[G22] a handler cut off inside a transaction leaves nothing of it, and its actor begins anew", async () => {
  const memory = createMemory({ patience: { inputMs: 100 } });
  const stuck = memory.namespace("stuck", Stuck, undefined).get("one");
  const first = expect(stuck.ask("stick")).rejects.toMatchObject({ code: "timed-out" });
  await memory.clock.advance(100);
  await first;
  expect(await stuck.ask("read")).toEqual({ kept: 1, lost: undefined });
  await memory.restart();
});

class Leaver extends Actor {
  override async ask(reason: string): Promise<void> {
    await this.context.storage.put("k", 1);
    for (const socket of this.context.sockets()) socket.close(1000, reason);
  }

  override connect(_socket: Socket): void {}
}

test("[G22] a close reason that no WebSocket takes is refused where it is given", async () => {
  const reasons: string[] = [];
  const leaver = createMemory().namespace("leavers", Leaver, undefined).get("one");
  leaver.connect({ send: () => undefined, close: (_code, reason) => reasons.push(reason) });
  await expect(leaver.ask("é".repeat(62))).rejects.toMatchObject({ code: "bad-argument" });
  await expect(leaver.ask("\ud800")).rejects.toMatchObject({ code: "bad-argument" });
  await leaver.ask("x".repeat(123));
  expect(reasons).toEqual(["x".repeat(123)]);
});

class Late extends Actor {
  static readonly rang: string[] = [];

  override async start(): Promise<void> {
    if (this.context.name !== "well" && (await this.context.storage.get("set"))) throw new Error("cannot start");
  }

  override async ask(at: number): Promise<void> {
    await this.context.storage.put("set", true);
    await this.context.storage.setAlarm(at);
  }

  override alarm(): void {
    Late.rang.push(this.context.name);
  }
}

test("[J6] actors that cannot start hold up nobody else's alarm", async () => {
  const memory = createMemory({ patience: { idleMs: 50 } });
  const actors = memory.namespace("late", Late, undefined);
  for (let index = 0; index < 300; index++) await actors.get(`broken ${index}`).ask(1_000 + index);
  await actors.get("well").ask(2_000);
  await memory.clock.advance(10_000);
  expect(Late.rang).toEqual(["well"]);
  await memory.restart();
});
