/** A real Chromium with a fake camera and microphone of its own, one operating system process group each. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type BrowserServer,
  chromium,
} from "playwright-core";
import { findChromium, NoChromiumError } from "../../../../scripts/chromium.ts";
import { type Size, writePicture, writeVoice } from "./devices.ts";
import { rememberConnections } from "./stats.ts";

export interface Equipment {
  /** Size of the camera's picture in pixels. */
  readonly camera: Size;
  /** Frames per second of the camera. Default 15, which leaves a small machine time for several people. */
  readonly frameRate?: number;
  /** Whether any light comes into the camera. Default true. */
  readonly lit?: boolean;
  /** Pitch of the voice in hertz; 0 is a microphone without a sound. */
  readonly pitch: number;
  /** Whether the person says yes when asked for devices; otherwise permission is refused. */
  readonly permits?: boolean;
  /** Whether there is a camera. Default true. */
  readonly hasCamera?: boolean;
}

/** As few of Chromium's own doings as possible: no request of its own leaves the machine. */
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class Chromium {
  readonly camera: Size;
  readonly #process: BrowserServer;
  readonly #browser: Browser;
  readonly #folder: string;

  private constructor(process: BrowserServer, browser: Browser, folder: string, camera: Size) {
    this.#process = process;
    this.#browser = browser;
    this.#folder = folder;
    this.camera = camera;
  }

  static async start({
    camera,
    frameRate = 15,
    lit = true,
    pitch,
    permits = true,
    hasCamera = true,
  }: Equipment): Promise<Chromium> {
    const executablePath = findChromium();
    if (executablePath === undefined) throw new NoChromiumError("No Chromium was found; npm test installs one.");
    const folder = await mkdtemp(join(tmpdir(), "satsuma-chromium-"));
    const picture = join(folder, "picture.y4m");
    const voice = join(folder, "voice.wav");
    await Promise.all([writePicture(picture, camera, frameRate, lit), writeVoice(voice, pitch)]);
    const process = await chromium.launchServer({
      executablePath,
      args: [
        ...quiet,
        // A file in place of the camera counts as a camera, whatever the device count says.
        ...(hasCamera
          ? ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${picture}`]
          : ["--use-fake-device-for-media-stream=device-count=0"]),
        `--use-file-for-fake-audio-capture=${voice}`,
        ...(permits ? ["--use-fake-ui-for-media-stream"] : []),
      ],
    });
    return new Chromium(process, await chromium.connect(process.wsEndpoint()), folder, camera);
  }

  /** Its first process, from which all the others come. */
  get pid(): number {
    return this.#process.process().pid ?? 0;
  }

  /** A person's storage, apart from everybody else's. */
  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      locale: "en-GB",
      viewport: { width: 960, height: 600 },
      ...options,
    });
    await context.addInitScript(rememberConnections);
    return context;
  }

  /** Ends all its processes at once, as a crash does: nothing is said to anybody. */
  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async close(): Promise<void> {
    await this.#process.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
