/** What the soak tells: a few lines, a page, and memory over time as SVG that reads well on light and on dark ground. */
import { writeFileSync } from "node:fs";
import { machine } from "./report.ts";
import { type Held, megabytes, type Sample } from "./soak.ts";

export function linesOf(held: Held): string[] {
  const { sockets, rooms, minutes, lost, changed, empty, samples, usedPerMinute, rssPerMinute, isFlat, left } = held;
  const last = samples.at(-1) ?? empty;
  const reasons = Object.entries(lost);
  const gone = reasons.reduce((sum, [, count]) => sum + count, 0);
  const why = reasons.length > 0 ? ` (${reasons.map(([reason, count]) => `${count} × ${reason}`).join(", ")})` : "";
  const each = (last.used - empty.used) / sockets;
  const all = (last.rss - empty.rss) / sockets;
  return [
    `| | in use | V8's heap | the process |`,
    "|---|---|---|---|",
    `| before anybody came | ${row(empty)} |`,
    `| ${sockets.toLocaleString("en")} sockets in ${rooms.toLocaleString("en")} rooms, after ${minutes} minutes | ${row(last)} |`,
    `| for each socket, its share of its room included | ${(each / 1e3).toFixed(1)} kB | | ${(all / 1e3).toFixed(1)} kB |`,
    `| slope over the second half, a minute | ${megabytes(usedPerMinute)} | | ${megabytes(rssPerMinute)} |`,
    left === undefined
      ? "| once everybody had gone | the rooms did not fall asleep | | |"
      : `| once everybody had gone and all rooms slept | ${row(left)} |`,
    "",
    `${gone} sockets were lost${why}, ${changed.toLocaleString("en")} people went and came back or made room for somebody else. ` +
      `Memory in use is **${isFlat ? "flat" : "not flat"}**: flat is less than 1 % in ten minutes.`,
  ];
}

function row({ used, heap, rss }: Sample): string {
  return [used, heap, rss].map(megabytes).join(" | ");
}

export function soakPage(held: Held): void {
  const docs = new URL("../../docs/benchmarks/", import.meta.url);
  writeFileSync(new URL("rooms-soak.svg", docs), chart(held));
  writeFileSync(
    new URL("rooms-soak.md", docs),
    `# Rooms for a long time

\`npm run bench:rooms -- --soak --write\` makes this page. Measured on: ${machine()}.

![Memory over ${held.minutes} minutes](rooms-soak.svg)

Everybody pings every ${held.pingMs / 1_000} s. In each room somebody renames themselves or says something every 10 s, which is stored and told
to all, and once a minute one of them is cut off: half of these come back as who they were, half are followed by somebody
else. "In use" are objects and buffers that something still refers to, after garbage was collected. The process has in
addition what garbage, gaps, SQLite and the program take. The largest part of that are the 134 MB
that V8 sets aside for new objects: it takes hold of them page by page in the first minutes, and gives none back. With
\`--max-semi-space-size=8\` they are some 30 MB.

${linesOf(held).join("\n")}
`,
  );
}

const width = 720;
const height = 280;
const left = 70;
const right = 20;
const top = 56;
const bottom = height - 40;

function chart({ samples, minutes }: Held): string {
  const most = Math.max(...samples.map(({ rss }) => rss));
  const tick = [10, 20, 50, 100, 200].map((step) => step * 1e6).find((step) => most / step <= 6) ?? 500e6;
  const end = Math.ceil(most / tick) * tick;
  const x = (at: number) => (left + (at / (minutes * 60_000)) * (width - left - right)).toFixed(1);
  const y = (bytes: number) => (bottom - (bytes / end) * (bottom - top)).toFixed(1);
  const line = (of: (sample: Sample) => number) =>
    samples.map((sample, index) => `${index === 0 ? "M" : "L"}${x(sample.at)} ${y(of(sample))}`).join("");
  const levels = Array.from({ length: end / tick + 1 }, (_, index) => index * tick);
  const times = Array.from({ length: Math.floor(minutes) + 1 }, (_, minute) => minute);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Memory over ${minutes} minutes">
<style>
text { font: 13px system-ui, sans-serif; fill: #57514a; } .title { font-size: 15px; font-weight: 600; }
.grid { stroke: #8884; } path { fill: none; stroke-width: 2; }
.used { stroke: #e8710a; } .all { stroke: #7a8ba8; } .name-used { fill: #e8710a; } .name-all { fill: #7a8ba8; }
@media (prefers-color-scheme: dark) { text { fill: #cfc7bc; } .name-used { fill: #e8710a; } .name-all { fill: #93a5c4; } .all { stroke: #93a5c4; } }
</style>
<text class="title" x="12" y="24">Memory of a room server with 10,000 sockets in 1,000 rooms</text>
<text class="name-used" x="12" y="44">in use</text><text class="name-all" x="70" y="44">the process</text>
${levels.map((bytes) => `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(bytes)}" y2="${y(bytes)}"/><text x="${left - 8}" y="${Number(y(bytes)) + 4}" text-anchor="end">${bytes / 1e6}${bytes === end ? " MB" : ""}</text>`).join("\n")}
${times.map((minute) => `<text x="${x(minute * 60_000)}" y="${bottom + 20}" text-anchor="middle">${minute}${minute === minutes ? " min" : ""}</text>`).join("\n")}
<path class="all" d="${line(({ rss }) => rss)}"/>
<path class="used" d="${line(({ used }) => used)}"/>
</svg>
`;
}
