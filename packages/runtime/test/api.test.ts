/** What of the API is Node's alone: the endpoint that the server's configuration names. The rest is `rooms/api-contract.ts`. */
import { afterEach, expect, onTestFinished, test } from "vitest";
import { type Host, Member, startHost } from "./host.ts";
import { startReceiver } from "./rooms/receiver.ts";

const key = "a-key-of-the-API-of-some-length-or-more";
const secret = "a secret of webhooks";
let host: Host;
afterEach(() => host.close());

async function ask(method: string, path: string, body?: unknown, bearer = key) {
  const response = await fetch(`${host.url}/api/v1/${path}`, {
    method,
    headers: { Authorization: `Bearer ${bearer}` },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as Record<string, unknown> };
}

test("the configured endpoint is told, over a restart and again when asked, and is changed in the configuration only", async () => {
  const receiver = await startReceiver([secret]);
  onTestFinished(receiver.close);
  const webhooks = [{ id: "app", url: receiver.url, secret }];
  host = await startHost({ apiKey: key, webhooks, room: { emptyFor: 50, grace: 2_000 } });
  receiver.fails = (count) => count % 3 === 0;
  const ann = await Member.join(host, "r", "Ann");
  await Member.join(host, "r", "Bob");
  receiver.fails = () => true;
  await ann.command({ do: "rename", name: "Annie" });
  await expect.poll(() => receiver.refused, { timeout: 5_000 }).toBeGreaterThan(1);
  // The server ends with events undelivered, and another takes over what is stored.
  await host.restart();
  receiver.fails = () => false;
  const back = await Member.join(host, "r", "Annie", ann.token);
  await back.command({ do: "leave" });
  await expect
    .poll(() => receiver.taken.some(({ event }) => event.type === "room-ended"), { timeout: 20_000 })
    .toBe(true);

  const sequence = receiver.taken.map(({ event }) => event.seq);
  const distinct = [...new Set(sequence)];
  expect(distinct).toEqual(Array.from({ length: distinct.length }, (_, index) => index + 1));
  expect([...sequence].sort((a, b) => a - b)).toEqual(sequence);
  expect(receiver.taken.map(({ event }) => event.type)).toEqual(
    expect.arrayContaining([
      "room-started",
      "participant-joined",
      "participant-renamed",
      "participant-left",
      "room-ended",
    ]),
  );
  expect(receiver.forged).toBe(0);

  const before = receiver.taken.length;
  expect((await ask("POST", "rooms/r/webhooks/app/replay?from=2")).status).toBe(204);
  await expect.poll(() => receiver.taken.length, { timeout: 10_000 }).toBe(before + distinct.length - 1);
  expect(receiver.taken.slice(before).map(({ event }) => event.seq)).toEqual(distinct.slice(1));
  expect((await ask("GET", "rooms/r/webhooks")).body).toMatchObject([{ endpoint: "app", dead: [] }]);
  expect((await ask("GET", "webhooks")).body).toMatchObject({ items: [{ id: "app", configured: true }] });
  expect(JSON.stringify((await ask("GET", "webhooks/app")).body)).not.toContain(secret);
  expect(await ask("DELETE", "webhooks/app")).toMatchObject({ status: 403, body: { code: "not-allowed" } });
});

test("[F10] a room whose actor would rather sleep gives up places and ends its meeting all the same, also after a restart", async () => {
  // More than a second, since less is awaited in memory anyway.
  const room = { grace: 1_100, emptyFor: 1_100, pingInterval: 400, helloWithin: 4_000 };
  host = await startHost({ apiKey: key, room, patience: { idleMs: 50 } });
  const meetings = async () => ((await ask("GET", "meetings")).body as { items: { why: string | null }[] }).items;
  const ann = await Member.join(host, "r", "Ann");
  ann.peer.terminate();
  await expect.poll(meetings).toMatchObject([{ why: "empty" }]);
  await expect.poll(() => host.server.rooms.size).toBe(0);
  await Member.join(host, "r", "Bob");
  await host.restart();
  // Nobody comes back to it.
  await expect.poll(meetings).toMatchObject([{ why: "empty" }, { why: "empty" }]);
  await expect.poll(() => host.server.rooms.size).toBe(0);
});
