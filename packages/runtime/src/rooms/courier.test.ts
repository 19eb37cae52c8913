import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMemory } from "@satsuma/durable";
import type { RoomEvent } from "@satsuma/protocol";
import { expect, test } from "vitest";
import { Courier, type CourierEnv } from "./courier.ts";

const hour = 3_600_000;
const silent = () => undefined;

test("an event that nobody takes for a day and a half is put aside, and the next one goes", async () => {
  const server = createServer((_, response) => response.writeHead(503).end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const buried: object[] = [];
  const env: CourierEnv = {
    targets: async () => [{ id: "app", url, secrets: ["a secret"], events: null, active: true, since: 0 }],
    bury: async (endpoint, letter) => void buried.push({ endpoint, ...letter }),
    fetch,
    log: { info: silent, warn: silent, error: silent },
  };
  const memory = createMemory();
  const courier = memory.namespace("couriers", Courier, env).get("r");
  const events = [1, 2].map((seq): RoomEvent => ({ type: "room-started", seq, at: seq, meeting: "m" }));
  await courier.ask({ ask: "post", events });
  const state = async () => (await courier.ask({ ask: "inspect" }))?.[0];
  for (let tried = 1; tried < 40; tried++) {
    await expect.poll(async () => (await state())?.tries).toBe(tried);
    await memory.clock.advance(hour);
  }
  await expect.poll(async () => (await state())?.next).toBe(2);
  expect((await state())?.dead).toEqual([{ seq: 1, why: "it answered 503" }]);
  expect(buried).toMatchObject([{ endpoint: "app", room: "r", seq: 1, type: "room-started", why: "it answered 503" }]);
  server.close();
});
