/** The room server is killed again and again while an endpoint is being told of events; a real process, a real receiver. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RoomEvent } from "@satsuma/protocol";
import { expect, onTestFinished, test } from "vitest";
import { RoomTokens } from "../../src/rooms/tokens.ts";
import { Member } from "../host.ts";
import { apiKey } from "./api-contract.ts";
import { startChild } from "./child.ts";
import { startReceiver } from "./receiver.ts";

const kills = 2;
const rooms = ["a", "b", "c"];
const renamesAtOnce = 6;

test(`[J6] over ${kills} kills with deliveries under way an endpoint is told of every event, in the order of each room`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "satsuma-webhook-crash-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const key = randomBytes(32);
  const tokens = new RoomTokens({ key }, Date.now);
  const receiver = await startReceiver();
  onTestFinished(receiver.close);
  receiver.fails = (count) => count % 25 === 0;
  const begin = async (port: number) => {
    const child = await startChild(directory, port, key, apiKey);
    onTestFinished(child.kill);
    return child;
  };
  let server = await begin(0);
  const { port } = server;
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, body: unknown) => {
    const headers = { Authorization: `Bearer ${apiKey}` };
    const response = await fetch(`${url}/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>;
  };
  receiver.secrets.push(String((await ask("webhooks", { url: receiver.url })).secret));
  const known = await Promise.all(rooms.map(async (room) => (await tokens.issue(room, "Ann")).token));

  for (let round = 0; round <= kills; round++) {
    const members = await Promise.all(
      rooms.map((room, index) => Member.join({ url, tokens }, room, "Ann", known[index])),
    );
    // Two are answered, and every one after that is being waited for when the server dies.
    const before = receiver.requests;
    const held: (() => void)[] = [];
    if (round < kills) {
      receiver.answer = (count) =>
        count <= before + 2 ? undefined : new Promise((resolve) => void held.push(resolve));
    }
    for (let time = 0; time < renamesAtOnce; time++) {
      await Promise.all(members.map((member) => member.command({ do: "rename", name: `Ann ${round} ${time}` })));
    }
    if (round === kills) break;
    await expect.poll(() => receiver.waiting, { timeout: 60_000 }).toBeGreaterThanOrEqual(rooms.length);
    server.kill();
    await server.ended;
    receiver.answer = () => undefined;
    for (const release of held) release();
    server = await begin(port);
  }

  const sequences = () =>
    rooms.map((room) => receiver.taken.filter((each) => each.room === room).map(({ event }) => event.seq));
  for (const [index, room] of rooms.entries()) {
    const { result } = (await ask(`rooms/${room}/orders`, { do: "audit", limit: 100 })) as {
      result: { events: RoomEvent[] };
    };
    const all = result.events.map(({ seq }) => seq).reverse();
    expect(all.length).toBeGreaterThanOrEqual((kills + 1) * renamesAtOnce);
    await expect.poll(() => [...new Set(sequences()[index])], { timeout: 30_000 }).toEqual(all);
  }
  // What is sent again is never ahead of what has not been sent: the next one, or one that was there before.
  for (const sequence of sequences()) {
    let highest = 0;
    for (const seq of sequence) {
      expect(seq).toBeLessThanOrEqual(highest + 1);
      highest = Math.max(highest, seq);
    }
  }
  expect(receiver.forged).toBe(0);
}, 120_000);
