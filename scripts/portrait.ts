/** People who are drawn, as a camera would film them: nobody's face is in the repository. */
import { writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

export interface Look {
  /** Colours of wall, light, skin, hair and shirt. */
  readonly look: readonly [string, string, string, string, string];
  readonly longHair?: boolean;
  /** Books behind the person, whom a blur is to hide. */
  readonly shelf?: boolean;
}

/** Of the pictures, in pixels: enough for a tile, and few enough for a small machine to encode several of them. */
export const filmSize = { width: 960, height: 540 };

/** A still as a YUV4MPEG2 file of two frames, drawn by the browser itself. */
export async function drawCamera(
  person: Look,
  path: string,
  launch: { readonly executablePath: string; readonly args: string[] },
): Promise<string> {
  const browser = await chromium.launch(launch);
  try {
    const page = await browser.newPage({ viewport: filmSize });
    const planes = await page.evaluate(planesOf, { svg: portrait(person), ...filmSize });
    const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(planes, "base64")]);
    const header = Buffer.from(`YUV4MPEG2 W${filmSize.width} H${filmSize.height} F15:1 Ip A1:1 C420jpeg\n`);
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

function portrait({ look: [wall, light, skin, hair, shirt], longHair = false, shelf = false }: Look): string {
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
    ${shelf ? books() : ""}
    ${fall}
    <path d="M300 740 Q330 545 530 520 L750 520 Q950 545 980 740 Z" fill="${shirt}"/>
    <path d="M565 440 h150 v90 q-75 70 -150 0 z" fill="${skin}"/>
    <path d="M565 470 q75 60 150 0 v30 q-75 60 -150 0 z" fill="#000" opacity="0.12"/>
    <ellipse cx="640" cy="330" rx="138" ry="168" fill="${shelf ? skin : "none"}"/>
    <ellipse cx="640" cy="330" rx="138" ry="168" fill="url(#s)"/>
    <path d="M498 325 Q480 150 640 146 Q800 150 782 325 Q770 235 690 222 Q590 240 540 232 Q508 262 498 325 Z" fill="${hair}"/>
    <ellipse cx="590" cy="330" rx="11" ry="13" fill="#22190f"/><ellipse cx="690" cy="330" rx="11" ry="13" fill="#22190f"/>
    <path d="M566 300 q24 -14 48 0 M666 300 q24 -14 48 0" stroke="${hair}" stroke-width="9" fill="none" stroke-linecap="round"/>
    <path d="M640 340 q14 34 -6 42" stroke="#000" stroke-opacity="0.25" stroke-width="7" fill="none" stroke-linecap="round"/>
    <path d="M590 418 q50 40 100 0" stroke="#7c2f2a" stroke-width="9" fill="none" stroke-linecap="round"/>
  </svg>`;
}

function books(): string {
  const colours = ["#a2384a", "#35577a", "#e8a13c", "#3d6b4f", "#7a5c8e", "#d9d2c4", "#2d3a45"];
  const boards = [110, 300, 490].map((top, shelf) => {
    const spines = Array.from({ length: 24 }, (_, book) => {
      const height = 105 + ((book * 37 + shelf * 53) % 55);
      const fill = colours[(book * 3 + shelf * 2) % colours.length];
      return `<rect x="${30 + book * 52}" y="${top + 165 - height}" width="${30 + ((book * 13) % 18)}" height="${height}" fill="${fill}"/>`;
    });
    return `${spines.join("")}<rect x="0" y="${top + 165}" width="1280" height="14" fill="#6c5340"/>`;
  });
  return boards.join("");
}
