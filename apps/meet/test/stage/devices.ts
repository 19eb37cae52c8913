/**
 * What Chromium's fake camera and microphone show and say, as files made here: a moving picture of a chosen size, and a
 * voice of a chosen pitch. Each person has their own, so that who is seen can be told by the size.
 */
import { writeFile } from "node:fs/promises";

export interface Size {
  readonly width: number;
  readonly height: number;
}

const frames = 10;
const sampleRate = 48_000;
const seconds = 4;

/** A YUV4MPEG2 file (4:2:0): a gradient over which a bright bar moves, or, without light, nothing. */
export async function writePicture(
  path: string,
  { width, height }: Size,
  framesPerSecond: number,
  lit: boolean,
): Promise<void> {
  const parts: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame += 1) {
    const luma = Buffer.alloc(width * height);
    const bar = Math.floor((frame * width) / frames);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const inBar = x >= bar && x < bar + width / frames;
        luma[y * width + x] = !lit ? 0 : inBar ? 230 : 40 + Math.floor((120 * y) / height);
      }
    }
    parts.push(Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128));
  }
  await writeFile(path, Buffer.concat(parts));
}

/** A 16-bit mono WAV file: vowels of four syllables a second, with the overtones of a voice; a pitch of 0 is silence. */
export async function writeVoice(path: string, pitch: number): Promise<void> {
  const samples = Buffer.alloc(sampleRate * seconds * 2);
  for (let index = 0; index < sampleRate * seconds; index += 1) {
    const t = index / sampleRate;
    const syllable = 0.15 + 0.85 * Math.abs(Math.sin(Math.PI * 4 * t)) ** 2;
    const glide = pitch * t + 0.8 * pitch * 0.1 * Math.sin(2 * Math.PI * 0.5 * t);
    let voice = 0;
    for (let overtone = 1; overtone <= 12; overtone += 1) {
      voice += Math.sin(2 * Math.PI * overtone * glide) / (1 + Math.abs(overtone - 4));
    }
    samples.writeInt16LE(Math.round(voice * syllable * 5_000), index * 2);
  }
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.length, 40);
  await writeFile(path, Buffer.concat([header, samples]));
}
