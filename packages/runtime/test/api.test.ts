/** The API of an app's backend, and the webhooks that tell it what happened, against a receiver that fails at times. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RoomEvent, WebhookBody } from "@satsuma/protocol";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { type Host, type HostOptions, Member, startHost } from "./host.ts";

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

test("[K1] without the key nothing is told and nothing done, and a wrong body is refused by code", async () => {
  host = await startHost({ apiKey: key });
  const ann = await Member.join(host, "r", "Ann");
  expect((await ask("GET", "rooms", undefined, "x")).status).toBe(401);
  expect((await ask("POST", "rooms/r/orders", { do: "end" }, `${key}x`)).status).toBe(401);
  for (const body of ["{", '{"do":"explode"}', '{"do":"remove"}', '{"do":"end","extra":1}']) {
    expect(await ask("POST", "rooms/r/orders", body)).toMatchObject({ status: 400, body: { code: "bad-message" } });
  }
  expect((await ask("POST", "rooms/r/orders", { do: "leave" })).body).toMatchObject({ code: "not-supported" });
  expect((await ask("POST", "rooms/r/orders", "x".repeat(70_000))).body).toMatchObject({ code: "too-large" });
  expect((await ask("GET", "nothing")).status).toBe(404);
  expect(await ann.command({ do: "rename", name: "Annie" })).toMatchObject({ type: "ack" });
});

test("[K2][K4] a backend makes a room with rules and tokens, sees who is in it, removes, revokes and ends", async () => {
  host = await startHost({ apiKey: key });
  const order = (body: unknown) => ask("POST", "rooms/r/orders", body);
  expect((await order({ do: "keep", kept: true })).status).toBe(200);
  expect((await order({ do: "set-passcode", passcode: "4711" })).status).toBe(200);
  expect((await ask("GET", "rooms")).body).toMatchObject({ items: [{ name: "r", kept: true, meeting: null }] });
  const token = async (body: object) => (await ask("POST", "rooms/r/tokens", body)).body as { token: string };
  const { token: plain } = await token({ name: "Eve", identity: "eve" });

  const guess = async (passcode: string) => {
    const member = await Member.open(host, "r");
    member.send({ type: "hello", protocols: [2], client: passcode, token: plain, passcode });
    member.token = plain;
    return member;
  };
  expect(await (await guess("0000")).closed).toMatchObject({ reason: "wrong-passcode" });
  const eve = await guess("4711");
  await eve.until(() => eve.view);
  const seen = (await ask("GET", "rooms/r")).body;
  expect(seen).toMatchObject({
    name: "r",
    people: [{ name: "Eve", identity: "eve" }],
    state: { rules: { passcode: true } },
  });
  expect(JSON.stringify(seen)).not.toContain("pbkdf2");

  expect((await order({ do: "revoke", identity: "eve" })).status).toBe(200);
  expect(await eve.closed).toMatchObject({ reason: "revoked" });
  expect(await (await guess("4711")).closed).toMatchObject({ reason: "revoked" });
  expect((await order({ do: "remove", id: "nobody" })).body).toMatchObject({ code: "not-found" });
});

test("webhooks come signed, in order and complete, from a receiver that fails at times, over a restart; and again when asked", async () => {
  const receiver = await startReceiver();
  host = await startHost({ ...receiver.options, room: { emptyFor: 50, grace: 2_000 } });
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
  await expect.poll(() => receiver.events.some(({ type }) => type === "room-ended"), { timeout: 20_000 }).toBe(true);

  const sequence = receiver.events.map(({ seq }) => seq);
  const distinct = [...new Set(sequence)];
  expect(distinct).toEqual(Array.from({ length: distinct.length }, (_, index) => index + 1));
  expect([...sequence].sort((a, b) => a - b)).toEqual(sequence);
  expect(receiver.events.map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      "room-started",
      "participant-joined",
      "participant-renamed",
      "participant-left",
      "room-ended",
    ]),
  );
  expect(receiver.forged).toBe(0);

  const before = receiver.events.length;
  expect((await ask("POST", "rooms/r/webhooks/app/replay?from=2")).status).toBe(204);
  await expect.poll(() => receiver.events.length, { timeout: 10_000 }).toBe(before + distinct.length - 1);
  expect(receiver.events.slice(before).map(({ seq }) => seq)).toEqual(distinct.slice(1));
  expect((await ask("GET", "rooms/r/webhooks")).body).toMatchObject([{ endpoint: "app", dead: [] }]);
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

/** An app's own endpoint, which checks signatures as the documentation says. */
async function startReceiver() {
  const found = { events: [] as RoomEvent[], refused: 0, forged: 0, fails: (_: number) => false as boolean };
  let count = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    count += 1;
    if (found.fails(count)) {
      found.refused += 1;
      response.writeHead(500).end();
      return;
    }
    if (!isSigned(String(request.headers["satsuma-signature"]), body)) found.forged += 1;
    found.events.push((JSON.parse(body) as WebhookBody).event);
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const options: HostOptions = { apiKey: key, webhooks: [{ id: "app", url, secret }] };
  return Object.assign(found, { options });
}

function isSigned(header: string, body: string): boolean {
  const [, time = "", signature = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (Math.abs(Date.now() / 1_000 - Number(time)) > 300) return false;
  const expected = createHmac("sha256", secret).update(`${time}.${body}`).digest();
  return timingSafeEqual(Buffer.from(signature.padEnd(64, "0"), "hex"), expected);
}
