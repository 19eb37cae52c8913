import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageRow } from "@satsuma/sfu";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { daysAgo, openUsage } from "../src/node/usage.ts";
import { Client, isMedia, startSfu, videoPacket } from "./rtc-client.ts";

const patience = { timeout: 10_000, interval: 10 };
const row: UsageRow = { app: "app", day: "2026-11-20", session: "s", track: "p/t", adapter: false, bytes: 10 };
const all = { app: "app", from: "0000-01-01", to: "9999-12-31" } as const;
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "satsuma-usage-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("usage says to the byte what a subscriber was sent, for its session and the track", async () => {
  const sfu = await startSfu();
  const [publisher, subscriber] = [await Client.create(sfu), await Client.create(sfu)];
  await publisher.push("camera", 77);
  await vi.waitFor(() => expect(publisher.state).toBe("connected"), patience);
  publisher.send(videoPacket(77, 1, true, new Uint8Array(10)));
  await subscriber.pull(publisher.session, "camera");
  await vi.waitFor(() => expect(subscriber.state).toBe("connected"), patience);
  let sequence = 1;
  await vi.waitFor(() => {
    sequence += 1;
    publisher.send(videoPacket(77, sequence, true, new Uint8Array(500)));
    expect(subscriber.received.filter(isMedia).length).toBeGreaterThan(20);
  }, patience);
  const usage = async (query: string) => (await sfu.call("GET", `usage?${query}`)).json as unknown as { bytes: number };
  await vi.waitFor(async () => {
    const bytes = subscriber.received.filter(isMedia).reduce((sum, packet) => sum + packet.length, 0);
    expect(await usage("by=track")).toMatchObject({ bytes, usage: [{ name: `${publisher.session}/camera`, bytes }] });
    expect(await usage("by=session")).toMatchObject({ usage: [{ name: subscriber.session, bytes }] });
    expect(await usage(`by=day&session=${subscriber.session}`)).toMatchObject({ usage: [{ name: daysAgo(0), bytes }] });
  }, patience);
  expect(await usage(`session=${publisher.session}`)).toMatchObject({ bytes: 0, usage: [] });
  expect((await sfu.call("GET", "usage?by=room")).status).toBe(406);
  for (const client of [publisher, subscriber]) client.close();
  sfu.close();
  expect(sfu.errors).toEqual([]);
});

test("a file adds up over restarts and forgets what is too old", () => {
  const path = join(folder, "usage.db");
  const first = openUsage(path, 30);
  first.add([row, { ...row, session: "a", adapter: true }, { ...row, app: "other", bytes: 99 }]);
  first.add([row]);
  first.close();
  const again = openUsage(path, 30);
  again.add([{ ...row, day: "2026-11-21", track: "p/u", bytes: 1 }]);
  expect(again.sum({ ...all, by: "day" }, 10)).toEqual([
    { name: "2026-11-20", bytes: 30 },
    { name: "2026-11-21", bytes: 1 },
  ]);
  expect(again.sum({ ...all, by: "session" }, 1)).toEqual([{ name: "s", bytes: 21 }]);
  expect(again.sum({ ...all, by: "adapter" }, 10)).toEqual([{ name: "a", bytes: 10 }]);
  expect(again.sum({ ...all, by: "track", session: "s" }, 10)).toEqual([
    { name: "p/t", bytes: 20 },
    { name: "p/u", bytes: 1 },
  ]);
  expect(again.total({ ...all, by: "adapter" })).toBe(10);
  expect(again.total({ ...all, from: "2026-11-21", by: "day" })).toBe(1);
  again.add([{ ...row, day: "2026-12-21" }]);
  expect(again.sum({ ...all, by: "day" }, 10).map(({ name }) => name)).toEqual(["2026-11-21", "2026-12-21"]);
  again.close();
});
