/**
 * `npm run bench:forward`: what forwarding a packet costs, side by side in one run.
 *
 * One publisher, K receivers, 1,200-byte RTP, real ICE, DTLS and SRTP over loopback; the media server has one core and the
 * generator another. Contenders: the bare transport loop (the ceiling), Satsuma, Janus, werift. docs/benchmarks.md says
 * what the generator is and how a cell is measured.
 *
 * Options: `--quick` measures less (in under six minutes), `--minutes 10` goes on for so long at half load and watches the memory
 * (`--hour` for an hour; `--share 0.1` watches at a tenth of the most instead of half), `--json` ends with one JSON object, `--chart file.svg`, `--raw file.json` has every cell, `--only Satsuma`
 * one contender and `--receivers 50` one number of them (both repeatable), `--no-feedback` has receivers that know no
 * transport-wide feedback, so that congestion control has nothing to go by.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { NoProgramError } from "../scripts/debian.ts";
import { chartOf } from "./bars.ts";
import { type Contender, MissingError } from "./forward/contender.ts";
import { ensureCompiler } from "./forward/generator.ts";
import { ensureJanus, janus } from "./forward/janus.ts";
import { hasOwnNetwork, runInOwnNetwork } from "./forward/namespace.ts";
import { ownProcess } from "./forward/own-process.ts";
import { pinned } from "./forward/process.ts";
import { type Findings, figures, groups, raw, report } from "./forward/report.ts";
import { satsuma } from "./forward/satsuma.ts";
import { commonRate, mostOf, nextRate } from "./forward/search.ts";
import { type Cell, Station } from "./forward/station.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    hour: { type: "boolean", default: false },
    minutes: { type: "string" },
    share: { type: "string", default: "0.5" },
    json: { type: "boolean", default: false },
    chart: { type: "string" },
    raw: { type: "string" },
    receivers: { type: "string", multiple: true },
    "no-feedback": { type: "boolean", default: false },
    only: { type: "string", multiple: true },
  },
});

const bare = ownProcess("bare loop", "bare.child.ts");
const werift = ownProcess("werift", "werift.child.ts");
const contenders = [bare, satsuma, janus, werift].filter(({ name }) => options.only?.includes(name) ?? true);
const names = { bare: bare.name, ours: satsuma.name, janus: janus.name, werift: werift.name };

/** Numbers of receivers, and how many cells their search has. The first is also the one whose latency is measured. */
const plan = [
  { receivers: 50, steps: options.quick ? 6 : 10 },
  { receivers: 1, steps: 3 },
  { receivers: 10, steps: 3 },
  { receivers: 200, steps: 4 },
].filter(({ receivers }) => options.receivers?.includes(`${receivers}`) ?? true);
const cellMs = options.quick ? 1_000 : 2_000;
const sameRateRounds = 3;
const longCellMs = options.quick ? 2_000 : 5_000;
const overTimeMs = options.hour
  ? 3_600_000
  : options.minutes
    ? Number(options.minutes) * 60_000
    : options.quick
      ? 0
      : 120_000;

const inner = await inOwnNetwork();
if (inner === undefined) await main();
else process.exitCode = inner;

async function inOwnNetwork(): Promise<number | undefined> {
  if (hasOwnNetwork) return undefined;
  // Before: inside there is no way to a package.
  ensureCompiler();
  try {
    ensureJanus();
  } catch (error) {
    if (!(error instanceof NoProgramError)) throw error;
    progress(error.message);
  }
  return runInOwnNetwork();
}

async function main(): Promise<void> {
  if (!pinned) progress("Nothing is pinned to a core: that takes two cores and taskset.");
  const all = contenders.map(
    ({ name }): Findings => ({ name, cells: new Map(), atOneRate: new Map(), memory: new Map(), overTime: [] }),
  );
  for (const { receivers, steps } of plan) {
    const stations = await openAll(all, receivers);
    try {
      for (let step = 0; step < steps; step += 1) await takeTurns(all, stations, receivers);
      await atOneRate(all, stations, receivers);
      if (receivers === plan[0]?.receivers) for (const station of stations) await atHalfLoad(all, station);
    } finally {
      for (const station of stations) await station.close();
    }
  }
  process.stdout.write(`${report(all, names)}\n\n${machine()}\n`);
  if (options.chart) await write(options.chart, chartOf(groups(all)));
  if (options.raw) await write(options.raw, raw(all, names, machine()));
  if (options.json) process.stdout.write(`${JSON.stringify(figures(all, names))}\n`);
}

async function openAll(all: readonly Findings[], receivers: number): Promise<Station[]> {
  const stations: Station[] = [];
  for (const contender of contenders) {
    const findings = findingsOf(all, contender);
    if (findings.missing !== undefined) continue;
    try {
      const station = await Station.open(contender, receivers, !options["no-feedback"]);
      stations.push(station);
      findings.memory.set(receivers, station.memoryPerSession);
      findings.profiles = station.profiles;
      progress(`${contender.name}: ${receivers} receivers are connected`);
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      findings.missing = error.message;
      progress(`${contender.name} is not measured: ${error.message}`);
    }
  }
  return stations;
}

async function takeTurns(all: readonly Findings[], stations: readonly Station[], receivers: number): Promise<void> {
  for (const station of stations) {
    const { cells } = findingsOf(all, station.contender);
    const before = cells.get(receivers) ?? [];
    const cell = await station.cell(nextRate(before, receivers), cellMs);
    cells.set(receivers, [...before, cell]);
    progress(`${station.contender.name}, ${line(cell)}`);
  }
}

/**
 * A packet costs less the more there are, and the searches end at other rates. So the two that are compared most closely take
 * turns at one.
 */
async function atOneRate(all: readonly Findings[], stations: readonly Station[], receivers: number): Promise<void> {
  const compared = stations.filter(({ contender }) => contender === bare || contender === satsuma);
  const rate = commonRate(compared.map(({ contender }) => findingsOf(all, contender).cells.get(receivers) ?? []));
  if (compared.length < 2 || rate === undefined) return;
  for (let round = 0; round < sameRateRounds; round += 1) {
    for (const station of compared) {
      const cell = await station.cell(rate, cellMs);
      const { atOneRate: cells } = findingsOf(all, station.contender);
      cells.set(receivers, [...(cells.get(receivers) ?? []), cell]);
      progress(`${station.contender.name} at one rate, ${line(cell)}`);
    }
  }
}

/** Latency at half of the most, and for ours what memory does while packets flow. */
async function atHalfLoad(all: readonly Findings[], station: Station): Promise<void> {
  const { contender, receivers } = station;
  const findings = findingsOf(all, contender);
  const most = mostOf(findings.cells.get(receivers) ?? []);
  if (most === undefined) return;
  const rate = Math.round(most.packetsPerSecond / 2);
  findings.halfLoad = await station.cell(rate, longCellMs);
  progress(`${contender.name} at half load, ${line(findings.halfLoad)}`);
  if (contender !== satsuma) return;
  const watchedRate = Math.round(most.packetsPerSecond * Number(options.share));
  for (const start = performance.now(); performance.now() - start < overTimeMs; ) {
    const { loss } = await station.cell(watchedRate, longCellMs);
    const ms = performance.now() - start;
    const bytes = station.residentBytes;
    findings.overTime.push({ ms, bytes });
    progress(
      `${contender.name} after ${Math.round(ms / 1_000)} s: ${Math.round(bytes / 1_024)} kB, ${percent(loss)} lost`,
    );
  }
}

function findingsOf(all: readonly Findings[], { name }: Contender): Findings {
  const found = all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`Nothing is kept of ${name}.`);
  return found;
}

function line(cell: Cell): string {
  const { receivers, packetsPerSecond, packetsPerCpuSecond, forwardedPerSecond, loss } = cell;
  return (
    `${receivers} receivers, ${packetsPerSecond} packets/s in: ${Math.round(forwardedPerSecond)}/s out, ${percent(loss)} lost, ` +
    `${Math.round(packetsPerCpuSecond)} per CPU-second, p50 ${cell.p50Ms.toFixed(2)} ms, p99 ${cell.p99Ms.toFixed(2)} ms, ` +
    `generator ${percent(cell.generatorBusy)} busy, others on the core ${percent(cell.others)}`
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() || "virtual CPU"}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}
