/** The page of the network benchmark in docs/benchmarks, with its chart and its raw results. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { timeline } from "./chart.ts";
import { type Measured, type Table, tables, verdict } from "./report.ts";
import type { Mode } from "./scene.ts";

type Both = Partial<Record<Mode, Measured>>;

const docs = new URL("../../docs/benchmarks/", import.meta.url);

/** Parts that were not measured this time stay as they were. */
export async function writePage(measured: Both): Promise<void> {
  const before = await known();
  const merged: Both = {
    full: { ...before.full, ...measured.full },
    plain: { ...before.plain, ...measured.plain },
  };
  await writeFile(new URL("network.json", docs), `${JSON.stringify(merged)}\n`);
  await writeFile(new URL("network.svg", docs), timeline(merged));
  await writeFile(new URL("network.md", docs), page(merged));
}

async function known(): Promise<Both> {
  try {
    return JSON.parse(await readFile(new URL("network.json", docs), "utf8")) as Both;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}

function page(measured: Both): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() || "virtual CPU"}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
  return `# Bad networks

\`npm run bench:network -- --write\` makes this page in about nine minutes; \`--part\` measures some of it again. Measured on: ${machine}.

![What comes through a downlink that changes](network.svg)

Real Chromium behind a relay; [what is measured](../benchmarks.md#bad-networks) and [how](../decisions/0015-impairment.md). A plain forwarder is
the same server without retransmission and congestion control.

${tables(measured).map(markdown).join("\n")}
## Figures

| figure | |
|---|---|
${Object.entries(verdict(measured))
  .map(([key, value]) => `| \`${key}\` | ${JSON.stringify(value) ?? "not measured"} |`)
  .join("\n")}
`;
}

function markdown({ title, head, rows }: Table): string {
  const lines = [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  return `## ${title}\n\n${lines.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n`;
}
