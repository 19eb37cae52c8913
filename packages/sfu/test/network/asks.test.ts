/** Packets that are lost on their way up from the publisher: how often they are asked for, and how soon again. */
import { describe, expect, test } from "vitest";
import { Call } from "./call.ts";

const seed = 20_261_128;
const loss = 0.05;
/** ms for the SFU to learn how long answers take. */
const learning = 8_000;

describe("[N9] a lost packet is asked for again once its answer could have come, and no more often than answers are lost", () => {
  test.each([
    [5, 0, 1.1],
    [25, 0, 1.1],
    [25, 15, 1.2],
    [75, 0, 1.1],
    [75, 40, 1.4],
    [150, 20, 1.2],
  ])("%i ms each way, and up to %i more: %f requests for each", async (delay, jitter, most) => {
    const call = await Call.begin(seed, "full", { delay, jitter, loss });
    const viewer = await call.watch(call.link({ delay: 5 }), { delay: 5 });
    call.look(viewer, learning);
    const asked = asking(call);
    call.look(viewer, 20_000);
    const { packets, requests, early } = asked();
    expect(packets).toBeGreaterThan(300);
    expect(early).toBe(0);
    expect(requests / packets).toBeLessThan(most);
  });

  test.each([
    [10, 120],
    [120, 10],
    [25, 60],
  ])("a way of %i ms that becomes one of %i is learned", async (before, after) => {
    const call = await Call.begin(seed, "full", { delay: before, loss });
    const viewer = await call.watch(call.link({ delay: 5 }), { delay: 5 });
    call.look(viewer, learning);
    for (const link of [call.publisher.up, call.publisher.down]) link.change({ delay: after }, call.network.world.now);
    call.look(viewer, learning);
    const asked = asking(call);
    call.look(viewer, 10_000);
    expect(asked().early).toBe(0);
    expect(asked().requests / asked().packets).toBeLessThan(1.15);
  });
});

/** What is asked for from here on. */
function asking({ publisher: { asks } }: Call): () => { packets: number; requests: number; early: number } {
  const before = { packets: asks.packets, requests: asks.requests, early: asks.early };
  return () => ({
    packets: asks.packets - before.packets,
    requests: asks.requests - before.requests,
    early: asks.early - before.early,
  });
}
