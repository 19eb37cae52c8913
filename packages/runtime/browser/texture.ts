/** A camera's picture that is as hard to encode as a lively room: a texture that drifts, with grain that changes. */
import { writeFile } from "node:fs/promises";

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** Frames before the file begins again. */
const frames = 12;

/** A YUV4MPEG2 file (4:2:0). */
export async function writeTexture(path: string, { width, height, frameRate }: Picture): Promise<void> {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${frameRate}:1 Ip A1:1 C420jpeg\n`)];
  let grain = 1;
  for (let frame = 0; frame < frames; frame += 1) {
    const luma = Buffer.alloc(width * height);
    for (let y = 0; y < height; y += 1) {
      const row = y * width;
      for (let x = 0; x < width; x += 1) {
        grain = Math.imul(grain, 1_664_525) + 1_013_904_223;
        const drift = x + frame * 16;
        const wave = Math.sin(drift / 17) * Math.cos((y + frame * 8) / 23) * 45 + Math.sin((drift + y) / 61) * 40;
        luma[row + x] = 128 + wave + ((grain >>> 24) - 128) / 10;
      }
    }
    parts.push(Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128));
  }
  await writeFile(path, Buffer.concat(parts));
}
