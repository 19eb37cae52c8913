import { expect, test } from "vitest";
import { Chance } from "./chance.ts";
import type { Change, Conditions } from "./conditions.ts";
import { type Delivery, Link } from "./link.ts";

const seed = 20_261_128;

interface Numbered {
  readonly number: number;
  readonly length: number;
}

/** Sends `count` packets of `length` bytes, one every `every` ms, and waits until the last has come. */
function send(
  conditions: Partial<Conditions>,
  { count = 1_000, every = 1, length = 100, changes = [] as readonly Change[], chance = new Chance(seed) } = {},
): { deliveries: Delivery<Numbered>[]; link: Link<Numbered>; numbers: number[] } {
  const link = new Link<Numbered>({ overhead: 0, ...conditions }, chance, changes);
  const deliveries: Delivery<Numbered>[] = [];
  for (let number = 0; number < count; number += 1) {
    deliveries.push(...link.handle({ number, length }, number * every));
  }
  for (let next = link.nextDeadline(); next !== undefined; next = link.nextDeadline()) {
    deliveries.push(...link.wake(next));
  }
  return { deliveries, link, numbers: deliveries.map(({ packet }) => packet.number) };
}

const inOrder = (count: number) => Array.from({ length: count }, (_, index) => index);

test("a link without conditions passes everything at once", () => {
  const { deliveries, numbers } = send({});
  expect(numbers).toEqual(inOrder(1_000));
  expect(deliveries.every(({ sentAt, at }) => sentAt === at)).toBe(true);
});

test("delay is added to each packet, and jitter on top without changing their order", () => {
  const { deliveries, numbers } = send({ delay: 50, jitter: 30 });
  expect(numbers).toEqual(inOrder(1_000));
  const took = deliveries.map(({ sentAt, at }) => at - sentAt);
  expect(Math.min(...took)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...took)).toBeLessThan(80);
  expect(new Set(took).size).toBeGreaterThan(100);
});

test(`random loss comes to its share (seed ${seed})`, () => {
  const { link } = send({ loss: 0.1 }, { count: 20_000 });
  expect(link.counts.lost / link.counts.sent).toBeCloseTo(0.1, 1);
  expect(link.counts.delivered).toBe(20_000 - link.counts.lost);
});

test(`loss in bursts is as long as it was asked to be (seed ${seed})`, () => {
  const { numbers, link } = send({ burst: { enter: 0.01, leave: 0.2, loss: 1 } }, { count: 50_000 });
  const gaps = numbers.flatMap((number, index) => {
    const gap = number - (numbers[index - 1] ?? -1) - 1;
    return gap > 0 ? [gap] : [];
  });
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeGreaterThan(4);
  // A share of enter / (enter + leave) of all packets meets a bad link.
  expect(link.counts.lost / link.counts.sent).toBeCloseTo(0.0476, 2);
});

test(`reordering holds some packets back, and loses none (seed ${seed})`, () => {
  const { numbers } = send({ reorder: 0.05, reorderBy: 5 });
  expect(numbers).not.toEqual(inOrder(1_000));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(inOrder(1_000));
});

test(`duplication gives some packets twice (seed ${seed})`, () => {
  const { numbers, link } = send({ duplicate: 0.1 }, { count: 10_000 });
  expect(numbers.length).toBe(10_000 + link.counts.duplicated);
  expect(link.counts.duplicated / 10_000).toBeCloseTo(0.1, 1);
});

test("a bottleneck passes its rate and no more, and packets wait their turn", () => {
  // 100 bytes at 400 kbit/s take 2 ms.
  const { deliveries, link } = send({ rate: 400_000, queue: 10_000 }, { count: 500 });
  expect(deliveries[0]?.at).toBeCloseTo(2);
  expect(deliveries.at(-1)?.at).toBeCloseTo(1_000);
  expect(deliveries.at(-1)?.queued).toBeCloseTo(1_000 - 499);
  expect(link.counts.overflowed).toBe(0);
});

test("a queue never holds more than it may; what comes then is dropped", () => {
  const { deliveries, link } = send({ rate: 400_000, queue: 50 });
  expect(Math.max(...deliveries.map(({ queued }) => queued))).toBeLessThanOrEqual(50);
  expect(link.counts.overflowed).toBeGreaterThan(450);
  expect(link.counts.delivered + link.counts.overflowed).toBe(1_000);
});

test("a packet larger than the queue passes an idle bottleneck", () => {
  expect(send({ rate: 8_000, queue: 10 }, { count: 1 }).numbers).toEqual([0]);
});

test("what waits goes on at the new rate when the rate changes", () => {
  const changes = [{ at: 101, to: { rate: 800_000 } }];
  // 10 ms each; the packet that is halfway through at 101 ms has its other half, and all behind it, at ten times the rate.
  const { deliveries } = send({ rate: 80_000, queue: 10_000 }, { count: 21, every: 0, changes });
  expect(deliveries.slice(0, 11).map(({ at }) => Number(at.toFixed(3)))).toEqual([
    10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 101.9,
  ]);
  expect(deliveries.at(-1)?.at).toBeCloseTo(111.9);
});

test("a planned change comes in time although nobody sends", () => {
  const link = new Link({ loss: 1 }, new Chance(seed), [{ at: 500, to: { loss: 0, delay: 7 } }]);
  expect(link.handle(new Uint8Array(1), 499)).toEqual([]);
  expect(link.nextDeadline()).toBe(500);
  expect(link.handle(new Uint8Array(1), 600)).toEqual([]);
  expect(link.wake(607)).toHaveLength(1);
});

test("taking a bottleneck away frees what waited", () => {
  const link = new Link({ rate: 8_000, queue: 60_000 }, new Chance(seed));
  for (let sent = 0; sent < 10; sent += 1) link.handle(new Uint8Array(1_000), 0);
  expect(link.waiting(0)).toBeGreaterThan(10_000);
  link.change({ rate: undefined }, 1);
  expect(link.wake(1)).toHaveLength(10);
  expect([link.waiting(1), link.nextDeadline()]).toEqual([0, undefined]);
});

test(`waking it rarely changes no packet's fate, only when it is seen (seed ${seed})`, () => {
  const conditions = { rate: 300_000, queue: 80, delay: 20, jitter: 9, loss: 0.1, reorder: 0.1, duplicate: 0.05 };
  const often = send(conditions, { chance: new Chance(seed) });
  const chance = new Chance(seed);
  const link = new Link<Numbered>({ overhead: 0, ...conditions }, chance);
  const seldom: Delivery<Numbered>[] = [];
  for (let number = 0; number < 1_000; number += 1) seldom.push(...link.handle({ number, length: 100 }, number));
  seldom.push(...link.wake(100_000));
  const fates = (deliveries: readonly Delivery<Numbered>[]) =>
    deliveries.map(({ packet, at }) => `${packet.number} at ${at.toFixed(6)}`).toSorted();
  expect(fates(seldom)).toEqual(fates(often.deliveries));
});
