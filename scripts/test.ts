/**
 * `npm test`: every check, one line each as it ends; the output only of those that fail.
 *
 * All of them run even when one fails, so that one run tells everything. What computes runs beside what mostly waits for
 * sockets and timers; the browsers, whose media feels every load, run alone at the end. The last line counts the tests.
 * `npm test -- <filter>` runs only the tests whose file matches, with Vitest's own output.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureChromium, NoChromiumError } from "./chromium.ts";
import { ensureCoturn } from "./coturn.ts";
import { NoProgramError } from "./debian.ts";
import { ensureGstreamer } from "./gstreamer.ts";

type Step = { name: string; command: string[]; report?: string; flaky?: string };
type Outcome = { ok: boolean; output: string; passed: number; failed: number; flaky: string };
type Told = Outcome & { name: string };

/** No step takes a third of this; one that reaches it hangs. */
const patience = 15 * 60_000;

const none = { passed: 0, failed: 0, skipped: 0 };

const folder = mkdtempSync(join(tmpdir(), "satsuma-test-"));
const filters = process.argv.slice(2);
try {
  process.env.CHROMIUM_PATH = ensureChromium();
  ensureGstreamer();
  ensureCoturn();
  process.exitCode = filters.length > 0 ? await runSome(filters) : await runAll();
} catch (error) {
  if (!(error instanceof NoChromiumError || error instanceof NoProgramError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function runAll(): Promise<number> {
  const checks: Step[] = [
    { name: "format and lint", command: ["biome", "check", "--error-on-warnings"] },
    { name: "types", command: ["tsc", "-b", "tsconfig.check.json"] },
    { name: "import arrow", command: ["node", "scripts/arrow.ts"] },
    { name: "unused and unlisted", command: ["knip"] },
    { name: "hygiene", command: ["node", "scripts/hygiene.ts"] },
    { name: "conformance table", command: ["node", "scripts/conformance.ts", "--check"] },
    { name: "packages install", command: ["node", "scripts/pack.ts"] },
    { name: "client's size", command: ["node", "scripts/size.ts"] },
    { name: "page builds", command: ["node", "scripts/page.ts"] },
    tests("unit"),
  ];
  const outcomes = [
    ...(await Promise.all([inOrder(checks), inOrder([tests("situations"), tests("contract")])])).flat(),
    ...(await inOrder([tests("browser")])),
  ];
  const total = { passed: 0, failed: 0 };
  for (const { passed, failed } of outcomes) {
    total.passed += passed;
    total.failed += failed;
  }
  const broken = outcomes.filter(({ ok }) => !ok).map(({ name }) => name);
  if (total.passed === 0) broken.push("no test ran");
  if (broken.length > 0) console.log(`Failed: ${broken.join(", ")}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return broken.length > 0 ? 1 : 0;
}

async function inOrder(steps: readonly Step[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const step of steps) told.push({ name: step.name, ...(await runAndTell(step)) });
  return told;
}

async function runAndTell(step: Step): Promise<Outcome> {
  const started = performance.now();
  const outcome = await run(step);
  const { ok, output, passed, failed, flaky } = outcome;
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const count = step.report === undefined ? "" : `${passed} passed${failed > 0 ? `, ${failed} failed` : ""}`;
  console.log(`${ok ? "ok  " : "FAIL"} ${step.name.padEnd(20)} ${seconds.padStart(8)}  ${count}`.trimEnd());
  if (flaky !== "") console.log(`     passed only when tried again:\n${flaky.trimEnd().replace(/^/gm, "       ")}`);
  if (!ok) console.log(`\n${output.trimEnd()}\n`);
  return outcome;
}

async function runSome(filters: string[]): Promise<number> {
  const page = await run({ name: "page builds", command: ["node", "scripts/page.ts"] });
  if (!page.ok) console.error(page.output);
  const child = spawn("vitest", ["run", ...filters], { stdio: "inherit" });
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

function tests(project: string): Step {
  const report = join(folder, `${project}.json`);
  const reporters = [
    "--reporter=default",
    "--reporter=./scripts/flaky.ts",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const command = ["vitest", "run", "--project", project, "--passWithNoTests", ...reporters];
  return { name: project, command, report, flaky: join(folder, `${project}.flaky`) };
}

function run({ command: [program = "", ...args], report, flaky }: Step): Promise<Outcome> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
  const env = { ...process.env, ...colour, ...(flaky && { SATSUMA_FLAKY_REPORT: flaky }) };
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: patience });
  let output = "";
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ ok: false, output: error.message, passed: 0, failed: 0, flaky: "" }));
    child.on("close", (code) => {
      const { passed, failed, skipped } = report === undefined ? none : counts(report);
      if (skipped > 0) output += `\n${skipped} tests were skipped; a test that does not run proves nothing.`;
      const tried = flaky !== undefined && existsSync(flaky) ? readFileSync(flaky, "utf8") : "";
      resolve({ ok: code === 0 && failed === 0 && skipped === 0, output, passed, failed, flaky: tried });
    });
  });
}

function counts(report: string): typeof none {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return none; // Vitest ended before it could report; its exit code tells.
  }
}
