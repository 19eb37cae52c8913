/** What was measured, as figures for a program and as tables for people. */
import type { Group } from "../bars.ts";
import { bestOf, mostOf, overall } from "./search.ts";
import type { Cell } from "./station.ts";

/** Everything about one contender. */
export interface Findings {
  readonly name: string;
  /** Why there are no numbers. */
  missing?: string;
  /** Cells by number of receivers. */
  readonly cells: Map<number, Cell[]>;
  /** Cells at the rate of those that it is compared with, by number of receivers. */
  readonly atOneRate: Map<number, Cell[]>;
  halfLoad?: Cell;
  /** Bytes, by number of receivers. */
  readonly memory: Map<number, number>;
  profiles?: { readonly publisher: string; readonly receivers: string };
  /** Resident bytes while packets flowed at half load, oldest first, with the ms since the first. */
  readonly overTime: { readonly ms: number; readonly bytes: number }[];
}

export interface Names {
  readonly ours: string;
  readonly bare: string;
  readonly janus: string;
  readonly werift: string;
}

const main = 50;

/** docs/decisions/0013-forward-bench.md tells more. */
const absent =
  "mediasoup is not among them: its worker is fetched from GitHub when it is installed, or built with a toolchain of its own.";

export function figures(all: readonly Findings[], names: Names): Record<string, number | string | null> {
  const of = (name: string) => all.find((each) => each.name === name);
  const perCpu = (name: string, receivers: number) =>
    bestOf(of(name)?.cells.get(receivers) ?? [])?.packetsPerCpuSecond ?? Number.NaN;
  const most = (name: string) => mostOf(of(name)?.cells.get(main) ?? [])?.forwardedPerSecond ?? Number.NaN;
  const ours = of(names.ours);
  const counts = [...(ours?.cells.keys() ?? [])];
  const memory = Math.max(...counts) === Number.NEGATIVE_INFINITY ? undefined : ours?.memory.get(Math.max(...counts));
  const busy = all.flatMap(({ cells }) => [...cells.values()].flat().map(({ generatorBusy }) => generatorBusy));
  const others = all.flatMap(({ cells }) => [...cells.values()].flat().map((cell) => cell.others));
  const atOneRate = (name: string, receivers: number) =>
    overall(of(name)?.atOneRate.get(receivers) ?? []) ?? Number.NaN;
  const sameRate = counts.filter((count) => ours?.atOneRate.has(count));
  const vs = (other: string, receivers: number) => rounded(perCpu(names.ours, receivers) / perCpu(other, receivers), 2);
  return {
    k50_vs_bare: vs(names.bare, main),
    k50_vs_janus: vs(names.janus, main),
    k50_vs_werift: vs(names.werift, main),
    ...Object.fromEntries(
      counts.map((count) => [`k${count}_packets_per_cpu_s`, rounded(perCpu(names.ours, count), 0)]),
    ),
    ...Object.fromEntries(
      counts.filter((count) => count !== main).map((count) => [`k${count}_vs_bare`, vs(names.bare, count)]),
    ),
    ...Object.fromEntries(
      sameRate.map((count) => [
        `k${count}_vs_bare_same_rate`,
        rounded(atOneRate(names.ours, count) / atOneRate(names.bare, count), 2),
      ]),
    ),
    k50_most_packets_per_s: rounded(most(names.ours), 0),
    k50_most_vs_bare: rounded(most(names.ours) / most(names.bare), 2),
    latency_p50_ms_half_load: rounded(ours?.halfLoad?.p50Ms, 2),
    latency_p99_ms_half_load: rounded(ours?.halfLoad?.p99Ms, 2),
    memory_kb_per_session: rounded(memory && memory / 1_024, 0),
    memory_growth_kb_per_min: rounded(growth(ours?.overTime ?? []), 0),
    generator_busy_most: rounded(Math.max(...busy), 2),
    others_on_core_most: rounded(Math.max(...others), 2),
  };
}

export function report(all: readonly Findings[], names: Names): string {
  const measured = all.filter(({ missing }) => missing === undefined);
  const counts = [...new Set(measured.flatMap(({ cells }) => [...cells.keys()]))].sort((a, b) => a - b);
  const perCpu = measured.map(({ name, cells }) => [
    name,
    ...counts.map((count) => number(bestOf(cells.get(count) ?? [])?.packetsPerCpuSecond)),
  ]);
  const others = measured.map(({ name, cells, halfLoad, memory }) => [
    name,
    number(mostOf(cells.get(main) ?? [])?.forwardedPerSecond),
    `${number(halfLoad?.p50Ms, 2)} / ${number(halfLoad?.p99Ms, 2)} ms`,
    `${number(halfLoad?.forwardedPerSecond)}/s`,
    ...[Math.max(...memory.keys())].map((count) => `${number((memory.get(count) ?? Number.NaN) / 1_024)} kB`),
  ]);
  const values = Object.entries(figures(all, names)).map(([key, value]) => [`\`${key}\``, String(value ?? "–")]);
  const ciphers = measured.flatMap(({ name, profiles }) =>
    profiles === undefined ? [] : [`${name} ${short(profiles.publisher)} in, ${short(profiles.receivers)} out`],
  );
  return [
    "Packets forwarded per CPU-second of the media server:",
    "",
    table(["", ...counts.map((count) => `${count} receivers`)], perCpu),
    "",
    table(["50 receivers", "most, one core", "latency p50 / p99", "at half load", "memory per session"], others),
    "",
    `SRTP: ${ciphers.join("; ")}.`,
    ...all.flatMap(({ name, missing }) => (missing === undefined ? [] : [`${name} was not measured: ${missing}`])),
    absent,
    "",
    table(["ratio or figure", ""], values),
  ].join("\n");
}

export function groups(all: readonly Findings[]): Group[] {
  const bars = (title: string, value: (findings: Findings) => number | undefined): Group => ({
    title,
    bars: all.flatMap((findings) => {
      const found = value(findings);
      return found === undefined ? [] : [{ label: findings.name, value: found }];
    }),
  });
  return [
    bars("Packets per CPU-second, 50 receivers", ({ cells }) => bestOf(cells.get(main) ?? [])?.packetsPerCpuSecond),
    bars(
      "Most packets per second out of one core, 50 receivers",
      ({ cells }) => mostOf(cells.get(main) ?? [])?.forwardedPerSecond,
    ),
  ];
}

/** Everything that was measured, for whoever wants to look closer. */
export function raw(all: readonly Findings[], names: Names, machine: string): string {
  const contenders = all.map(({ name, missing, cells, atOneRate, halfLoad, memory, profiles, overTime }) => ({
    name,
    missing,
    profiles,
    memoryPerSession: Object.fromEntries(memory),
    cells: [...cells.values()].flat(),
    atOneRate: [...atOneRate.values()].flat(),
    halfLoad,
    overTime,
  }));
  return `${JSON.stringify({ machine, figures: figures(all, names), contenders }, null, 1)}\n`;
}

/** ms below which it says nothing: a young heap grows whatever happens. */
const shortestGrowth = 60_000;

/** The straight line through them, in kB a minute; without the first fifth, in which buffers and code settle. */
function growth(all: Findings["overTime"]): number | undefined {
  const samples = all.slice(Math.floor(all.length / 5));
  if ((samples.at(-1)?.ms ?? 0) - (samples[0]?.ms ?? 0) < shortestGrowth) return undefined;
  const mean = (of: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [ms, bytes] = [mean((sample) => sample.ms), mean((sample) => sample.bytes)];
  const slope =
    samples.reduce((sum, sample) => sum + (sample.ms - ms) * (sample.bytes - bytes), 0) /
    samples.reduce((sum, sample) => sum + (sample.ms - ms) ** 2, 0);
  return (slope * 60_000) / 1_024;
}

function short(profile: string): string {
  return profile.replace("SRTP_", "").replaceAll("_", "-");
}

function number(value: number | undefined, digits = 0): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** JSON knows no NaN. */
function rounded(value: number | undefined, digits: number): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(digits));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}
