import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { chartOf } from "../bars.ts";
import type { Joined, Updated } from "./crowd.ts";

export interface Result {
  readonly contender: string;
  readonly members: number;
  /** Undefined if not everybody had joined in time. */
  readonly joined: Joined | undefined;
  readonly updates: readonly Updated[];
  /** Sockets that the server closed. */
  readonly lost: number;
}

export function tableOf(results: readonly Result[]): string {
  const sizes = [...new Set(results.map(({ members }) => members))];
  return sizes
    .map((size) => {
      const rows = results.filter(({ members }) => members === size).map(rowOf);
      return [
        `### ${size.toLocaleString("en")} members`,
        "",
        "| | all joined | memory per member | updates/s | CPU per update | bytes per update and member | p50 | p99 |",
        "|---|---|---|---|---|---|---|---|",
        ...rows.flat(),
      ].join("\n");
    })
    .join("\n\n");
}

function rowOf({ contender, joined, updates, lost }: Result): string[] {
  if (joined === undefined) return [`| ${contender} | fails: not everybody was in in time | | | | | | |`];
  return updates.map((update, index) => {
    const first =
      index === 0 ? `${contender} | ${joined.seconds.toFixed(2)} s | ${kilobytes(joined.bytesPerMember)}` : " | |";
    const missed = update.missed > 0 || lost > 0 ? ` (${update.missed} missed, ${lost} sockets lost)` : "";
    return (
      `| ${first} | ${update.perSecond} | ${update.cpuMsPerUpdate.toFixed(2)} ms | ${Math.round(update.bytesPerMember).toLocaleString("en")} ` +
      `| ${ms(update.p50Ms)} | ${ms(update.p99Ms)}${missed} |`
    );
  });
}

/** What the aims of docs/benchmarks/rooms.md are measured by. */
export function figures(results: readonly Result[]): Record<string, number> {
  const of = (contender: string, members: number, perSecond: number) =>
    results
      .find((result) => result.contender === contender && result.members === members)
      ?.updates.find((update) => update.perSecond === perSecond);
  const ours = results.find(({ contender, members }) => contender === "Satsuma" && members === 1_000);
  const [mine, ceiling, io] = ["Satsuma", "bare ws broadcast", "socket.io room"].map((name) => of(name, 1_000, 100));
  const found = {
    bytes_per_update_per_member_1000: mine?.bytesPerMember,
    p99_ms_1000: mine?.p99Ms,
    vs_ceiling_1000: mine && ceiling && ceiling.cpuMsPerUpdate / mine.cpuMsPerUpdate,
    vs_socketio_1000: mine && io && io.cpuMsPerUpdate / mine.cpuMsPerUpdate,
    join_1000_s: ours?.joined?.seconds,
    orange_200_p99_ms: of("Satsuma, Orange's dialect", 200, 20)?.p99Ms,
  };
  const measured = Object.entries(found).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(measured.map(([key, value]) => [key, Math.round(value * 100) / 100]));
}

export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model.trim() || "virtual CPU"}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

export function pageOf(results: readonly Result[]): void {
  const docs = new URL("../../docs/benchmarks/", import.meta.url);
  const sizes = [...new Set(results.map(({ members }) => members))];
  const groups = sizes.flatMap((size) => {
    const bars = results
      .filter(({ members }) => members === size)
      .flatMap(({ contender, updates }) => {
        const [update] = updates;
        return update === undefined ? [] : [{ label: contender, value: update.cpuMsPerUpdate * 1_000 }];
      });
    const title = `Microseconds of server CPU per update told to ${size.toLocaleString("en")} members, 20 updates a second`;
    return bars.length === 0 ? [] : [{ title, bars }];
  });
  writeFileSync(new URL("rooms.svg", docs), chartOf(groups));
  const ratios = Object.entries(figures(results)).map(([key, value]) => `| \`${key}\` | ${value} |`);
  writeFileSync(
    new URL("rooms.md", docs),
    page(machine(), [tableOf(results), "", "| figure | |", "|---|---|", ...ratios]),
  );
}

function page(machine: string, lines: readonly string[]): string {
  return `# Rooms

\`npm run bench:rooms -- --write\` makes this page. Measured on: ${machine}.

![Microseconds of server CPU per update](rooms.svg)

Everybody is in one room. The server has one core; all members are in one other process on another core, which takes part
in every time below. "All joined" ends when the last member has been let in and has heard of a change made after that.
p50 and p99 are from saying a change until the last member has it. \`vs_ceiling_1000\` is the ceiling's CPU per update
at 100 a second divided by ours: above 1, a whole room server costs less than the ceiling does.

- **Satsuma**: a member renames themselves. The change is stored durably, told as a delta and acknowledged, and members ping.
- **bare ws broadcast** repeats as many bytes to everyone, and does nothing else. It is the ceiling.
- **socket.io room** does the same with its own rooms.
- **full state to all** is Orange's design: every user a row, every change reads all rows and sends the whole state to
  everyone; on workerd, over the same \`partyserver\`.

${lines.join("\n")}

Ten thousand sockets in a thousand rooms, for ten minutes: [rooms-soak.md](rooms-soak.md).
`;
}

function ms(value: number): string {
  return Number.isNaN(value) ? "never" : `${value.toFixed(1)} ms`;
}

function kilobytes(value: number): string {
  return `${Math.round(value / 1_000).toLocaleString("en")} kB`;
}
