/**
 * What the others in the room send: pictures and sound that Chromium itself has encoded, once, to be sent again and again.
 *
 * So every tile is decoded for real, and nobody but the page that is measured costs much.
 */
import type { Page } from "playwright-core";

export interface Frame {
  readonly key: boolean;
  readonly bytes: Buffer;
}

export interface Media {
  readonly width: number;
  readonly height: number;
  /** VP8, two seconds that begin with a keyframe and have another in the middle. */
  readonly frames: readonly Frame[];
  /** Opus, packets of 20 ms: of somebody who speaks, and of a microphone that is off. */
  readonly voice: readonly Buffer[];
  readonly silence: readonly Buffer[];
}

export const frameRate = 15;

/** In a page of a secure origin, where WebCodecs are. */
export async function encode(page: Page, width: number, height: number): Promise<Media> {
  const { frames, voice, silence } = await page.evaluate(encodeInPage, { width, height, frameRate });
  const bytes = (text: string) => Buffer.from(text, "base64");
  return {
    width,
    height,
    frames: frames.map(({ key, data }) => ({ key, bytes: bytes(data) })),
    voice: voice.map(bytes),
    silence: silence.map(bytes),
  };
}

async function encodeInPage({ width, height, frameRate }: { width: number; height: number; frameRate: number }) {
  const text = (chunk: { byteLength: number; copyTo(target: Uint8Array): void }) => {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    return btoa(String.fromCharCode(...bytes));
  };
  const frames: { key: boolean; data: string }[] = [];
  const encoder = new VideoEncoder({
    output: (chunk) => frames.push({ key: chunk.type === "key", data: text(chunk) }),
    error: (error) => console.error(error),
  });
  encoder.configure({ codec: "vp8", width, height, bitrate: width * height * 2, framerate: frameRate });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  for (let index = 0; index < 2 * frameRate; index += 1) {
    // A face before a wall, so to speak: most of it rests, and something moves.
    context.fillStyle = "#6b8fa3";
    context.fillRect(0, 0, width, height);
    for (let stripe = 0; stripe < width; stripe += 16) {
      context.fillStyle = `hsl(${stripe} 30% 60%)`;
      context.fillRect(stripe, 0, 8, height);
    }
    context.fillStyle = "#c98f6b";
    const sway = Math.sin((index / frameRate) * Math.PI * 2) * width * 0.05;
    context.beginPath();
    context.ellipse(width / 2 + sway, height / 2, height / 5, height / 3.5, 0, 0, Math.PI * 2);
    context.fill();
    const frame = new VideoFrame(canvas, { timestamp: (index * 1_000_000) / frameRate });
    encoder.encode(frame, { keyFrame: index % frameRate === 0 });
    frame.close();
  }
  await encoder.flush();

  const sound = async (level: (at: number) => number) => {
    const packets: string[] = [];
    const opus = new AudioEncoder({
      output: (chunk) => packets.push(text(chunk)),
      error: (error) => console.error(error),
    });
    opus.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1, bitrate: 32_000 });
    const samples = new Float32Array(48_000 * 2);
    for (let at = 0; at < samples.length; at += 1) samples[at] = level(at / 48_000);
    const data = new AudioData({
      format: "f32",
      sampleRate: 48_000,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: 0,
      data: samples,
    });
    opus.encode(data);
    await opus.flush();
    return packets;
  };
  const spoken = (at: number) => 0.2 * Math.sin(2 * Math.PI * 140 * at) * Math.abs(Math.sin(2 * Math.PI * 2 * at));
  return { frames, voice: await sound(spoken), silence: await sound(() => 0) };
}
