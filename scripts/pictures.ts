/**
 * `npm run pictures`: the README's picture of a call, taken of a real call between real browsers.
 *
 * The people are drawn, so that nobody's face is in the repository; everything else is the meeting app as it is.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { startServer } from "../apps/meet/test/stage/server.ts";
import { ensureChromium } from "./chromium.ts";

interface Person {
  readonly name: string;
  /** Colours of wall, light, skin, hair and shirt; undefined joins without a camera. */
  readonly look?: readonly [string, string, string, string, string];
  readonly longHair?: boolean;
  readonly muted?: boolean;
}

const people: readonly Person[] = [
  { name: "Mira Okafor", look: ["#8fb3a3", "#dfe9df", "#8d5a3c", "#1f1512", "#e8a13c"], longHair: true },
  { name: "Jonas Lindqvist", look: ["#d7b08a", "#f6e6cf", "#f0c5a4", "#b5713a", "#35577a"] },
  { name: "Sofia Reyes", look: ["#7f92b8", "#d8dff0", "#d9a27e", "#3a2318", "#a2384a"], longHair: true, muted: true },
  { name: "Taro Ishikawa", muted: true },
];

const size = { width: 1280, height: 720 };
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const devices = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

const executablePath = ensureChromium();
const folder = await mkdtemp(join(tmpdir(), "satsuma-pictures-"));
const server = await startServer();
const browsers: Browser[] = [];
try {
  const pages: Page[] = [];
  for (const [index, person] of people.entries()) {
    const camera = person.look && (await drawCamera(person, join(folder, `${index}.y4m`)));
    pages.push(await enter(person, camera));
  }
  for (const theme of ["light", "dark"] as const) {
    const page = pages.at(-1);
    if (page === undefined) throw new Error("Nobody is in the call.");
    await page.emulateMedia({ colorScheme: theme });
    await page.mouse.move(10, 400);
    await everyoneIsSeen(page);
    await page.screenshot({ path: `docs/images/call-${theme}.png` });
  }
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

async function enter(person: Person, camera: string | undefined): Promise<Page> {
  const own = camera === undefined ? [] : [`--use-file-for-fake-video-capture=${camera}`];
  const browser = await chromium.launch({ executablePath, args: [...flags, ...devices, ...own] });
  browsers.push(browser);
  const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, deviceScaleFactor: 2 });
  await page.goto(`${server.url}/r/orchard-planning`);
  await page.getByLabel("Your name").fill(person.name);
  if (camera === undefined) await page.getByRole("button", { name: "Turn camera off", exact: true }).click();
  if (person.muted) await page.getByRole("button", { name: "Mute", exact: true }).click();
  await page.getByRole("button", { name: "Join meeting" }).click();
  await page.getByRole("button", { name: "Leave", exact: true }).waitFor();
  return page;
}

async function everyoneIsSeen(page: Page): Promise<void> {
  const cameras = people.filter((person) => person.look !== undefined).length;
  await page.waitForFunction((wanted) => {
    const clear = [...document.querySelectorAll("video")].filter((video) => video.videoWidth >= 960);
    return clear.length >= wanted && document.querySelector('[data-speaking="true"]') !== null;
  }, cameras);
}

/** A still as a YUV4MPEG2 file of two frames, drawn by the browser itself. */
async function drawCamera({ look, longHair }: Person, path: string): Promise<string> {
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const page = await browser.newPage({ viewport: size });
    const svg = portrait(look ?? ["#000", "#000", "#000", "#000", "#000"], longHair ?? false);
    const planes = await page.evaluate(planesOf, { svg, ...size });
    const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(planes, "base64")]);
    const header = Buffer.from(`YUV4MPEG2 W${size.width} H${size.height} F15:1 Ip A1:1 C420jpeg\n`);
    await writeFile(path, Buffer.concat([header, frame, frame]));
    return path;
  } finally {
    await browser.close();
  }
}

/** Runs in a page: the drawing as planar 4:2:0 (BT.601), in base64. */
async function planesOf({ svg, width, height }: { svg: string; width: number; height: number }): Promise<string> {
  const image = new Image();
  image.src = `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("The browser gives no canvas.");
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const planes = new Uint8Array(width * height * 1.5);
  const at = (x: number, y: number) => (y * width + x) * 4;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const pixel = at(x, y);
      const [r = 0, g = 0, b = 0] = data.subarray(pixel, pixel + 3);
      planes[y * width + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (y % 2 || x % 2) continue;
      const chroma = width * height + (y / 2) * (width / 2) + x / 2;
      planes[chroma] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      planes[chroma + (width * height) / 4] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  let binary = "";
  for (let start = 0; start < planes.length; start += 32_768) {
    binary += String.fromCharCode(...planes.subarray(start, start + 32_768));
  }
  return btoa(binary);
}

function portrait([wall, light, skin, hair, shirt]: NonNullable<Person["look"]>, longHair: boolean): string {
  const fall = longHair
    ? `<path d="M455 330 Q455 130 640 130 Q825 130 825 330 L840 560 Q640 620 440 560 Z" fill="${hair}"/>`
    : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720">
    <defs>
      <radialGradient id="w" cx="0.72" cy="0.2" r="1"><stop offset="0" stop-color="${light}"/><stop offset="1" stop-color="${wall}"/></radialGradient>
      <linearGradient id="s" x1="0" x2="1"><stop offset="0" stop-color="${skin}"/><stop offset="1" stop-color="${skin}" stop-opacity="0.86"/></linearGradient>
    </defs>
    <rect width="1280" height="720" fill="url(#w)"/>
    <rect x="930" y="90" width="230" height="290" rx="10" fill="#ffffff" opacity="0.28"/>
    <rect x="110" y="420" width="150" height="300" rx="8" fill="#000000" opacity="0.08"/>
    <path d="M150 430 q35 -120 80 -10 q60 -80 20 20 z" fill="#3d6b4f" opacity="0.6"/>
    ${fall}
    <path d="M300 740 Q330 545 530 520 L750 520 Q950 545 980 740 Z" fill="${shirt}"/>
    <path d="M565 440 h150 v90 q-75 70 -150 0 z" fill="${skin}"/>
    <path d="M565 470 q75 60 150 0 v30 q-75 60 -150 0 z" fill="#000" opacity="0.12"/>
    <ellipse cx="640" cy="330" rx="138" ry="168" fill="url(#s)"/>
    <path d="M498 325 Q480 150 640 146 Q800 150 782 325 Q770 235 690 222 Q590 240 540 232 Q508 262 498 325 Z" fill="${hair}"/>
    <ellipse cx="590" cy="330" rx="11" ry="13" fill="#22190f"/><ellipse cx="690" cy="330" rx="11" ry="13" fill="#22190f"/>
    <path d="M566 300 q24 -14 48 0 M666 300 q24 -14 48 0" stroke="${hair}" stroke-width="9" fill="none" stroke-linecap="round"/>
    <path d="M640 340 q14 34 -6 42" stroke="#000" stroke-opacity="0.25" stroke-width="7" fill="none" stroke-linecap="round"/>
    <path d="M590 418 q50 40 100 0" stroke="#7c2f2a" stroke-width="9" fill="none" stroke-linecap="round"/>
  </svg>`;
}
