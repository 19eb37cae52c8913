import { describe, expect, test } from "vitest";
import { Course, type CourseOptions } from "../../test/downlink/course.ts";
import { Estimator } from "./estimator.ts";

const seed = 20_261_128;
const home = { delay: 20, rate: 5_000_000 };

describe("one sender on one bottleneck", () => {
  const begun = () => new Course({ seed, link: home });

  test("finds what the link carries within a second, by probes", () => {
    const course = begun();
    expect(course.until(() => course.target > 4_000_000, 1_000)).toBeDefined();
  });

  test.each<[string, CourseOptions["link"], number]>([
    ["1 Mbit/s", { delay: 20, rate: 1_000_000 }, 20],
    ["300 kbit/s", { delay: 20, rate: 300_000 }, 20],
    ["5 Mbit/s", home, 20],
    ["3 Mbit/s at a round trip of 200 ms", { delay: 100, rate: 3_000_000 }, 100],
    ["1 Mbit/s with 30 ms of jitter", { delay: 20, rate: 1_000_000, jitter: 30 }, 20],
    ["3 Mbit/s where 5 % of the packets are lost", { delay: 20, rate: 3_000_000, loss: 0.05 }, 20],
    ["3 Mbit/s where losses come in bursts", { ...home, burst: { enter: 0.005, leave: 0.2, loss: 0.5 } }, 20],
    ["3 Mbit/s where packets overtake others", { delay: 20, rate: 3_000_000, reorder: 0.05 }, 20],
    ["1 Mbit/s before a queue of two seconds", { delay: 20, rate: 1_000_000, queue: 2_000 }, 20],
  ])("85 %% of a steady link of %s is used, with no queue above 200 ms", (_, link, back) => {
    const course = new Course({ seed, link, back });
    course.run(20_000);
    course.longestWait = 0;
    const [through = 0] = course.run(30_000);
    expect(through / (link.rate ?? 1)).toBeGreaterThan(0.85);
    expect(course.longestWait).toBeLessThan(200);
  });

  test.each([1_000_000, 300_000])(
    "sends less than the link carries within 1.5 s of a drop to %i bits/s, and empties the queue",
    (rate) => {
      const course = begun();
      course.run(5_000);
      course.link.change({ rate }, course.now);
      expect(course.until(() => course.target < rate, 1_500)).toBeDefined();
      course.run(2_000);
      course.longestWait = 0;
      const [through = 0] = course.run(15_000);
      expect(course.longestWait).toBeLessThan(200);
      expect(through / rate).toBeGreaterThan(0.8);
    },
  );

  test("is back at 80 % within 6 s of the link's return", () => {
    const course = begun();
    course.run(3_000);
    course.link.change({ rate: 300_000 }, course.now);
    course.run(15_000);
    course.link.change({ rate: 5_000_000 }, course.now);
    expect(course.until(() => course.target > 4_000_000, 6_000)).toBeDefined();
  });

  test("at 10 % of loss by the link itself it keeps more than a third of it, at 20 % enough for a small picture", () => {
    const through = (loss: number) => new Course({ seed, link: { delay: 20, rate: 3_000_000, loss } }).run(20_000)[0];
    expect(through(0.1)).toBeGreaterThan(1_000_000);
    expect(through(0.2)).toBeGreaterThan(250_000);
  });

  test("a link that drops what it cannot carry, with hardly a queue, is not flooded", () => {
    const course = new Course({ seed, link: { delay: 20, rate: 1_000_000, queue: 30 }, initial: 3_000_000 });
    course.run(20_000);
    const { sent, overflowed } = course.link.counts;
    course.run(10_000);
    expect((course.link.counts.overflowed - overflowed) / (course.link.counts.sent - sent)).toBeLessThan(0.08);
  });

  test("without anything to fill probes with it still grows, by itself", () => {
    const course = new Course({ seed, link: { delay: 20, rate: 1_000_000 }, senders: [{ padding: false }] });
    expect(course.until(() => course.target > 800_000, 20_000)).toBeDefined();
  });

  test("sends no probe once it has what it wants", () => {
    const course = new Course({ seed, link: home, senders: [{ wish: 500_000 }] });
    course.run(5_000);
    const [through = 0] = course.run(10_000);
    expect(through).toBeLessThan(510_000);
    expect(course.target).toBeGreaterThan(500_000);
  });
});

describe("a picture that cannot be made smaller, of 20 Mbit/s on a link of 100", () => {
  const link = { delay: 1, rate: 100_000_000 };
  const stubborn = { wish: 20_000_000, stubborn: true };

  test("proves itself by being sent, where nothing can be probed with", () => {
    const course = new Course({ seed, link, back: 1, senders: [{ ...stubborn, padding: false }] });
    expect(course.until(() => course.target > stubborn.wish * 0.9, 2_000)).toBeDefined();
    expect(course.limited).toBe(false);
  });

  test.each([
    ["receiver is held up for 60 ms", { receiver: 60 }, seed],
    ["receiver is held up for 150 ms", { receiver: 150 }, seed + 1],
    ["sender is held up for 60 ms", { sender: 60 }, seed + 2],
    ["sender is held up for 150 ms", { sender: 150 }, seed + 3],
    ["machines are both held up for 60 ms", { sender: 60, receiver: 60 }, seed + 4],
  ])("the estimate follows it, and stays, while the %s at a time", (_, busy, seed) => {
    const course = new Course({ seed, link, back: 1, initial: 1_000_000, senders: [stubborn], busy });
    expect(course.until(() => course.target >= stubborn.wish, 6_000)).toBeDefined();
    expect(course.until(() => course.target < stubborn.wish * 0.7, 15_000)).toBeUndefined();
  });

  test("a link that does carry less is still found within a second and a half, on machines that are held up", () => {
    const busy = { sender: 60, receiver: 60 };
    const course = new Course({ seed, link, back: 1, initial: 1_000_000, senders: [{ wish: 20_000_000 }], busy });
    course.run(10_000);
    course.link.change({ rate: 3_000_000, queue: 1_000 }, course.now);
    expect(course.until(() => course.target < 3_000_000, 1_500)).toBeDefined();
    expect(course.limited).toBe(true);
  });
});

describe("feedback that stops", () => {
  test("halves the estimate every second, down to the floor; when it returns, so does the rate", () => {
    const course = new Course({ seed, link: home });
    course.run(5_000);
    const before = course.target;
    course.answers = false;
    course.run(3_500);
    expect(course.target).toBeLessThan(before / 4);
    course.run(20_000);
    expect(course.target).toBe(30_000);
    course.answers = true;
    expect(course.until(() => course.target > 3_000_000, 10_000)).toBeDefined();
  });

  test.each([3_000, 20_000])("after a hole of %i ms in both ways it begins as at first, at once", (hole) => {
    const course = new Course({ seed, link: home });
    course.run(5_000);
    course.answers = false;
    course.link.change({ loss: 1 }, course.now);
    course.run(hole);
    course.answers = true;
    course.link.change({ loss: 0 }, course.now);
    expect(course.until(() => course.target >= 300_000, 500)).toBeDefined();
    expect(course.until(() => course.target > 3_000_000, 4_000)).toBeDefined();
  });

  test("that never began limits nothing: the peer does not do it", () => {
    const course = new Course({ seed, link: home, senders: [{ wish: 100_000 }] });
    course.answers = false;
    course.run(2_000);
    expect(course.target).toBe(300_000);
    course.run(2_000);
    expect(course.target).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("several senders on one bottleneck", () => {
  test.each([
    ["that begin together", [0, 0]],
    ["one of which comes 10 s later", [0, 10_000]],
  ])("two %s share it: neither has less than a third, and it is used", (_, starts) => {
    const senders = starts.map((from) => ({ from }));
    const course = new Course({ seed, link: { delay: 20, rate: 2_000_000 }, senders });
    course.run(20_000);
    const through = course.run(30_000);
    const total = through.reduce((sum, rate) => sum + rate, 0);
    expect(total / 2_000_000).toBeGreaterThan(0.85);
    for (const rate of through) expect(rate / total).toBeGreaterThan(1 / 3);
  });
});

test("a receiver's own estimate is the most while it is repeated", () => {
  const course = new Course({ seed, link: home });
  course.run(3_000);
  const estimator = course.senders[0]?.estimator;
  estimator?.received(400_000, course.now);
  expect(course.target).toBe(400_000);
  course.run(6_000);
  expect(course.target).toBeGreaterThan(3_000_000);
});

test.each([false, true])(
  "a receiver that estimates nothing at all is not sent less than the floor (feedback: %s)",
  (expects) => {
    const estimator = new Estimator({ initial: 1_000_000, floor: 30_000, ceiling: 100_000_000 });
    if (expects) estimator.expect();
    estimator.received(0, 0);
    expect(estimator.target).toBe(30_000);
  },
);
