import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Relay, type RelayOptions } from "./relay.ts";

const loopback = "127.0.0.1";
const closing: (() => void)[] = [];
const patience = { timeout: 10_000, interval: 5 };

/** A server that says everything back, and remembers who it was that spoke. */
let echo: Socket;
const heard: { text: string; from: number }[] = [];

beforeEach(async () => {
  heard.length = 0;
  echo = await socket();
  echo.on("message", (bytes, from) => {
    heard.push({ text: String(bytes), from: from.port });
    echo.send(bytes, from.port, from.address);
  });
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function socket(): Promise<Socket> {
  const made = createSocket("udp4");
  closing.push(() => made.close());
  made.bind(0, loopback);
  await once(made, "listening");
  return made;
}

async function relay(options: Partial<RelayOptions> = {}): Promise<Relay> {
  const opened = await Relay.open({ target: echo.address().port, seed: 1, ...options });
  closing.push(() => opened.close());
  return opened;
}

async function client(through: Relay) {
  const own = await socket();
  const got: string[] = [];
  own.on("message", (bytes) => got.push(String(bytes)));
  return { got, say: (text: string) => own.send(text, through.port, loopback) };
}

test("what goes in comes out, each client with an address of its own, and answers find their way back", async () => {
  const way = await relay();
  const [anna, ben] = [await client(way), await client(way)];
  anna.say("a");
  ben.say("b");
  await vi.waitFor(() => expect([anna.got, ben.got]).toEqual([["a"], ["b"]]), patience);
  expect(new Set(heard.map(({ from }) => from)).size).toBe(2);
  expect(way.clients).toBe(2);
});

test("packets take the time of both directions, and planned changes come by themselves", async () => {
  const way = await relay({ up: { delay: 40 }, down: { delay: 30 }, changes: { up: [{ at: 0, to: { delay: 60 } }] } });
  const anna = await client(way);
  const began = performance.now();
  anna.say("a");
  await vi.waitFor(() => expect(anna.got).toEqual(["a"]), patience);
  expect(performance.now() - began).toBeGreaterThanOrEqual(90);
});

test("nothing passes a direction that loses everything, until that changes", async () => {
  const way = await relay();
  const anna = await client(way);
  way.change("down", { loss: 1 });
  anna.say("lost");
  await vi.waitFor(() => expect(way.counts("down").lost).toBe(1), patience);
  way.change("down", { loss: 0 });
  anna.say("found");
  await vi.waitFor(() => expect(anna.got).toEqual(["found"]), patience);
  expect(heard.map(({ text }) => text)).toEqual(["lost", "found"]);
});

test("a client that moves comes from another address, and still gets its answers", async () => {
  const way = await relay();
  const anna = await client(way);
  anna.say("before");
  await vi.waitFor(() => expect(anna.got).toEqual(["before"]), patience);
  await way.move();
  anna.say("after");
  await vi.waitFor(() => expect(anna.got).toEqual(["before", "after"]), patience);
  expect(heard[0]?.from).not.toBe(heard[1]?.from);
});

test("a bottleneck makes packets wait, tells how long, and drops what its queue has no room for", async () => {
  const waits: number[] = [];
  const onDelivery = (direction: string, queued: number) => void (direction === "up" && waits.push(queued));
  // 1,000 bytes and their 28 of overhead take 10.28 ms.
  const way = await relay({ up: { rate: 800_000, queue: 60 }, onDelivery });
  const anna = await client(way);
  for (let sent = 0; sent < 20; sent += 1) anna.say("x".repeat(1_000));
  await vi.waitFor(() => expect(way.counts("up").sent).toBe(20), patience);
  await vi.waitFor(() => expect(waits).toHaveLength(20 - way.counts("up").overflowed), patience);
  expect(way.counts("up").overflowed).toBeGreaterThan(5);
  expect(Math.max(...waits)).toBeLessThanOrEqual(60);
  expect(Math.max(...waits)).toBeGreaterThan(20);
  expect(way.waiting("up")).toBe(0);
});
