/** The network benchmark as tables for people, and its few numbers that have an aim. */
import type { Sample, StageRow } from "./drop.ts";
import type { Fairness } from "./fair.ts";
import type { JoinRow } from "./join.ts";
import type { LossRow } from "./loss.ts";
import type { Mode } from "./scene.ts";

export interface Measured {
  loss?: LossRow[];
  join?: JoinRow[];
  drop?: { rows: StageRow[]; samples: Sample[] };
  fair?: Fairness;
}

type Both = Partial<Record<Mode, Measured>>;

const names: Readonly<Record<Mode, string>> = { full: "this server", plain: "plain forwarder" };

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal. */
export function text(measured: Both): string {
  return tables(measured).map(aligned).join("\n");
}

/** Of all parts that were measured. */
export function tables(measured: Both): Table[] {
  const modes = (Object.keys(measured) as Mode[]).map((mode) => ({ name: names[mode], ...measured[mode] }));
  const loss = modes.flatMap(({ name, loss = [] }) =>
    loss.map((row) => [
      name,
      `${row.loss} % ${row.way}`,
      row.frames.toFixed(1),
      `${row.frozen.toFixed(1)} %`,
      `${row.width}`,
      kilobits(row.bitrate),
      `${row.concealed.toFixed(1)} %`,
    ]),
  );
  const join = modes.flatMap(({ name, join = [] }) =>
    join.map((row) => [name, `${row.roundTrip} ms`, `${row.loss} %`, `${row.p50_ms}`, `${row.p95_ms}`, `${row.blind}`]),
  );
  const drop = modes.flatMap(({ name, drop }) =>
    (drop?.rows ?? []).map((row) => [
      name,
      kilobits(row.rate),
      row.settled === undefined ? "never" : `${(row.settled / 1_000).toFixed(1)} s`,
      `${row.queue.toFixed(0)} ms`,
      `${row.used.toFixed(0)} %`,
      `${row.frozen.toFixed(1)} %`,
    ]),
  );
  const fair = modes.flatMap(({ name, fair }) =>
    fair === undefined
      ? []
      : [
          [
            name,
            fair.viewers.map(({ bitrate }) => kilobits(bitrate)).join(" and "),
            fair.index.toFixed(2),
            `${fair.used.toFixed(0)} %`,
            `${fair.queue.toFixed(0)} ms`,
            fair.viewers.map(({ frozen }) => `${frozen.toFixed(1)} %`).join(" and "),
          ],
        ],
  );
  return [
    { title: "Lost packets", head: ["", "loss", "frames/s", "frozen", "width", "kbit/s", "sound made up"], rows: loss },
    {
      title: "From asking for a track to its first frame",
      head: ["", "round trip", "loss", "p50 ms", "p95 ms", "none in time"],
      rows: join,
    },
    {
      title: "A downlink that changes",
      head: ["", "kbit/s", "settled", "longest wait after", "used", "frozen"],
      rows: drop,
    },
    {
      title: "Two viewers behind 2 Mbit/s",
      head: ["", "kbit/s", "Jain", "used", "longest wait", "frozen"],
      rows: fair,
    },
  ].filter(({ rows }) => rows.length > 0);
}

/** What the aims of docs/benchmarks.md are about, of this server alone. */
export function verdict({ full = {}, plain = {} }: Both): Record<string, unknown> {
  const frozen = ({ loss = [] }: Measured, way: string) =>
    Object.fromEntries(loss.filter((row) => row.way === way).map((row) => [row.loss, round(row.frozen)]));
  const [, narrow, narrower, wide] = full.drop?.rows ?? [];
  return {
    frozen_percent_by_loss_down: frozen(full, "down"),
    frozen_percent_by_loss_up: frozen(full, "up"),
    plain_frozen_percent_by_loss_down: frozen(plain, "down"),
    plain_frozen_percent_by_loss_up: frozen(plain, "up"),
    settled_ms_1000k: narrow?.settled,
    settled_ms_300k: narrower?.settled,
    settled_ms_back: wide?.settled,
    queue_ms_1000k: narrow && round(narrow.queue),
    queue_ms_300k: narrower && round(narrower.queue),
    used_percent_1000k: narrow && round(narrow.used),
    used_percent_300k: narrower && round(narrower.used),
    jain: full.fair && round(full.fair.index, 100),
    first_frame_p50_ms: Object.fromEntries(
      (full.join ?? []).map(({ roundTrip, loss, p50_ms }) => [`${roundTrip}ms_${loss}%`, p50_ms]),
    ),
  };
}

function aligned({ title, head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  return `\n${title}\n\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

function kilobits(rate: number): string {
  return `${Math.round(rate / 1_000)}`;
}

function round(value: number, by = 10): number {
  return Math.round(value * by) / by;
}
