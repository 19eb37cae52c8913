/**
 * `npm run pictures`: the README's picture of a call, taken of a real call between real browsers, and the one of a lobby
 * with a blurred background.
 *
 * The people are drawn; everything else is the meeting app as it is.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { writeVoice } from "../apps/meet/test/stage/devices.ts";
import { startServer } from "../apps/meet/test/stage/server.ts";
import { ensureChromium } from "./chromium.ts";
import { drawCamera, type Look } from "./portrait.ts";

interface Person {
  readonly name: string;
  /** Without one they join without a camera. */
  readonly look?: Look["look"];
  readonly longHair?: boolean;
  readonly muted?: boolean;
  readonly speaks?: boolean;
}

const people: readonly Person[] = [
  { name: "Mira Okafor", look: ["#8fb3a3", "#dfe9df", "#8d5a3c", "#1f1512", "#e8a13c"], longHair: true, speaks: true },
  { name: "Jonas Lindqvist", look: ["#d7b08a", "#f6e6cf", "#f0c5a4", "#b5713a", "#35577a"] },
  { name: "Sofia Reyes", look: ["#7f92b8", "#d8dff0", "#d9a27e", "#3a2318", "#a2384a"], longHair: true, muted: true },
  { name: "Taro Ishikawa", muted: true },
];

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const devices = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** The screen that the picture is taken of, and that of everybody else. */
const pictured = { viewport: { width: 1280, height: 760 }, deviceScaleFactor: 2 };
/** Drawing four large screens is more than two cores can do, and an overloaded page sends its camera smaller, or not at all. */
const besides = { viewport: { width: 480, height: 360 } };

const executablePath = ensureChromium();
const folder = await mkdtemp(join(tmpdir(), "satsuma-pictures-"));
const voice = join(folder, "voice.wav");
const silence = join(folder, "silence.wav");
await Promise.all([writeVoice(voice, 120), writeVoice(silence, 0)]);
const server = await startServer();
const browsers: Browser[] = [];
try {
  const pages: Page[] = [];
  for (const [index, person] of people.entries()) {
    const { look, longHair = false } = person;
    const camera =
      look && (await drawCamera({ look, longHair }, join(folder, `${index}.y4m`), { executablePath, args: flags }));
    pages.push(await enter(person, camera, index === people.length - 1 ? pictured : besides));
  }
  for (const theme of ["light", "dark"] as const) {
    const page = pages.at(-1);
    if (page === undefined) throw new Error("Nobody is in the call.");
    await page.emulateMedia({ colorScheme: theme });
    await page.mouse.move(10, 400);
    await everyoneIsSeen(page);
    await page.screenshot({ path: `docs/images/call-${theme}.png` });
  }
  await hide();
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function enter(person: Person, camera: string | undefined, screen: BrowserContextOptions): Promise<Page> {
  const own = camera === undefined ? [] : [`--use-file-for-fake-video-capture=${camera}`];
  // The beep of the fake microphone counts as speech only now and then, and would be told of to who is muted.
  if (person.speaks || person.muted) own.push(`--use-file-for-fake-audio-capture=${person.speaks ? voice : silence}`);
  const browser = await chromium.launch({ executablePath, args: [...flags, ...devices, ...own] });
  browsers.push(browser);
  const page = await browser.newPage(screen);
  await page.goto(`${server.url}/r/orchard-planning`);
  await page.getByLabel("Your name").fill(person.name);
  if (camera === undefined) await page.getByRole("button", { name: "Turn camera off", exact: true }).click();
  if (person.muted) await page.getByRole("button", { name: "Mute", exact: true }).click();
  await page.getByRole("button", { name: "Join meeting" }).click();
  await page.getByRole("button", { name: "Leave", exact: true }).waitFor();
  return page;
}

/** The lobby of somebody who hides their books. */
async function hide(): Promise<void> {
  const reader: Look = { look: ["#c9b79c", "#f3e9d6", "#d9a27e", "#3a2318", "#35577a"], shelf: true };
  const film = await drawCamera(reader, join(folder, "reader.y4m"), { executablePath, args: flags });
  const args = [...flags, ...devices, `--use-file-for-fake-video-capture=${film}`];
  const browser = await chromium.launch({ executablePath, args });
  browsers.push(browser);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1.5 });
  // The fake camera is called like its file.
  await page.addInitScript(() => {
    const names = { audioinput: "Headset", audiooutput: "Headset", videoinput: "Desk camera" };
    const get = function (this: MediaDeviceInfo) {
      return names[this.kind];
    };
    Object.defineProperty(MediaDeviceInfo.prototype, "label", { get });
  });
  await page.goto(`${server.url}/r/orchard-planning`);
  await page.getByLabel("Your name").fill("Sofia Reyes");
  await page.getByRole("radio", { name: "Blur" }).click();
  await page.locator('[data-camera-effect="on"]').waitFor();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: `docs/images/background-${theme}.png` });
  }
}

async function everyoneIsSeen(page: Page): Promise<void> {
  const cameras = people.filter((person) => person.look !== undefined).length;
  await page.waitForFunction((wanted) => {
    const clear = [...document.querySelectorAll("video")].filter((video) => video.videoWidth >= 960);
    return clear.length >= wanted && document.querySelector('[data-speaking="true"]') !== null;
  }, cameras);
}
