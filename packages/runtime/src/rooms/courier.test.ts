import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemory } from "@satsuma/durable";
import type { ApiDeadLetter, RoomEvent, WebhookBody } from "@satsuma/protocol";
import { expect, onTestFinished, test } from "vitest";
import type { BacklogBounds } from "./backlog.ts";
import { Courier, type CourierEnv } from "./courier.ts";

const quarter = 900_000;
const hour = 3_600_000;
const silent = () => undefined;

test("while an endpoint fails only the oldest event is tried, ever later and at least every quarter of an hour; then all come in order", async () => {
  const bench = await begin();
  bench.answer = () => 503;
  await bench.happen(3);
  for (let failed = 1; failed <= 15; failed++) {
    await bench.until({ tries: failed, paused: failed >= 5, waiting: 3, dropped: 0 });
    const { retryAt } = await bench.state();
    expect(retryAt).toBe(bench.now() + Math.min(quarter, 1_000 * 2 ** (failed - 1)));
    await bench.pass(quarter);
  }
  await bench.until({ tries: 16 });
  expect(new Set(bench.asked)).toEqual(new Set([1]));
  bench.answer = () => 200;
  await bench.happen(1);
  await bench.pass(quarter);
  await bench.until({ next: 5, tries: 0, paused: false, retryAt: null, waiting: 0, dropped: 0, dead: [] });
  expect(bench.taken).toEqual([1, 2, 3, 4]);
});

test("what has waited too long is dropped at once, however much it is, counted and named; what is younger still comes", async () => {
  const bench = await begin({ waitFor: hour });
  bench.answer = () => 503;
  await bench.happen(250);
  await bench.until({ tries: 1 });
  await bench.pass(hour / 2);
  await bench.until({ tries: 2 });
  await bench.happen(2);
  await bench.pass(hour / 2);
  await bench.until({ tries: 3, waiting: 252, dropped: 0 });
  await bench.pass(quarter);
  await bench.until({ next: 251, tries: 4, paused: false, waiting: 2, dropped: 250 });
  const why = "waited too long: it answered 503";
  const { dead } = await bench.state();
  expect(dead[0]).toMatchObject({ seq: 1, why });
  expect(dead.map(({ events }) => events).reduce((a, b) => a + b)).toBe(250);
  expect(bench.buried[0]).toMatchObject({ endpoint: "app", room: "r", seq: 1, type: "participant-renamed", why });
  bench.answer = () => 200;
  await bench.pass(10_000);
  await bench.until({ next: 253, tries: 0, waiting: 0 });
  expect(bench.taken).toEqual([251, 252]);
});

test("an event that an endpoint refuses for its own sake is put aside in a quarter of an hour, and the next one goes", async () => {
  const bench = await begin();
  bench.answer = (seq) => (seq === 2 ? 422 : 200);
  await bench.happen(3);
  for (let failed = 1; failed < 10; failed++) {
    await bench.until({ next: 2, tries: failed });
    await bench.pass(1_000 * 2 ** (failed - 1));
  }
  const dead = [{ seq: 2, events: 1, why: "refused: it answered 422" }];
  await bench.until({ next: 4, tries: 0, dropped: 1, dead });
  expect(bench.taken).toEqual([1, 3]);
});

test("no more rows are kept than may wait, and whoever waited for one that had to go is told", async () => {
  const bench = await begin({ waiting: 5 });
  bench.answer = () => 503;
  await bench.happen(5);
  await bench.until({ tries: 1, waiting: 5, dropped: 0 });
  await bench.happen(7);
  const why = "too many waited: it answered 503";
  await bench.until({ next: 8, waiting: 5, dropped: 7, dead: [{ seq: 1, events: 7, why }] });
  expect(bench.rows()).toEqual([8, 9, 10, 11, 12]);
});

test("what was dropped can be sent again for as long as it is kept, and waits as long as the first time", async () => {
  const bench = await begin({ waitFor: hour, newest: 10 });
  bench.answer = () => 503;
  await bench.happen(12);
  await bench.until({ tries: 1 });
  await bench.pass(hour);
  await bench.until({ tries: 2 });
  await bench.pass(quarter);
  await bench.until({ waiting: 0, dropped: 12 });
  expect(bench.rows()).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  await bench.courier.ask({ ask: "replay", endpoint: "app", from: 1 });
  await bench.until({ next: 3, tries: 1, waiting: 10, dropped: 12 });
  bench.answer = () => 200;
  await bench.pass(quarter);
  await bench.until({ next: 13, waiting: 0, dropped: 12 });
  expect(bench.taken).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("a room that nothing happens in any more keeps its events for thirty days", async () => {
  const bench = await begin();
  await bench.happen(3);
  await bench.until({ next: 4 });
  await bench.pass(30 * 24 * hour - 1);
  await bench.until({ dropped: 0 });
  expect(bench.rows()).toEqual([1, 2, 3]);
  await bench.pass(1);
  await bench.until({ dropped: 0 });
  expect(bench.rows()).toEqual([]);
});

async function begin(bounds: Partial<BacklogBounds> = {}) {
  const asked: number[] = [];
  const taken: number[] = [];
  const buried: (ApiDeadLetter & { endpoint: string })[] = [];
  const bench = { answer: (_: number): number => 200 };
  const server = createServer(async (request, response) => {
    const { event } = JSON.parse((await request.toArray()).join("")) as WebhookBody;
    asked.push(event.seq);
    const status = bench.answer(event.seq);
    if (status === 200) taken.push(event.seq);
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env: CourierEnv = {
    targets: async () => [{ id: "app", url, secrets: ["a secret"], events: null, active: true, since: 0 }],
    bury: async (endpoint, letter) => void buried.push({ endpoint, ...letter }),
    fetch,
    log: { info: silent, warn: silent, error: silent },
    bounds,
  };
  let rows: number[] = [];
  class Watched extends Courier {
    override async ask(question: Parameters<Courier["ask"]>[0]): ReturnType<Courier["ask"]> {
      const answer = await super.ask(question);
      rows = [...(await this.context.storage.list<RoomEvent>({ prefix: "event:" })).values()].map(({ seq }) => seq);
      return answer;
    }
  }
  const memory = createMemory({ patience: { idleMs: Number.POSITIVE_INFINITY } });
  const courier = memory.namespace("couriers", Watched, env).get("r");
  let last = 0;
  const state = async () => {
    const [delivery] = (await courier.ask({ ask: "inspect" })) ?? [];
    if (delivery === undefined) throw new Error("There is one endpoint.");
    return delivery;
  };
  return Object.assign(bench, {
    asked,
    taken,
    buried,
    courier,
    state,
    rows: () => rows,
    now: () => memory.clock.now(),
    until: (expected: object) => expect.poll(state, { interval: 2 }).toMatchObject(expected),
    pass: (milliseconds: number) => memory.clock.advance(milliseconds),
    async happen(count: number) {
      const who = { participant: "p", identity: "i", name: "n" };
      const events = Array.from({ length: count }, (): RoomEvent => {
        last += 1;
        return { type: "participant-renamed", who, seq: last, at: memory.clock.now(), meeting: "m" };
      });
      await courier.ask({ ask: "post", events });
    },
  });
}
