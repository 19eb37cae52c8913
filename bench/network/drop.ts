/** A downlink that becomes narrow and wide again: how soon the layer fits, what waits meanwhile, and what is used of it. */
import { between, oneWay, pause, type Scene } from "./scene.ts";

export interface Stage {
  /** bits/s. */
  readonly rate: number;
  /** Width of the layer that fits. */
  readonly width: number;
  /** ms. */
  readonly time: number;
}

const stages: readonly Stage[] = [
  { rate: 5_000_000, width: 1_280, time: 12_000 },
  { rate: 1_000_000, width: 640, time: 15_000 },
  { rate: 300_000, width: 320, time: 15_000 },
  { rate: 5_000_000, width: 1_280, time: 18_000 },
];

export interface Sample {
  /** ms since the first stage began. */
  readonly at: number;
  readonly rate: number;
  readonly width: number;
  /** bits/s that came through, headers of IP and UDP included. */
  readonly through: number;
  /** Longest wait at the bottleneck since the sample before, in ms. */
  readonly queue: number;
  readonly frozen: number;
}

export interface StageRow {
  readonly rate: number;
  /** ms until the layer that fits is there to stay; undefined when it never was. */
  readonly settled: number | undefined;
  /** Longest wait after that, in ms. */
  readonly queue: number;
  /** Of the rate, in percent, in the last third of the stage. */
  readonly used: number;
  /** Of the time, in percent. */
  readonly frozen: number;
}

const every = 250;
/** ms for which a layer must stay to count. */
const stays = 2_000;
/** A home router keeps about so much. */
const queue = 800;

export async function measureDrop(scene: Scene): Promise<{ rows: StageRow[]; samples: Sample[] }> {
  let waited = 0;
  let bytes = 0;
  const way = await scene.stage.way(scene.mode, {
    seed: 3,
    up: { delay: oneWay },
    down: { delay: oneWay, rate: stages[0]?.rate, queue },
    onDelivery(direction, queued, length) {
      if (direction !== "down") return;
      waited = Math.max(waited, queued);
      bytes += length + 28;
    },
  });
  const session = await scene.publish(await scene.stage.way(scene.mode));
  const name = await scene.watch(way, session);
  await pause(1_000);
  const samples: Sample[] = [];
  const began = performance.now();
  const ends = stages.map((_, index) => stages.slice(0, index + 1).reduce((sum, { time }) => sum + time, 0));
  for (const [index, { rate }] of stages.entries()) {
    way.relay?.change("down", { rate });
    for (;;) {
      const [before, from] = [await scene.seen(name), performance.now()];
      waited = 0;
      bytes = 0;
      await pause(every);
      const passed = performance.now() - from;
      const through = (bytes * 8_000) / passed;
      const { width, frozen } = between(before, await scene.seen(name));
      const at = performance.now() - began;
      samples.push({ at, rate, width, through, queue: waited, frozen });
      if (at >= (ends[index] ?? 0)) break;
    }
  }
  await scene.leave(name);
  return {
    rows: stages.map((stage, index) => rowOf(stage, (ends[index] ?? 0) - stage.time, ends[index] ?? 0, samples)),
    samples,
  };
}

function rowOf({ rate, width, time }: Stage, from: number, to: number, all: readonly Sample[]): StageRow {
  const own = all.filter(({ at }) => at > from && at <= to + every);
  const settledAt = own.find(
    ({ at }) =>
      at + stays <= to && own.every((other) => other.at < at || other.at > at + stays || other.width === width),
  )?.at;
  const after = own.filter(({ at }) => settledAt !== undefined && at > settledAt);
  const late = own.filter(({ at }) => at > to - time / 3);
  const mean = (of: (sample: Sample) => number, among: readonly Sample[]) =>
    among.reduce((sum, sample) => sum + of(sample), 0) / Math.max(1, among.length);
  return {
    rate,
    settled: settledAt === undefined ? undefined : settledAt - from,
    queue: Math.max(0, ...after.map((sample) => sample.queue)),
    used: (mean(({ through }) => through, late) * 100) / rate,
    frozen: mean(({ frozen }) => frozen, own),
  };
}
