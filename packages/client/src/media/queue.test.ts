import { expect, test } from "vitest";
import { NegotiationQueue, type Ticket } from "./queue.ts";

type Kind = "push" | "pull";

/** A queue whose negotiations end when the test says so. */
function bench(batchSize = 32) {
  const started: { kind: Kind; items: number[] }[] = [];
  const open: { batch: readonly Ticket<number, string>[]; end: (error?: Error) => void }[] = [];
  let running = 0;
  let most = 0;
  const queue = new NegotiationQueue<Kind, number, string>(
    (kind, batch) => {
      started.push({ kind, items: batch.map(({ item }) => item) });
      running += 1;
      most = Math.max(most, running);
      return new Promise((resolve, reject) => {
        open.push({
          batch,
          end: (error) => {
            running -= 1;
            if (error) reject(error);
            else resolve();
          },
        });
      });
    },
    { batchSize },
  );
  return { queue, started, open, most: () => most };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("requests of one tick become one negotiation", async () => {
  const { queue, started, open } = bench();
  const answers = [queue.add("pull", 1), queue.add("pull", 2), queue.add("pull", 3)];
  await settle();
  expect(started).toEqual([{ kind: "pull", items: [1, 2, 3] }]);
  for (const ticket of open[0]?.batch ?? []) ticket.resolve(`got ${ticket.item}`);
  open[0]?.end();
  expect(await Promise.all(answers)).toEqual(["got 1", "got 2", "got 3"]);
});

test("never two at once, in the order of asking, and what waits is batched by kind", async () => {
  const { queue, started, open, most } = bench();
  const ignore = () => undefined;
  queue.add("push", 1).catch(ignore);
  await settle();
  queue.add("pull", 2).catch(ignore);
  await settle();
  queue.add("pull", 3).catch(ignore);
  queue.add("push", 4).catch(ignore);
  queue.add("pull", 5).catch(ignore);
  for (let round = 0; round < 4; round += 1) {
    await settle();
    expect(open).toHaveLength(round + 1);
    open[round]?.end();
  }
  expect(started).toEqual([
    { kind: "push", items: [1] },
    { kind: "pull", items: [2, 3] },
    { kind: "push", items: [4] },
    { kind: "pull", items: [5] },
  ]);
  expect(most()).toBe(1);
});

test("a negotiation that fails rejects its own requests and frees the next", async () => {
  const { queue, started, open } = bench();
  const first = queue.add("push", 1);
  const second = queue.add("pull", 2);
  const rejected = expect(first).rejects.toThrow("refused");
  await settle();
  open[0]?.end(new Error("refused"));
  await rejected;
  await settle();
  expect(started).toHaveLength(2);
  open[1]?.batch[0]?.resolve("got 2");
  open[1]?.end();
  expect(await second).toBe("got 2");
});

test("one item may fail while the others of its batch go on", async () => {
  const { queue, open } = bench();
  const [bad, good] = [queue.add("pull", 1), queue.add("pull", 2)];
  const rejected = expect(bad).rejects.toThrow("no such track");
  await settle();
  open[0]?.batch[0]?.reject(new Error("no such track"));
  open[0]?.batch[1]?.resolve("got 2");
  open[0]?.end();
  await rejected;
  expect(await good).toBe("got 2");
});

test("a request that was passed over is rejected, not left hanging", async () => {
  const { queue, open } = bench();
  const answer = queue.add("pull", 1);
  const rejected = expect(answer).rejects.toThrow("without a word");
  await settle();
  open[0]?.end();
  await rejected;
});

test("a batch has a ceiling", async () => {
  const { queue, started } = bench(2);
  for (const item of [1, 2, 3]) queue.add("pull", item).catch(() => undefined);
  await settle();
  expect(started).toEqual([{ kind: "pull", items: [1, 2] }]);
});

test("closing rejects what waits and what comes later", async () => {
  const { queue, open } = bench();
  queue.add("push", 1).catch(() => undefined);
  await settle();
  const waiting = expect(queue.add("pull", 2)).rejects.toThrow("closed");
  queue.close();
  await waiting;
  await expect(queue.add("pull", 3)).rejects.toThrow("closed");
  open[0]?.end();
});

test("what comes next may be taken along, and is settled with the negotiation that took it", async () => {
  const { queue, started, open } = bench();
  const answers = [queue.add("push", 1), queue.add("pull", 2), queue.add("pull", 3)];
  await settle();
  expect(queue.take("push")).toEqual([]);
  const taken = queue.take("pull");
  expect(taken.map(({ item }) => item)).toEqual([2, 3]);
  for (const ticket of [...(open[0]?.batch ?? []), ...taken.slice(0, 1)]) ticket.resolve(`got ${ticket.item}`);
  const rejected = expect(answers[2]).rejects.toThrow("without a word");
  open[0]?.end();
  await rejected;
  expect(await Promise.all(answers.slice(0, 2))).toEqual(["got 1", "got 2"]);
  expect(started).toHaveLength(1);
});

test("what was put back is negotiated by itself, whatever became of the one that had taken it", async () => {
  const { queue, started, open } = bench();
  const [first, second] = [queue.add("push", 1), queue.add("pull", 2)];
  const rejected = expect(first).rejects.toThrow("refused");
  await settle();
  queue.take("pull");
  queue.putBack();
  open[0]?.end(new Error("refused"));
  await rejected;
  await settle();
  expect(started.at(-1)).toEqual({ kind: "pull", items: [2] });
  open[1]?.batch[0]?.resolve("got 2");
  open[1]?.end();
  expect(await second).toBe("got 2");
});
