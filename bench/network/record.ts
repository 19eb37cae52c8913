/**
 * Records what real Chromium says of packets on a few networks, for tests of the estimator: `npm run bench:network -- --record`
 * writes `packages/sfu/src/congestion/traces` anew.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Conditions } from "@satsuma/testkit";
import { NetworkStage } from "../../packages/runtime/browser/network-stage.ts";
import { oneWay, pause, Scene } from "./scene.ts";

interface Course {
  readonly name: string;
  /** ms. */
  readonly time: number;
  readonly down: Partial<Conditions>;
  /** What the way down becomes, and after how many ms. */
  readonly next?: { readonly at: number; readonly to: Partial<Conditions> };
}

const queue = 800;
const courses: readonly Course[] = [
  { name: "steady-1000k", time: 10_000, down: { rate: 1_000_000, queue } },
  { name: "loss-5-percent", time: 7_000, down: { loss: 0.05 } },
  {
    name: "drop-5000k-1000k",
    time: 12_000,
    down: { rate: 5_000_000, queue },
    next: { at: 4_000, to: { rate: 1_000_000 } },
  },
];
const traces = fileURLToPath(new URL("../../packages/sfu/src/congestion/traces/", import.meta.url));
const recorder = new URL("recorder.ts", import.meta.url).href;

export async function record(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "satsuma-traces-"));
  // The SFU's process inherits both.
  process.env.SATSUMA_TRACES = folder;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${recorder}`;
  const stage = await NetworkStage.start();
  try {
    const scene = await Scene.set(stage, "full");
    const session = await scene.publish(await stage.way("full"));
    await mkdir(traces, { recursive: true });
    for (const [index, course] of courses.entries()) {
      await watched(scene, session, course);
      // Each viewer is a session of its own, and has an estimator of its own.
      const lines = (await readFile(join(folder, `${index}.txt`), "utf8")).split("\n");
      await writeFile(join(traces, `${course.name}.txt`), `${within(lines, course.time).join("\n")}\n`);
    }
  } finally {
    await stage.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function watched(scene: Scene, session: string, { down, next, time }: Course): Promise<void> {
  const way = await scene.stage.way(scene.mode, {
    seed: 20_261_128,
    up: { delay: oneWay },
    down: { delay: oneWay, ...down },
  });
  const name = await scene.watch(way, session);
  await pause(next?.at ?? time);
  if (next !== undefined) {
    way.relay?.change("down", next.to);
    await pause(time - next.at);
  }
  await scene.leave(name);
  // What was noted is written twice a second.
  await pause(1_500);
}

/** Lines of the time that was looked at, times told as differences, in units of 0.1 ms. */
function within(lines: readonly string[], time: number): string[] {
  let before = 0;
  return lines.flatMap((line) => {
    const [, kind = "", at = "", rest = ""] = /^(\w)(\d+)(.*)$/.exec(line) ?? [];
    if (kind === "" || Number(at) > time * 10) return [];
    const step = Number(at) - before;
    before = Number(at);
    return [`${kind}${step}${rest}`];
  });
}
