import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chartOf } from "./bars.ts";
import { OwnParticipant } from "./durable/actors.ts";
import { type Lateness, ourAlarms, theirAlarms } from "./durable/alarms.ts";
import { lmdb } from "./durable/lmdb.ts";
import { ours } from "./durable/ours.ts";
import { raw } from "./durable/raw.ts";
import { type Sleep, sleep } from "./durable/sleep.ts";
import type { Contender, Measured } from "./durable/work.ts";
import { workerd } from "./durable/workerd.ts";

/**
 * Durable actors against raw node:sqlite (the ceiling), LMDB, and a Durable Object on workerd, all on this machine.
 *
 * The contenders take turns, several times over, and each counts with its best turn: a machine that is busy with
 * something else slows some turns and quickens none. `--quick` measures less; `--json` ends with one JSON object;
 * `--write` renews docs/benchmarks/durable.md and its chart. `--layouts` compares ways to lay actors out in files instead.
 */
const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean" },
    json: { type: "boolean" },
    write: { type: "boolean" },
    layouts: { type: "boolean" },
  },
});
const quick = options.quick ?? false;
const turns = quick ? 2 : 7;
const turnMs = quick ? 300 : 600;

const rows = ["writes with 1,000 actors", "writes with 1 actor", "reads with 1,000 actors"] as const;
type Row = (typeof rows)[number];
type Results = Record<Row, Measured>;

const directory = mkdtempSync(join(tmpdir(), "satsuma-bench-"));
try {
  await (options.layouts ? layouts() : main());
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const objects = await workerd(directory);
  const contenders: Contender[] = [
    raw(directory, "structured clone"),
    raw(directory, "JSON"),
    ours(join(directory, "ours")),
    ours(join(directory, "bare"), { retentionMs: 0 }, "Satsuma, no history"),
    lmdb(directory),
    objects,
  ];
  const results = await takingTurns(contenders);
  const alarms = quick ? { count: 500, spanMs: 5_000 } : { count: 5_000, spanMs: 60_000 };
  const late = await ourAlarms(join(directory, "alarms"), alarms.count, alarms.spanMs);
  const theirs = await theirAlarms(objects, alarms.count, alarms.spanMs);
  for (const contender of contenders) await contender.close();
  const slept = await sleep(join(directory, "sleep"), quick ? 10_000 : 100_000);

  const text = report(results, late, theirs, alarms, slept);
  process.stdout.write(`${text}\n`);
  if (options.write) write(text, results);
  if (options.json) process.stdout.write(`${JSON.stringify(figures(results, late, theirs, slept))}\n`);
}

async function layouts(): Promise<void> {
  const shared = [1, 2, 4, 16].map((shards) => ours(join(directory, `${shards}`), { shards }, `${shards} shared`));
  const own = ours(join(directory, "own"), {}, "one each", OwnParticipant);
  const contenders = [raw(directory, "structured clone"), ...shared, own];
  const results = await takingTurns(contenders);
  for (const contender of contenders) await contender.close();
  process.stdout.write(`${tableOf(results)}\n`);
}

async function takingTurns(contenders: readonly Contender[]): Promise<Map<string, Results>> {
  const results = new Map<string, Results>();
  for (const contender of contenders) await contender.write(1_000, turnMs);
  for (let turn = 0; turn < turns; turn++) {
    for (const contender of contenders) {
      results.set(contender.name, better(results.get(contender.name), await turnOf(contender)));
    }
  }
  return results;
}

async function turnOf(contender: Contender): Promise<Results> {
  return {
    "writes with 1,000 actors": await contender.write(1_000, turnMs),
    "writes with 1 actor": await contender.write(1, turnMs),
    "reads with 1,000 actors": await contender.read(1_000, turnMs),
  };
}

function better(before: Results | undefined, now: Results): Results {
  if (before === undefined) return now;
  const best = (row: Row) => (before[row].perSecond > now[row].perSecond ? before[row] : now[row]);
  return { [rows[0]]: best(rows[0]), [rows[1]]: best(rows[1]), [rows[2]]: best(rows[2]) } as Results;
}

function figures(
  results: Map<string, Results>,
  late: Lateness,
  theirs: Lateness,
  slept: Sleep,
): Record<string, number> {
  const per = (name: string, row: Row) => results.get(name)?.[row].perSecond ?? Number.NaN;
  const object = "Durable Object on workerd";
  const ratio = (row: Row, other: string) => round(per("Satsuma", row) / per(other, row));
  return {
    writes_1000_vs_ceiling: ratio(rows[0], "node:sqlite, structured clone"),
    writes_1000_vs_json_ceiling: ratio(rows[0], "node:sqlite, JSON"),
    writes_1000_vs_lmdb: ratio(rows[0], "LMDB, flush awaited"),
    writes_1000_vs_workerd: ratio(rows[0], object),
    writes_1_vs_ceiling: ratio(rows[1], "node:sqlite, structured clone"),
    writes_1_vs_lmdb: ratio(rows[1], "LMDB, flush awaited"),
    writes_1_vs_workerd: ratio(rows[1], object),
    reads_vs_workerd: ratio(rows[2], object),
    alarm_late_p99_ms: round(late.p99Ms),
    alarm_late_p99_ms_workerd: round(theirs.p99Ms),
    wake_p50_ms: round(slept.wakeP50Ms),
    wake_p99_ms: round(slept.wakeP99Ms),
    sleeping_actor_bytes: round(slept.bytesPerActor),
  };
}

function report(
  results: Map<string, Results>,
  late: Lateness,
  theirs: Lateness,
  alarms: { count: number; spanMs: number },
  slept: Sleep,
): string {
  const ratios = Object.entries(figures(results, late, theirs, slept)).map(
    ([key, value]) => `| \`${key}\` | ${value} |`,
  );
  const { count, spanMs } = alarms;
  return [
    tableOf(results),
    "",
    `${count.toLocaleString("en")} alarms in ${spanMs / 1_000} s: ${late.rung} rang, p50 ${late.p50Ms} ms and p99 ${late.p99Ms} ms late; ` +
      `on workerd ${theirs.rung} rang, p50 ${theirs.p50Ms} ms and p99 ${theirs.p99Ms} ms late.`,
    "",
    `Waking a sleeping actor and reading a value: p50 ${slept.wakeP50Ms.toFixed(3)} ms, p99 ${slept.wakeP99Ms.toFixed(3)} ms. ` +
      `${slept.actors.toLocaleString("en")} sleeping actors: ${slept.bytesPerActor.toFixed(1)} bytes of heap each.`,
    "",
    "| ratio or figure | |",
    "|---|---|",
    ...ratios,
  ].join("\n");
}

function tableOf(results: Map<string, Results>): string {
  const cell = ({ perSecond, p99Ms }: Measured) =>
    `${Math.round(perSecond).toLocaleString("en")}/s, p99 ${p99Ms.toFixed(2)} ms`;
  const lines = [...results].map(([name, each]) => `| ${name} | ${rows.map((row) => cell(each[row])).join(" | ")} |`);
  return [`| | ${rows.join(" | ")} |`, `|---|${rows.map(() => "---|").join("")}`, ...lines].join("\n");
}

function write(text: string, results: Map<string, Results>): void {
  const docs = new URL("../docs/benchmarks/", import.meta.url);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() || "virtual CPU"}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
  const groups = rows.map((row) => ({
    title: `Acknowledged ${row}, per second`,
    bars: [...results].map(([label, each]) => ({ label, value: each[row].perSecond })),
  }));
  writeFileSync(new URL("durable.svg", docs), chartOf(groups));
  writeFileSync(new URL("durable.md", docs), page(machine, text));
}

function page(machine: string, text: string): string {
  return `# Durable

\`npm run bench:durable -- --write\` makes this page. Measured on: ${machine}.

![Acknowledged writes and reads per second](durable.svg)

A write stores a participant's record of about 300 bytes and counts when it is acknowledged, which is when it is
durable. Each actor has one client, which begins its next call when the last is acknowledged. Contenders take turns and
count with their best turn.

- **node:sqlite** is the ceiling: no actors, one transaction for all 1,000 rows of a round, \`synchronous=FULL\`. As
  structured clone it keeps what an actor's storage keeps; as JSON it keeps less.
- **LMDB** awaits \`flushed\` after every put.
- **Durable Object on workerd** is driven from inside workerd by RPC. Its clock counts whole milliseconds. Each object has
  a file of its own and syncs it for itself, so 1,000 objects cannot share a sync.
- **Satsuma** keeps 30 days of history for point-in-time restore; **no history** does not.

${text}
`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
