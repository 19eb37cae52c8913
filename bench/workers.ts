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

/** Receivers while the loop is watched. */
const many = 50;
/** Packets a second in, of which each goes to `many`; the last is more than two cores can do. */
const rates = [400, 1_000, 1_600, 2_600, 4_000];
/** Where the cost of crossing is measured: few receivers, or it would drown in theirs. */
const few = 5;
const crossingRates = [1_000, 5_000];
/** Each of which all take, one after the other; what is told is the median. */
const turns = 5;

interface Watched {
  readonly rate: number;
  readonly turns: { readonly cell: Cell; readonly late: Lateness }[];
}

interface Cost {
  readonly rate: number;
  /** µs of all processes for each packet that comes in, with all receivers at the same worker, and at the other one. */
  readonly homeUs: number;
  readonly awayUs: number;
}

interface Loaded {
  readonly name: string;
  readonly watched: Watched[];
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
  const found = contenders.map(({ name }): Loaded => ({ name, watched: [] }));
  for (const rate of rates) {
    for (const { watched } of found) watched.push({ rate, turns: [] });
    for (let turn = 0; turn < turns; turn += 1) {
      for (const [index, station] of stations.entries()) {
        const { running } = contenders[index] as Placed;
        await running().lateness();
        const cell = await station.cell(rate, cellMs);
        const late = await running().lateness();
        found[index]?.watched.at(-1)?.turns.push({ cell, late });
        progress(`${station.contender.name}, ${line(cell)}, loop late by ${ms(late.p50Ms)} / ${ms(late.p99Ms)}`);
      }
    }
  }
  for (const station of stations) await station.close();
  return found;
}

/** What a packet costs, its receivers where it comes in or at the other worker. */
async function costs(contenders: readonly Placed[]): Promise<Cost[]> {
  const stations = await open(contenders, few);
  const found: Cost[] = [];
  for (const rate of crossingRates) {
    const spent = contenders.map((): number[] => []);
    for (let turn = 0; turn < turns; turn += 1) {
      for (const [index, station] of stations.entries()) {
        const cell = await station.cell(rate, cellMs);
        spent[index]?.push((cell.contenderCpuMs * 1_000) / (cell.forwarded / few));
        progress(`${station.contender.name}, ${line(cell)}`);
      }
    }
    const [homeUs = 0, awayUs = 0] = spent.map((each) => median(each));
    found.push({ rate, homeUs, awayUs });
  }
  const crossed = await contenders[1]?.running().crossing();
  if (crossed !== 1) throw new Error(`${crossed} tracks crossed, and not one.`);
  for (const station of stations) await station.close();
  return found;
}

async function open(contenders: readonly Placed[], receivers: number): Promise<Station[]> {
  const stations: Station[] = [];
  for (const contender of contenders) stations.push(await Station.open(contender, receivers, false));
  return stations;
}

function report(loaded: readonly Loaded[], crossing: readonly Cost[]): string {
  const rows = rates.flatMap((_, index) =>
    loaded.map(({ name, watched }) => {
      const { out, loss, late99, late50, packet50, packet99, cores } = middle(watched[index]);
      return `| ${name} | ${whole(out)}/s | ${(loss * 100).toFixed(1)} % | ${ms(late50)} / ${ms(late99)} | ${ms(packet50)} / ${ms(packet99)} | ${share(cores)} |`;
    }),
  );
  return [
    "| media | packets out | lost | room server's loop late by, p50 / p99 | packets late by, p50 / p99 | of one core |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    `| ${few} receivers, packets in | at the same worker | at the other one | more for each packet |`,
    "|---|---|---|---|",
    ...crossing.map(
      ({ rate, homeUs, awayUs }) =>
        `| ${whole(rate)}/s | ${homeUs.toFixed(1)} µs | ${awayUs.toFixed(1)} µs | ${(awayUs - homeUs).toFixed(1)} µs |`,
    ),
  ].join("\n");
}

/** The medians of what was watched at one rate. */
function middle(watched: Watched | undefined) {
  const of = (value: (turn: Watched["turns"][number]) => number) => median(watched?.turns.map(value) ?? []);
  return {
    out: of(({ cell }) => cell.forwardedPerSecond),
    loss: of(({ cell }) => cell.loss),
    late50: of(({ late }) => late.p50Ms),
    late99: of(({ late }) => late.p99Ms),
    packet50: of(({ cell }) => cell.p50Ms),
    packet99: of(({ cell }) => cell.p99Ms),
    cores: of(({ cell }) => cell.contenderCpuMs / cell.elapsedMs),
  };
}

function figures({ name, watched }: Loaded) {
  return { name, watched: watched.map((each) => ({ packets_per_s: each.rate * many, ...middle(each) })) };
}

/** Bars of how late the loop is at p99, in microseconds. */
function chart(loaded: readonly Loaded[]): string {
  return chartOf(
    rates.map((rate, index) => ({
      title: `Room server's event loop late by (µs, p99), ${whole(rate * many)} packets a second to be sent`,
      bars: loaded.map(({ name, watched }) => ({
        label: name === "inside" ? "media inside" : `Satsuma, ${name}`,
        value: middle(watched[index]).late99 * 1_000,
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
