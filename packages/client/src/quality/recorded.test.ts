/** What a real Chromium said on bad days (`npm run record:stats`), as the client reads, smooths and judges it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Monitor, type QualityEvent } from "./monitor.ts";
import { type ConnectionSample, Sampler, type StatsEntry } from "./sample.ts";

interface Fixture {
  readonly reports: readonly { readonly at: number; readonly entries: readonly StatsEntry[] }[];
}

/** Lives through a recorded half minute, looking when the client looked. */
function live(name: string) {
  const { reports } = JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8")) as Fixture;
  const sampler = new Sampler();
  const monitor = new Monitor();
  const events: QualityEvent[] = [];
  const samples: ConnectionSample[] = [];
  for (const { at, entries } of reports) {
    const sample = sampler.handle(new Map(entries.map((entry) => [entry.id, entry])), at);
    if (sample === undefined) continue;
    samples.push(sample);
    const expected = sample.received.map(({ key, kind }) => ({ key, participant: "ben", camera: kind === "video" }));
    const circumstances = { connected: true, device: false, expected, reported: new Map() };
    events.push(...monitor.handle(sample, circumstances, at));
  }
  return { events, samples, view: monitor.view() };
}

test("on a network that loses an eighth, both ways are said to, and the smoothed loss is about that", () => {
  const { view, events } = live("lossy");
  expect(view.own.level).toBe("poor");
  expect(view.own.cause).toMatch(/^network-/);
  expect(view.lossOut).toBeGreaterThan(0.06);
  expect(view.lossOut).toBeLessThan(0.2);
  // Chromium does not count as lost what was sent again and came.
  expect(view.lossIn).toBeLessThan(0.2);
  const own = events.filter((event) => event.event === "alert" && event.alert.participant === undefined);
  expect(own).toHaveLength(1);
});

test("a narrow network limits the encoder by bandwidth, and is no processor that is too slow", () => {
  const { view, samples, events } = live("narrow");
  const last = samples.slice(-5);
  const limits = last.flatMap(({ sent }) => sent.flatMap(({ limitation }) => limitation ?? []));
  expect(limits).toContain("bandwidth");
  expect(limits).not.toContain("cpu");
  expect(view.own.cause).not.toBe("cpu");
  expect(view.availableOutgoing).toBeLessThan(300_000);
  expect(events.filter((event) => event.event === "alert" && event.alert.cause === "cpu")).toEqual([]);
});
