/**
 * `npm run bench:join`: how long it takes from pressing Join to the first picture of somebody else.
 *
 * The real process, two real browsers, loopback. One publishes; the other, warm and in the lobby with its camera on,
 * presses Join, again and again, each time as somebody new. Steps are the client's own marks (packages/client/src/timing.ts).
 *
 * Options: `--n 30` joins, `--warmup 3` uncounted ones before, `--json` one JSON object as the last line,
 * `--chart file.svg`, `--raw file.json` with every single join.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type JoinStep, joinMarks } from "@satsuma/client";
import type { BrowserContext } from "playwright-core";
import { Chromium } from "../apps/meet/test/stage/browser.ts";
import { Person } from "../apps/meet/test/stage/person.ts";
import { startServer } from "../apps/meet/test/stage/server.ts";
import { until } from "../apps/meet/test/stage/until.ts";
import { chartOf } from "./chart.ts";
import { type Spread, spread } from "./percentile.ts";

/** Milliseconds from the press to the end of each step. Steps overlap. */
type Join = Readonly<Record<JoinStep, number>>;

const room = "bench";
const steps = ["join", "token", "socket", "session", "push", "connected", "pull", "firstFrame"] as const;

const words: Readonly<Record<JoinStep, string>> = {
  join: "page reacts to the press",
  token: "token",
  socket: "socket, welcome",
  session: "media session",
  push: "push answered",
  connected: "media connected",
  pull: "pull answered",
  firstFrame: "first frame",
};

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "30" },
    warmup: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    chart: { type: "string" },
    raw: { type: "string" },
  },
});
const count = wholeNumber("n", options.n, 1);
const warmup = wholeNumber("warmup", options.warmup, 0);

const joins = await measure(warmup + count);
report(joins.slice(warmup));

async function measure(times: number): Promise<Join[]> {
  const server = await startServer();
  const [publisher, joiner] = await Promise.all([
    Chromium.start({ camera: { width: 640, height: 360 }, frameRate: 30, pitch: 210 }),
    Chromium.start({ camera: { width: 640, height: 360 }, frameRate: 30, pitch: 120 }),
  ]);
  try {
    // Nobody looks at the publisher's page: drawing it large would only take time from what is measured.
    const small = { viewport: { width: 320, height: 240 } };
    await (await Person.inLobby("Publisher", publisher, server.url, room, small)).join();
    const context = await joiner.context();
    await context.addInitScript(rememberPress);
    const measured: Join[] = [];
    for (let time = 0; time < times; time += 1) measured.push(await joinOnce(context, server.url));
    return measured;
  } finally {
    await Promise.all([publisher.close(), joiner.close()]);
    await server.stop();
  }
}

async function joinOnce(context: BrowserContext, url: string): Promise<Join> {
  const page = await context.newPage();
  try {
    await page.goto(`${url}/r/${room}`);
    await page.getByLabel("Your name").fill("Joiner");
    await until("the preview shows", () =>
      page.evaluate(() => (document.querySelector("video")?.currentTime ?? 0) > 0.2),
    );
    await page.evaluate(awaitMark, joinMarks.firstFrame);
    await page.getByRole("button", { name: "Join meeting" }).click();
    // Not by looking again and again: each look would take time from what is measured.
    await page.evaluate(() => (globalThis as Pressed).marked);
    const join = await until("every step is done", () => page.evaluate(readJoin, joinMarks));
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByText("You left the meeting").waitFor();
    return join;
  } finally {
    await page.close();
  }
}

type Pressed = typeof globalThis & { pressedAt?: number; marked?: Promise<void> };

/** To run in the page before its own scripts: keeps the moment of the last press, by the browser's own account. */
function rememberPress(): void {
  addEventListener("click", (event) => Object.assign(globalThis, { pressedAt: event.timeStamp }), { capture: true });
}

/** Runs in the page: keeps a promise of the mark. */
function awaitMark(name: string): void {
  (globalThis as Pressed).marked = new Promise((resolve) => {
    new PerformanceObserver((list) => {
      if (list.getEntriesByName(name).length > 0) resolve();
    }).observe({ type: "mark" });
  });
}

/** Runs in the page. Undefined until every step is done. */
function readJoin(marks: Readonly<Record<JoinStep, string>>): Join | undefined {
  const { pressedAt } = globalThis as Pressed;
  const ends = Object.entries(marks).map(([step, name]) => [step, performance.getEntriesByName(name)[0]?.startTime]);
  if (pressedAt === undefined || ends.some(([, end]) => end === undefined)) return undefined;
  return Object.fromEntries(ends.map(([step, end]) => [step, Number(end) - pressedAt])) as Join;
}

function report(measured: readonly Join[]): void {
  const of = (step: JoinStep) => spread(measured.map((join) => join[step]));
  const rows = steps.map((step) => ({ step, name: words[step], ...of(step) }));
  const total = of("firstFrame");
  const lines = rows.map(({ name, p50_ms, p95_ms }) => row(name, p50_ms.toFixed(1), p95_ms.toFixed(1)));
  console.log(`\nFrom pressing Join, ${measured.length} joins, milliseconds:\n`);
  console.log([row("until", "p50", "p95"), ...lines].join("\n"));
  console.log(`\n${machine()}\n`);
  if (options.chart !== undefined) void write(options.chart, chartOf("From pressing Join to the first frame", rows));
  if (options.raw !== undefined)
    void write(options.raw, `${JSON.stringify({ machine: machine(), joins: measured })}\n`);
  if (!options.json) return;
  const bySteps: Record<string, Spread> = Object.fromEntries(steps.map((step) => [step, of(step)]));
  console.log(JSON.stringify({ bench: "join", n: measured.length, ...total, steps: bySteps }));
}

function row(name: string, p50: string, p95: string): string {
  return `  ${name.padEnd(26)}${p50.padStart(8)}${p95.padStart(8)}`;
}

function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, ${process.platform}`;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

function wholeNumber(name: string, given: string, least: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= least) return value;
  console.error(`--${name} takes a whole number of ${least} or more.`);
  process.exit(1);
}
