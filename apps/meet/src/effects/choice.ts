/** Which background and which sound a person chose, and the pictures there are. */
import { Store } from "@satsuma/client";
import { Kept } from "../settings/kept.ts";
import hills from "./images/hills.svg";
import segments from "./images/segments.svg";
import wall from "./images/wall.svg";

/** Drawn for this app, so that they are nobody's and weigh next to nothing. */
export const images = { wall, hills, segments } as const;
export type ImageName = keyof typeof images;
export const imageNames = Object.keys(images) as ImageName[];

export type BackgroundName = "none" | "blur" | ImageName | "own";

const backgrounds: readonly BackgroundName[] = ["none", "blur", ...imageNames, "own"];

/** Characters; two million are all that some browsers keep for a page. */
const ownBound = 700_000;

export const background = new Kept<BackgroundName>("background", "none", (kept) =>
  backgrounds.find((known) => known === kept),
);

/** The person's own picture as a data address; empty for none. It stays in this browser. */
export const ownImage = new Kept<string>("background-image", "", (kept) =>
  typeof kept === "string" && kept.startsWith("data:image/") && kept.length <= ownBound ? kept : undefined,
);

export const voiceOnly = new Kept<boolean>("voice-only", false, (kept) =>
  typeof kept === "boolean" ? kept : undefined,
);

/** Counts how often the person asked to try once more what gave up. */
export const tries = new Store(0);

export function tryAgain(): void {
  tries.set(tries.snapshot() + 1);
}

const size = { width: 1280, height: 720 } as const;

/** Takes a picture of the person's own, at a size that a call needs. False if it is none. */
export async function takeImage(file: Blob): Promise<boolean> {
  try {
    const picture = await createImageBitmap(file);
    const canvas = document.createElement("canvas");
    const scale = Math.max(size.width / picture.width, size.height / picture.height);
    Object.assign(canvas, size);
    const [width, height] = [picture.width * scale, picture.height * scale];
    const context = canvas.getContext("2d");
    context?.drawImage(picture, (size.width - width) / 2, (size.height - height) / 2, width, height);
    picture.close();
    for (const quality of [0.85, 0.6, 0.3]) {
      const address = canvas.toDataURL("image/jpeg", quality);
      if (address.length > ownBound) continue;
      ownImage.set(address);
      background.set("own");
      return true;
    }
  } catch {
    // What the browser cannot read is no picture to it.
  }
  return false;
}

export function dropImage(): void {
  if (background.snapshot() === "own") background.set("none");
  ownImage.set("");
}
