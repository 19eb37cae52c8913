/**
 * `npm run bench:network`: what people see on bad networks, with this server and with one that only passes packets on.
 *
 * Real browsers, the SFU in a process of its own, and a relay between them that delays, loses and holds back packets from a
 * seed. The plain server is the same one without retransmission and congestion control: the lines that agree on them are
 * taken out of every description, so neither end does any.
 *
 * Options: `--part loss,drop,join,fair` some of it, `--mode full,plain`, `--seconds 8` for each cell of the loss table,
 * `--n 5` joins for each cell, `--json` one JSON object as the last line, `--chart file.svg`, `--raw file.json`, `--write`
 * docs/benchmarks/network.md with its chart and raw results. `--loss 5` and `--way up` measure cells of the loss table alone.
 * `--record` measures nothing, and records feedback for tests of the estimator. A part that fails is told of, and the others
 * go on.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { NetworkStage } from "../packages/runtime/browser/network-stage.ts";
import { timeline } from "./network/chart.ts";
import { measureDrop } from "./network/drop.ts";
import { measureFairness } from "./network/fair.ts";
import { measureJoin } from "./network/join.ts";
import { measureLoss } from "./network/loss.ts";
import { writePage } from "./network/page.ts";
import { record } from "./network/record.ts";
import { type Measured, text, verdict } from "./network/report.ts";
import { type Mode, Scene } from "./network/scene.ts";

const { values: options } = parseArgs({
  options: {
    part: { type: "string", default: "loss,join,drop,fair" },
    mode: { type: "string", default: "full,plain" },
    seconds: { type: "string", default: "8" },
    n: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    chart: { type: "string" },
    raw: { type: "string" },
    write: { type: "boolean", default: false },
    loss: { type: "string", default: "0,1,5,10,20" },
    way: { type: "string", default: "down,up" },
    record: { type: "boolean", default: false },
  },
});
const parts = options.part.split(",");
const modes = options.mode.split(",").filter((mode): mode is Mode => mode === "full" || mode === "plain");
const losses = options.loss.split(",").map(Number);
const ways = (["down", "up"] as const).filter((way) => options.way.split(",").includes(way));

if (options.record) {
  await record();
  process.exit();
}
const began = performance.now();
const measured: Partial<Record<Mode, Measured>> = {};
for (const mode of modes) measured[mode] = await measure(mode);
console.log(text(measured));
console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, ${process.platform}\n`,
);
if (options.chart !== undefined) await write(options.chart, timeline(measured));
if (options.raw !== undefined) await write(options.raw, `${JSON.stringify(measured)}\n`);
if (options.write) await writePage(measured);
if (options.json) console.log(JSON.stringify({ bench: "network", ...verdict(measured) }));

async function measure(mode: Mode): Promise<Measured> {
  const found: Measured = {};
  const run = async (part: keyof Measured, work: (scene: Scene) => Promise<void>) => {
    if (!parts.includes(part)) return;
    progress(`${part} with ${mode === "full" ? "this server" : "a plain forwarder"}`);
    // Each part begins with browsers and a server that have seen nothing.
    const stage = await NetworkStage.start();
    try {
      await work(await Scene.set(stage, mode));
    } catch (error) {
      process.exitCode = 1;
      console.error(`${part}, ${mode}: ${error instanceof Error ? error.message : error}`);
    } finally {
      await stage.end();
    }
  };
  await run("loss", async (scene) => {
    found.loss = await measureLoss(scene, ways, losses, Number(options.seconds) * 1_000);
  });
  await run("join", async (scene) => {
    found.join = await measureJoin(scene, Number(options.n));
  });
  await run("drop", async (scene) => {
    found.drop = await measureDrop(scene);
  });
  await run("fair", async (scene) => {
    found.fair = await measureFairness(scene, 8_000, 10_000);
  });
  return found;
}

function progress(what: string): void {
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.error(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} ${what}`);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
