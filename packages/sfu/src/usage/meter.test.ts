import { beforeEach, describe, expect, test } from "vitest";
import { defaultLimits } from "../config.ts";
import { Publication } from "../forward/publication.ts";
import { Subscription } from "../forward/subscription.ts";
import type { Consequences } from "../session/consequences.ts";
import { memoryUsage } from "./memory.ts";
import { Meter } from "./meter.ts";
import { usageRoutes } from "./routes.ts";
import type { UsageBy, UsageRow } from "./store.ts";

const codec = { payloadType: 96, name: "VP8", clockRate: 90_000, channels: 1, parameters: "", feedback: [] };
const viewer = { app: "app", session: "viewer", adapter: false };
const adapter = { app: "app", session: "adapter", adapter: true };
const all = { app: "app", from: "0000-01-01", to: "9999-12-31" };
let today = "2026-11-20";
let store = memoryUsage();
let meter = new Meter(store, () => today);

beforeEach(() => {
  today = "2026-11-20";
  store = memoryUsage();
  meter = new Meter(store, () => today);
});

test("what a subscription is sent counts for its session, its track and its day", () => {
  const [camera, voice] = [publication("camera"), publication("voice")];
  const [one, two, three] = [subscription(), subscription(), subscription()];
  meter.follow(viewer, { ...nothing, subscribed: [{ subscription: one, source: camera }] });
  meter.follow(viewer, { ...nothing, subscribed: [{ subscription: two, source: voice }] });
  meter.follow(adapter, { ...nothing, subscribed: [{ subscription: three, source: voice }] });
  one.sent = 1_000;
  two.sent = 30;
  three.sent = 7;
  meter.read();
  meter.read();
  today = "2026-11-21";
  one.sent = 1_500;
  meter.read();
  expect(sums("day")).toEqual([
    ["2026-11-20", 1_037],
    ["2026-11-21", 500],
  ]);
  expect(sums("session")).toEqual([
    ["viewer", 1_530],
    ["adapter", 7],
  ]);
  expect(sums("track")).toEqual([
    ["publisher/camera", 1_500],
    ["publisher/voice", 37],
  ]);
  expect(sums("adapter")).toEqual([["adapter", 7]]);
  expect(store.total({ ...all, by: "day" })).toBe(1_537);
  expect(store.total({ ...all, by: "day", to: "2026-11-20", session: "viewer" })).toBe(1_030);
  expect(store.total({ ...all, by: "day", app: "other" })).toBe(0);
});

test("messages of a data channel count beside, under the name of their publisher", () => {
  meter.sent(viewer, "publisher/chat", 5);
  meter.sent(viewer, "publisher/chat", 7);
  meter.sent({ ...viewer, session: "other" }, "publisher/chat", 7);
  today = "2026-11-21";
  meter.sent(viewer, "publisher/chat", 1);
  meter.read();
  meter.read();
  expect(sums("track")).toEqual([["publisher/chat", 20]]);
  expect(sums("session")).toEqual([
    ["viewer", 13],
    ["other", 7],
  ]);
  expect(sums("day")).toEqual([
    ["2026-11-20", 19],
    ["2026-11-21", 1],
  ]);
});

test("a subscription with another source counts for that from then on", () => {
  const one = subscription();
  meter.follow(viewer, { ...nothing, subscribed: [{ subscription: one, source: publication("a") }] });
  one.sent = 100;
  meter.follow(viewer, { ...nothing, redirected: [{ subscription: one, source: publication("b") }] });
  one.sent = 250;
  meter.follow(viewer, { ...nothing, unsubscribed: [one] });
  one.sent = 999;
  meter.read();
  expect(sums("track")).toEqual([
    ["publisher/b", 150],
    ["publisher/a", 100],
  ]);
});

test("counters are read at most every ten seconds, and an end is not lost in between", () => {
  const one = subscription();
  meter.follow(viewer, { ...nothing, subscribed: [{ subscription: one, source: publication("a") }] });
  meter.elapse(0);
  one.sent = 5;
  meter.follow(viewer, { ...nothing, unsubscribed: [one] });
  meter.elapse(9_999);
  expect(sums("day")).toEqual([]);
  meter.elapse(10_000);
  expect(sums("day")).toEqual([["2026-11-20", 5]]);
});

test("what is kept in memory is bounded, and the total stays right", () => {
  store = memoryUsage(100);
  const row = (index: number): UsageRow => ({ ...viewer, day: today, session: `s${index}`, track: "p/t", bytes: 1 });
  for (let index = 0; index < 1_000; index += 1) store.add([row(index)]);
  expect(store.sum({ ...all, by: "session" }, 10_000).length).toBeLessThanOrEqual(100);
  expect(sums("session")[0]).toEqual(["other", 901]);
  expect(store.total({ ...all, by: "day" })).toBe(1_000);
});

describe("over HTTP", () => {
  const routes = () => usageRoutes({ meter, daysAgo: () => "2026-11-20" });

  test("counts up to the question are in the answer", async () => {
    const one = subscription();
    meter.follow(viewer, { ...nothing, subscribed: [{ subscription: one, source: publication("a") }] });
    one.sent = 42;
    const response = await routes().request("/app/usage?from=2026-11-20&by=session&session=viewer&other=x");
    expect(await response.json()).toEqual({
      from: "2026-11-20",
      to: "2026-11-20",
      by: "session",
      bytes: 42,
      usage: [{ name: "viewer", bytes: 42 }],
    });
  });

  test.each([
    "from=yesterday&to=2026-11-20",
    "from=2026-11-01&to=2026-1-1",
    "from=2026-11-20T00:00&to=2026-11-20",
    "from=2026-11-01&to=2026-11-20&by=room",
    "from=2026-11-01&to=2026-11-20&by=",
  ])("refuses %s", async (query) => {
    const app = routes();
    app.onError((error, c) => c.json({ code: (error as { code?: string }).code }, 406));
    expect(await (await app.request(`/app/usage?${query}`)).json()).toEqual({ code: "invalid_params" });
  });
});

const nothing: Consequences = { published: [], unpublished: [], subscribed: [], unsubscribed: [], redirected: [] };

function sums(by: UsageBy): [string, number][] {
  return store.sum({ ...all, by }, 100).map(({ name, bytes }) => [name, bytes]);
}

function publication(trackName: string): Publication {
  return new Publication({
    session: "publisher",
    trackName,
    kind: "video",
    mid: "0",
    codec,
    extensions: [],
    announcedSsrcs: [],
    rids: [],
    repairPayloadType: undefined,
    limits: defaultLimits,
  });
}

function subscription(): Subscription {
  return new Subscription({ session: "viewer", ssrc: 1, codec, extensions: [], firstSequence: 0 });
}
