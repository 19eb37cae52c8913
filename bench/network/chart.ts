/** What came through a downlink that changes, over time, as SVG that reads well on light and on dark ground. */
import type { Sample } from "./drop.ts";
import type { Measured } from "./report.ts";
import type { Mode } from "./scene.ts";

const width = 720;
const height = 260;
const left = 60;
const right = 20;
const top = 56;
const bottom = height - 40;
/** bits/s at the top of the chart. */
const most = 5_500_000;

export function timeline(measured: Partial<Record<Mode, Measured>>): string {
  const { full, plain } = measured;
  const samples = full?.drop?.samples ?? plain?.drop?.samples ?? [];
  const end = Math.ceil((samples.at(-1)?.at ?? 1) / 10_000) * 10_000;
  const x = (at: number) => (left + (at / end) * (width - left - right)).toFixed(1);
  const y = (rate: number) => (bottom - (Math.min(rate, most) / most) * (bottom - top)).toFixed(1);
  const line = (of: readonly Sample[], value: (sample: Sample) => number) =>
    of.map((sample, index) => `${index === 0 ? "M" : "L"}${x(sample.at)} ${y(value(sample))}`).join("");
  const ticks = Array.from({ length: end / 10_000 + 1 }, (_, index) => index * 10_000);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="What came through a downlink that changes">
<style>
text { font: 13px system-ui, sans-serif; fill: #57514a; } .title { font-size: 15px; font-weight: 600; }
.grid { stroke: #8884; } path { fill: none; stroke-width: 2; } .limit { stroke: #8888; stroke-dasharray: 5 4; }
.full { stroke: #e8710a; } .plain { stroke: #7a8ba8; } .name-full { fill: #e8710a; } .name-plain { fill: #7a8ba8; }
@media (prefers-color-scheme: dark) { text { fill: #cfc7bc; } .name-full { fill: #e8710a; } .name-plain { fill: #93a5c4; } .plain { stroke: #93a5c4; } }
</style>
<text class="title" x="12" y="24">What comes through a downlink of 5, 1, 0.3 and again 5 Mbit/s</text>
<text class="name-full" x="12" y="44">this server</text><text class="name-plain" x="100" y="44">plain forwarder</text>
${[0, 1, 2, 3, 4, 5].map((step) => `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(step * 1_000_000)}" y2="${y(step * 1_000_000)}"/><text x="${left - 8}" y="${Number(y(step * 1_000_000)) + 4}" text-anchor="end">${step}${step === 5 ? " Mbit/s" : ""}</text>`).join("\n")}
${ticks.map((at) => `<text x="${x(at)}" y="${bottom + 20}" text-anchor="middle">${at / 1_000}${at === end ? " s" : ""}</text>`).join("\n")}
<path class="limit" d="${line(samples, ({ rate }) => rate)}"/>
${plain?.drop === undefined ? "" : `<path class="plain" d="${line(plain.drop.samples, ({ through }) => through)}"/>`}
${full?.drop === undefined ? "" : `<path class="full" d="${line(full.drop.samples, ({ through }) => through)}"/>`}
</svg>
`;
}
