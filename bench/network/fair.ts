/** Two viewers behind one bottleneck: how they share it. */
import { oneWay, pause, type Scene, type Watched } from "./scene.ts";

export interface Fairness {
  /** bits/s of the bottleneck. */
  readonly rate: number;
  readonly viewers: readonly Watched[];
  /** Jain's index of their bitrates: 1 is equal, 0.5 is all for one of two. */
  readonly index: number;
  /** Of the bottleneck, in percent. */
  readonly used: number;
  /** Longest wait at it, in ms. */
  readonly queue: number;
}

const rate = 2_000_000;

export async function measureFairness(scene: Scene, settle: number, time: number): Promise<Fairness> {
  let queue = 0;
  let bytes = 0;
  const way = await scene.stage.way(scene.mode, {
    seed: 5,
    up: { delay: oneWay },
    down: { delay: oneWay, rate, queue: 800 },
    onDelivery(direction, queued, length) {
      if (direction !== "down") return;
      queue = Math.max(queue, queued);
      bytes += length + 28;
    },
  });
  const session = await scene.publish(await scene.stage.way(scene.mode));
  const first = await scene.watch(way, session);
  await pause(settle / 2);
  const second = await scene.watch(way, session);
  await pause(settle);
  queue = 0;
  bytes = 0;
  const viewers = await Promise.all([scene.watched(first, time), scene.watched(second, time)]);
  const rates = viewers.map(({ bitrate }) => bitrate);
  const sum = rates.reduce((total, each) => total + each, 0);
  const squares = rates.reduce((total, each) => total + each ** 2, 0);
  return { rate, viewers, index: sum ** 2 / (2 * squares), used: (bytes * 800_000) / time / rate, queue };
}
