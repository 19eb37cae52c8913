import { RefusedError } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { Actor, type Socket } from "./actor.ts";
import { createMemory } from "./memory.ts";

class Counter extends Actor {
  #n = 0;
  worked = 0;

  override async start(): Promise<void> {
    this.#n = (await this.context.storage.get<number>("n")) ?? 0;
  }

  override async ask(question: "add" | "read" | "transact" | "work"): Promise<number> {
    const { storage } = this.context;
    if (question === "add") await storage.put("n", ++this.#n);
    if (question === "transact") {
      await storage.transaction(async (transaction) => {
        await transaction.put("n", ++this.#n);
        this.#tell("inside");
      });
    }
    if (question === "work") {
      await storage.put("n", ++this.#n);
      this.context.outside(async () => this.#tell("worked"));
    }
    this.#tell(`${question} ${this.#n}`);
    return this.#n;
  }

  #tell(text: string): void {
    for (const socket of this.context.sockets()) socket.send(text);
  }

  override connect(_socket: Socket): void {}
}

async function talking() {
  const memory = createMemory();
  const counter = memory.namespace("counters", Counter, undefined).get("one");
  const heard: string[] = [];
  let closed = "";
  counter.connect({ send: (data) => heard.push(String(data)), close: (code, why) => (closed = `${code} ${why}`) });
  await counter.ask("read");
  heard.length = 0;
  const outcome = (asked: Promise<number>) => {
    const state = { now: "waiting" };
    asked.then(
      (n) => (state.now = `answered ${n}`),
      (error: RefusedError) => (state.now = error.code),
    );
    return state;
  };
  return { memory, counter, heard, outcome, closedWith: () => closed };
}

test("[J2] no answer and no message leaves before the write it follows is durable", async () => {
  const { memory, counter, heard, outcome } = await talking();
  memory.hold();
  const added = outcome(counter.ask("add"));
  const read = outcome(counter.ask("read"));
  await memory.clock.advance(1_000);
  expect([added.now, read.now, heard]).toEqual(["waiting", "waiting", []]);
  memory.settle();
  await memory.clock.advance(0);
  expect([added.now, read.now, heard]).toEqual(["answered 1", "answered 1", ["add 1", "read 1"]]);
});

test("[J2] a message sent inside a transaction waits for the whole of it", async () => {
  const { memory, counter, heard, outcome } = await talking();
  memory.hold();
  const asked = outcome(counter.ask("transact"));
  await memory.clock.advance(1_000);
  expect([asked.now, heard]).toEqual(["waiting", []]);
  memory.settle();
  await memory.clock.advance(0);
  expect([asked.now, heard]).toEqual(["answered 1", ["inside", "transact 1"]]);
});

test("[J2] work outside begins only when the writes before it are durable", async () => {
  const { memory, counter, heard } = await talking();
  memory.hold();
  void counter.ask("work");
  await memory.clock.advance(1_000);
  expect(heard).toEqual([]);
  memory.settle();
  await memory.clock.advance(0);
  expect(heard).toEqual(["work 1", "worked"]);
});

test("[J2] when a write is lost nothing that followed it leaves, and the actor begins anew from what is stored", async () => {
  const { memory, counter, heard, outcome, closedWith } = await talking();
  await counter.ask("add");
  heard.length = 0;
  memory.hold();
  const added = outcome(counter.ask("add"));
  const read = outcome(counter.ask("read"));
  await memory.clock.advance(10);
  memory.settle(new RefusedError("storage-full", "The disk of the store is full."));
  await memory.clock.advance(0);
  expect([added.now, read.now, heard]).toEqual(["storage-full", "storage-full", []]);
  expect(closedWith()).toBe("1013 storage-failed");
  const again = outcome(counter.ask("read"));
  await memory.clock.advance(1_000);
  expect(again.now).toBe("answered 1");
});
