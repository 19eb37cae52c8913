/**
 * `npm run bench:workers`: what it brings, and what it costs, to serve media in processes beside the room server.
 *
 * One publisher, K receivers, 1,200-byte RTP, real ICE, DTLS and SRTP over loopback, the generator of bench:forward.
 * Three questions: how late the room server's event loop is while media flows; how many packets a second come out; and
 * what it costs that a track crosses from one worker to another. The generator has one core for itself as long as there are
 * no more than two, and competes for it with whoever may use both.
 *
 * Options: `--seconds 3` of each cell, `--json` one JSON object as the last line, `--chart file.svg`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { chartOf } from "./bars.ts";
import { ensureCompiler } from "./forward/generator.ts";
import { hasOwnNetwork, runInOwnNetwork } from "./forward/namespace.ts";
import { mostOf, nextRate } from "./forward/search.ts";
import { type Cell, Station } from "./forward/station.ts";
import { host, type Lateness, type Placed } from "./workers/host.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    chart: { type: "string" },
  },
});
const cellMs = Number(options.seconds) * 1_000;

/** Receivers where the most is looked for and the loop is watched. */
const many = 50;
/** Packets a second in, of which each goes to `many`. */
const rates = [200, 600, 1_000, 1_400];
const steps = 7;
/** Where the cost of crossing is measured: few receivers, or it would drown in theirs. */
const few = 5;
const crossingRate = 2_000;
const turns = 4;

interface Watched {
  readonly rate: number;
  readonly cell: Cell;
  readonly late: Lateness;
}

interface Loaded {
  readonly name: string;
  readonly watched: Watched[];
  readonly cells: Cell[];
}

const inner = hasOwnNetwork ? undefined : await outside();
if (inner === undefined) await main();
else process.exitCode = inner;

async function outside(): Promise<number | undefined> {
  // Before: inside there is no way to a package.
  ensureCompiler();
  return runInOwnNetwork();
}

async function main(): Promise<void> {
  const loaded = await underLoad([host("inside", 1, "any", true), host("2 workers", 2, "any", true)]);
  const home = host("home", 2, 0, false);
  const away = host("away", 2, 1, false);
  const crossing = await costs([home, away]);
  process.stdout.write(`${report(loaded, crossing)}\n\n${machine()}\n`);
  if (options.chart) {
    await mkdir(dirname(options.chart), { recursive: true });
    await writeFile(options.chart, chart(loaded));
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ loaded: loaded.map(figures), crossing })}\n`);
}

/** They take turns, cell by cell, so that whatever else the machine does meets all of them. */
async function underLoad(contenders: readonly Placed[]): Promise<Loaded[]> {
  const stations = await open(contenders, many);
  const found = contenders.map(({ name }): Loaded => ({ name, watched: [], cells: [] }));
  for (const rate of rates) {
    for (const [index, station] of stations.entries()) {
      const { running } = contenders[index] as Placed;
      await running().lateness();
      const cell = await station.cell(rate, cellMs);
      const late = await running().lateness();
      found[index]?.watched.push({ rate, cell, late });
      progress(`${station.contender.name}, ${line(cell)}, loop late by ${ms(late.p50Ms)} / ${ms(late.p99Ms)}`);
    }
  }
  for (let step = 0; step < steps; step += 1) {
    for (const [index, station] of stations.entries()) {
      const { cells } = found[index] as Loaded;
      cells.push(await station.cell(nextRate(cells, many), cellMs));
      progress(`${station.contender.name}, ${line(cells.at(-1) as Cell)}`);
    }
  }
  for (const station of stations) await station.close();
  return found;
}

/** CPU time of both workers for each packet that came in, its receivers where it comes in, or at the other one. */
async function costs(contenders: readonly Placed[]) {
  const stations = await open(contenders, few);
  const spent = contenders.map((): number[] => []);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, station] of stations.entries()) {
      const cell = await station.cell(crossingRate, cellMs);
      spent[index]?.push((cell.contenderCpuMs * 1_000) / (cell.forwarded / few));
      progress(`${station.contender.name}, ${line(cell)}`);
    }
  }
  const crossed = await contenders[1]?.running().crossing();
  if (crossed !== 1) throw new Error(`${crossed} tracks crossed, and not one.`);
  for (const station of stations) await station.close();
  const [homeUs = 0, awayUs = 0] = spent.map((each) => median(each));
  const perReceiver = homeUs / few;
  return { homeUs, awayUs, crossingUs: awayUs - homeUs, perReceiverUs: perReceiver };
}

async function open(contenders: readonly Placed[], receivers: number): Promise<Station[]> {
  const stations: Station[] = [];
  for (const contender of contenders) stations.push(await Station.open(contender, receivers, false));
  return stations;
}

function report(loaded: readonly Loaded[], crossing: Awaited<ReturnType<typeof costs>>): string {
  const rows = loaded.flatMap(({ name, watched }) =>
    watched.map(
      ({ cell, late }) =>
        `| ${name} | ${whole(cell.forwardedPerSecond)}/s | ${(cell.loss * 100).toFixed(2)} % | ${ms(late.p50Ms)} / ${ms(late.p99Ms)} / ${ms(late.mostMs)} | ${ms(cell.p50Ms)} / ${ms(cell.p99Ms)} | ${share(cell.contenderCpuMs / cell.elapsedMs)} |`,
    ),
  );
  const most = loaded.map(({ name, cells }) => {
    const best = mostOf(cells);
    return `| ${name} | ${best ? `${whole(best.forwardedPerSecond)}/s` : "–"} | ${best ? share(best.contenderCpuMs / best.elapsedMs) : "–"} | ${best ? share(best.generatorBusy) : "–"} |`;
  });
  const { homeUs, awayUs, crossingUs, perReceiverUs } = crossing;
  return [
    "| media | packets out | lost | room server's loop late by, p50 / p99 / most | packets late by, p50 / p99 | of one core |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    "| media | most below 0.5 % loss | of one core | generator, of one core |",
    "|---|---|---|---|",
    ...most,
    "",
    `A packet for ${few} receivers: ${homeUs.toFixed(1)} µs at one worker, ${awayUs.toFixed(1)} µs when it crosses: ${crossingUs.toFixed(1)} µs more, ` +
      `where one receiver costs ${perReceiverUs.toFixed(1)} µs.`,
  ].join("\n");
}

function figures({ name, watched, cells }: Loaded) {
  const most = mostOf(cells);
  return {
    name,
    most_packets_per_s: most && Math.round(most.forwardedPerSecond),
    loop: watched.map(({ cell, late }) => ({
      packets_per_s: Math.round(cell.forwardedPerSecond),
      loss: cell.loss,
      late_p50_ms: late.p50Ms,
      late_p99_ms: late.p99Ms,
      packet_p99_ms: cell.p99Ms,
    })),
  };
}

/** Bars of how late the loop is at p99, in microseconds. */
function chart(loaded: readonly Loaded[]): string {
  return chartOf(
    rates.map((rate, index) => ({
      title: `Room server's event loop late by (µs, p99), ${whole(rate * many)} packets a second out`,
      bars: loaded.map(({ name, watched }) => ({
        label: name === "inside" ? "media inside" : `Satsuma, ${name}`,
        value: (watched[index]?.late.p99Ms ?? 0) * 1_000,
      })),
    })),
  );
}

function line(cell: Cell): string {
  return (
    `${cell.receivers} receivers, ${cell.packetsPerSecond} packets/s in: ${whole(cell.forwardedPerSecond)}/s out, ` +
    `${(cell.loss * 100).toFixed(2)} % lost, ${share(cell.contenderCpuMs / cell.elapsedMs)} of a core, p99 ${ms(cell.p99Ms)}, ` +
    `generator ${share(cell.generatorBusy)} busy`
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = low] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function share(value: number): string {
  return `${Math.round(value * 100)} %`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() || "virtual CPU"}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}
