/**
 * `npm run bench:page`: what a page costs that shows 2, 9, 25 and 49 others, and what it says to the servers meanwhile.
 *
 * The meeting app in a real Chromium, the real server, and as many members that send encoded pictures and sound again and
 * again, so that encoding them costs nobody anything; see docs/benchmarks/page.md for what is measured. Takes three minutes.
 *
 * Options: `--tiles 2,9,25,49`, `--seconds 10` of measuring each, `--json` one JSON object as the last line,
 * `--write` docs/benchmarks/page.md with its chart.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Chromium } from "../apps/meet/test/stage/browser.ts";
import { Person } from "../apps/meet/test/stage/person.ts";
import { startServer } from "../apps/meet/test/stage/server.ts";
import { until } from "../apps/meet/test/stage/until.ts";
import { freeUdpPort } from "../scripts/ports.ts";
import { encode, type Media } from "./page/media.ts";
import { Member } from "./page/member.ts";
import { chart, type Measured, machine, page, table } from "./page/report.ts";
import { Ear, heap, memory, processorTime, received } from "./page/visitor.ts";

const { values: options } = parseArgs({
  options: {
    tiles: { type: "string", default: "2,9,25,49" },
    seconds: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const counts = options.tiles.split(",").map(Number);
if (counts.some((count) => !Number.isInteger(count) || count < 1 || count > 100)) {
  console.error("--tiles takes whole numbers from 1 to 100, separated by commas.");
  process.exit(1);
}
const seconds = Number(options.seconds);
/** How many of the others speak; everybody else is muted, as in a call that anybody follows. */
const speakers = 3;
const wide = { width: 1_280, height: 800 };
/** So small that most tiles are out of sight. */
const narrow = { width: 400, height: 320 };

const server = await startServer({ SATSUMA_ROOMS_PARTICIPANTS: "200" });
const browser = await Chromium.start({ camera: { width: 640, height: 360 }, pitch: 120 });
const measured: Measured[] = [];
/** No two members have the same, at any time. */
let nextPort = await freeUdpPort(counts.reduce((all, one) => all + one, 0));
try {
  const studio = await (await browser.context()).newPage();
  await studio.goto(server.url);
  // What the tiles need by their size: one or two others fill half of the window each.
  const large = await encode(studio, 640, 360);
  const small = await encode(studio, 320, 180);
  await studio.context().close();
  for (const count of counts) {
    process.stderr.write(`${count} others … `);
    const one = await measure(count, count <= 2 ? large : small);
    process.stderr.write(`${one.page.toFixed(0)} % of a core for the page, ${one.callsToJoin} calls to join\n`);
    measured.push(one);
  }
} finally {
  await browser.close();
  await server.stop();
}
console.log(`\n${table(measured)}\n\n${machine()}\n`);
if (options.write) {
  const folder = new URL("../docs/benchmarks/", import.meta.url);
  await writeFile(new URL("page.md", folder), page(measured, new Date().toISOString().slice(0, 10)));
  await writeFile(new URL("page.svg", folder), chart(measured));
}
if (options.json) console.log(JSON.stringify({ bench: "page", machine: machine(), pages: measured }));

async function measure(count: number, media: Media): Promise<Measured> {
  const room = `page-${count}`;
  const members: Member[] = [];
  const began = performance.now();
  const beat = setInterval(() => {
    for (const member of members) member.send(performance.now() - began);
  }, 20);
  try {
    for (let index = 0; index < count; index += 1) {
      const name = `Member ${index + 1}`;
      members.push(await Member.join({ server, room, name, port: nextPort, media, speaks: index < speakers }));
      nextPort += 1;
    }
    return await visit(count, room, media);
  } finally {
    clearInterval(beat);
    for (const member of members) member.close();
  }
}

async function visit(count: number, room: string, media: Media): Promise<Measured> {
  const person = await Person.inLobby("Visitor", browser, server.url, room, { viewport: wide });
  try {
    const { page } = person;
    const devtools = await page.context().newCDPSession(page);
    const ear = await Ear.at(devtools);
    const pressed = performance.now();
    await person.join();
    const all = async () => (await received(page)).pictures >= count;
    await until(`all ${count} are seen`, all, 60_000, () => received(page));
    const joined = performance.now() - pressed;
    // Layers are chosen, and whatever belongs to coming in is over.
    await pause(3_000);
    const joining = ear.take();
    const before = await received(page);
    const [total, own] = [processorTime(browser), processorTime(browser, "renderer")];
    await pause(seconds * 1_000);
    const after = await received(page);
    const cost = {
      browser: percent(processorTime(browser) - total),
      page: percent(processorTime(browser, "renderer") - own),
    };
    const resting = ear.take();
    const held = { heap: await heap(devtools), memory: memory(browser) };
    await page.setViewportSize(narrow);
    await pause(6_000);
    const hiding = ear.take();
    await page.setViewportSize(wide);
    // Those that do not come back are a finding, and what the page costs was measured before.
    let again = 0;
    const everybodyAgain = async () => {
      again = await moving(page);
      return again >= count;
    };
    await until(`all ${count} are seen again`, everybodyAgain, 30_000).catch(() => undefined);
    await pause(2_000);
    return {
      tiles: count,
      size: `${media.width}×${media.height}`,
      ...cost,
      ...held,
      framesPerSecond: (after.frames - before.frames) / seconds / count,
      mediaBitrate: ((after.bytes - before.bytes) * 8) / seconds,
      joined,
      callsToJoin: sum(joining.calls),
      joining,
      callsAtRest: sum(resting.calls),
      socketBytesPerSecond: resting.socketBytes / seconds,
      callsToHide: sum(hiding.calls),
      callsToShow: sum(ear.take().calls),
      again,
    };
  } finally {
    await person.close();
  }
}

/** Tiles of others whose picture moved within a second and a half. */
async function moving(page: Person["page"]): Promise<number> {
  const times = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLVideoElement>("[data-testid=tile]:not([data-local=true]) video")].map(
        ({ currentTime }) => currentTime,
      ),
    );
  const first = await times();
  await pause(1_500);
  const second = await times();
  return second.filter((time, index) => time > (first[index] ?? Number.POSITIVE_INFINITY)).length;
}

function percent(processorSeconds: number): number {
  return (processorSeconds / seconds) * 100;
}

function sum(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((all, one) => all + one, 0);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
