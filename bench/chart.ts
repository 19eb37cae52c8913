/** A bar for each step, as SVG that reads well on light and on dark ground: full to the median, thin to the 95th percentile. */
import type { Spread } from "./percentile.ts";

export interface Row extends Spread {
  readonly name: string;
}

const width = 720;
const left = 190;
const right = 70;
const top = 56;
const line = 30;

export function chartOf(title: string, rows: readonly Row[]): string {
  const most = Math.max(...rows.map(({ p95_ms }) => p95_ms));
  const tick = [10, 20, 50, 100, 200, 500, 1_000].find((candidate) => most / candidate <= 8) ?? 5_000;
  const end = Math.ceil(most / tick) * tick;
  const x = (value: number) => (left + (value / end) * (width - left - right)).toFixed(1);
  const bottom = top + rows.length * line;
  const ticks = Array.from({ length: end / tick + 1 }, (_, index) => index * tick);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 40}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #57514a; } .title { font-size: 15px; font-weight: 600; }
.grid { stroke: #8884; } .bar { fill: #e8710a; } .whisker { stroke: #e8710a; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #cfc7bc; } }
</style>
<text class="title" x="12" y="24">${escaped(title)}</text>
${ticks.map((value) => `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${top - 10}" y2="${bottom}"/><text x="${x(value)}" y="${bottom + 20}" text-anchor="middle">${value}${value === end ? " ms" : ""}</text>`).join("\n")}
${rows.map((row, index) => bar(row, top + index * line, x)).join("\n")}
</svg>
`;
}

function bar({ name, p50_ms, p95_ms }: Row, y: number, x: (value: number) => string): string {
  const middle = y + line / 2 - 3;
  return [
    `<text x="${left - 12}" y="${y + line / 2 + 1}" text-anchor="end">${escaped(name)}</text>`,
    `<rect class="bar" x="${left}" y="${y}" width="${(Number(x(p50_ms)) - left).toFixed(1)}" height="${line - 8}" rx="3"/>`,
    `<line class="whisker" x1="${x(p50_ms)}" x2="${x(p95_ms)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${Number(x(p95_ms)) + 8}" y="${y + line / 2 + 1}">${Math.round(p50_ms)}</text>`,
  ].join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
