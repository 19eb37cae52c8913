/**
 * `npm run bench:effects`: what effects cost in this machine's Chromium, as processor time of the threads that do the work, so
 * that other programs do not count. Linux, since it reads /proc.
 */
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import type { Bench } from "../packages/effects/browser/page.ts";
import { Stage } from "../packages/effects/browser/stage.ts";

interface Row {
  readonly what: string;
  readonly size: string;
  /** Pictures a second that came out. */
  readonly pictures: number;
  /** Milliseconds of the worker's processor time for each. */
  readonly cost: number;
}

/** Seconds of each measurement, after as many to get going. */
const duration = 8;

const patient = { share: Number.POSITIVE_INFINITY };
const image = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720"><rect width="1280" height="720" fill="#357"/></svg>')}`;
const looks = { blur: { kind: "blur" }, image: { kind: "image", url: image } } as const;

const stage = await Stage.start();
try {
  const rows: Row[] = [];
  for (const scene of [
    { width: 640, height: 360 },
    { width: 1280, height: 720 },
  ]) {
    for (const what of ["blur", "image"] as const) rows.push(await film(what, scene));
  }
  console.table(rows);
  console.log(`${await listen()} % of a core for noise suppression, all audio threads, above the same page without it`);
  console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, ${new Date().toISOString().slice(0, 10)}`);
} finally {
  await stage.close();
}

async function film(what: keyof typeof looks, scene: { width: number; height: number }): Promise<Row> {
  await stage.fresh();
  const options = { look: looks[what], assets: "/effects/", budget: patient };
  await stage.page.evaluate(
    ({ scene, options }) => (globalThis as unknown as { bench: Bench }).bench.begin(scene, 30, options),
    { scene, options },
  );
  await stage.page.waitForTimeout(duration * 1000);
  const before = { cpu: cpuOf(/^Dedicated/), shown: await shown() };
  await stage.page.waitForTimeout(duration * 1000);
  const after = { cpu: cpuOf(/^Dedicated/), shown: await shown() };
  const pictures = after.shown - before.shown;
  return {
    what,
    size: `${scene.width} × ${scene.height}`,
    pictures: Math.round((pictures / duration) * 10) / 10,
    cost: Math.round(((after.cpu - before.cpu) / pictures) * 10) / 10,
  };
}

function shown(): Promise<number> {
  return stage.page.evaluate(() => (globalThis as unknown as { bench: Bench }).bench.shown("treated"));
}

async function listen(): Promise<number> {
  const shares: number[] = [];
  for (const treated of [false, true]) {
    await stage.fresh();
    await stage.page.evaluate(
      (treated) => (globalThis as unknown as { bench: Bench }).bench.sound(treated, "/effects/"),
      treated,
    );
    await stage.page.waitForTimeout(duration * 500);
    const before = cpuOf(/Audio/i);
    await stage.page.waitForTimeout(duration * 1000);
    shares.push((cpuOf(/Audio/i) - before) / (duration * 10));
  }
  const [plain = 0, treated = 0] = shares;
  return Math.round((treated - plain) * 10) / 10;
}

/** Milliseconds of processor time so far of the threads so called, among the processes that this one started. */
function cpuOf(name: RegExp): number {
  let ticks = 0;
  for (const { pid } of descendants()) {
    for (const task of list(`/proc/${pid}/task`)) {
      if (!name.test(read(`/proc/${pid}/task/${task}/comm`))) continue;
      const fields = read(`/proc/${pid}/task/${task}/stat`).split(") ")[1]?.split(" ") ?? [];
      // utime and stime, fields 14 and 15 of proc_pid_stat(5), a hundred a second.
      ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    }
  }
  return ticks * 10;
}

function descendants(): { pid: number; parent: number }[] {
  const all = list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      parent: Number(read(`/proc/${name}/stat`).split(") ")[1]?.split(" ")[1] ?? 0),
    }));
  const own = new Set([process.pid]);
  for (let grown = 0; grown !== own.size; ) {
    grown = own.size;
    for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
  }
  return all.filter(({ pid }) => own.has(pid));
}

/** Processes and threads end while they are read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
