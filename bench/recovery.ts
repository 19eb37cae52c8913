/**
 * `npm run bench:recovery`: what a call loses to each fault, and how long until it is as it was.
 *
 * The real process, real browsers, faults by a relay, signals and SIGKILL; see docs/benchmarks/recovery.md for what is measured.
 * Takes eight minutes. Ends with code 1 when an aim is missed.
 *
 * Options: `--fault address,sfu` some of them, `--json` one JSON object as the last line, `--write` docs/benchmarks/recovery.md
 * with its chart.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Fault, faults } from "./recovery/faults.ts";
import { measure, measureJoining, type Outcome } from "./recovery/measure.ts";
import { chart, machine, page, table } from "./recovery/report.ts";
import { type Browsers, Scene, Servers, startBrowsers } from "./recovery/scene.ts";

const { values: options } = parseArgs({
  options: {
    fault: { type: "string" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const names = options.fault?.split(",");
const unknown = names?.filter((name) => !faults.some(({ id }) => id === name)) ?? [];
if (unknown.length > 0) {
  console.error(`No fault is called ${unknown.join(", ")}. There are: ${faults.map(({ id }) => id).join(", ")}.`);
  process.exit(1);
}
const chosen = faults.filter(({ id }) => names?.includes(id) ?? true);

const browsers = await startBrowsers();
const outcomes: Outcome[] = [];
try {
  const apart = chosen.filter(({ relay }) => relay !== true);
  if (apart.length > 0) await measureAll(await Servers.apart(), browsers, apart);
  const relayed = chosen.filter(({ relay }) => relay === true);
  if (relayed.length > 0) await measureAll(await Servers.withRelay(), browsers, relayed);
} finally {
  await Promise.all([browsers.anna.close(), browsers.ben.close()]);
}
console.log(`\n${table(outcomes)}\n\n${machine()}\n`);
if (options.write) {
  const folder = new URL("../docs/benchmarks/", import.meta.url);
  await writeFile(new URL("recovery.md", folder), page(outcomes, new Date().toISOString().slice(0, 10)));
  await writeFile(new URL("recovery.svg", folder), chart(outcomes));
}
if (options.json) console.log(JSON.stringify({ bench: "recovery", machine: machine(), faults: outcomes }));
if (outcomes.length < chosen.length || outcomes.some(({ met }) => !met)) process.exitCode = 1;

async function measureAll(servers: Servers, browsers: Browsers, chosen: readonly Fault[]): Promise<void> {
  try {
    for (const fault of chosen) {
      process.stderr.write(`${fault.name} … `);
      const scene = await (fault.standing ? Scene.setBefore : Scene.set)(servers, browsers, fault.id);
      try {
        const outcome = await (fault.standing ? measureJoining : measure)(scene, fault);
        outcomes.push(outcome);
        const back = Math.max(outcome.anna.back, outcome.ben.back);
        process.stderr.write(`back after ${back} ms, ${outcome.met ? "as aimed" : "aim missed"}\n`);
      } catch (thrown) {
        // One that never ends well is a finding, and the others are still to be measured.
        process.stderr.write(`not back: ${thrown instanceof Error ? thrown.message : thrown}\n`);
      } finally {
        await scene.close();
      }
    }
  } finally {
    await servers.stop();
  }
}
