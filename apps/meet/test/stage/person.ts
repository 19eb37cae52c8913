/** One person at the meeting app: a page in a context of its own, used as people use it and read as they see it. */
import type { BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import type { Chromium } from "./browser.ts";
import { type Incoming, readStats, type Stats } from "./stats.ts";
import { until } from "./until.ts";

export interface Tile {
  readonly participant: string;
  readonly name: string;
  readonly local: boolean;
  readonly muted: boolean;
  /** Whether a picture is shown, and no avatar. */
  readonly camera: boolean;
  readonly connection: "connected" | "recovering";
  /** The picture as it is on the page. */
  readonly video:
    | { readonly width: number; readonly height: number; readonly time: number; readonly track: string }
    | undefined;
}

export class Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.context = context;
    this.page = page;
  }

  /** Opens the page of a room and stays in its lobby. */
  static async inLobby(
    name: string,
    browser: Chromium,
    url: string,
    room: string,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    const context = await browser.context(options);
    const person = new Person(name, context, await context.newPage());
    await person.page.goto(`${url}/r/${room}`);
    await person.page.getByLabel("Your name").fill(name);
    return person;
  }

  static async inCall(name: string, browser: Chromium, url: string, room: string): Promise<Person> {
    const person = await Person.inLobby(name, browser, url, room);
    await person.join();
    return person;
  }

  /** The same page in a second tab, as "Duplicate tab" makes it: with a copy of what the first has stored. */
  async duplicate(): Promise<Person> {
    const opened = this.context.waitForEvent("page");
    await this.page.evaluate(() => void window.open(location.href));
    return new Person(this.name, this.context, await opened);
  }

  async join(): Promise<void> {
    await this.page.getByRole("button", { name: "Join meeting" }).click();
    await this.button("Leave").waitFor();
  }

  /** Ends the page as closing a tab does. */
  async close(): Promise<void> {
    await this.context.close();
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  press(name: string): Promise<void> {
    return this.button(name).click();
  }

  stats(): Promise<Stats> {
    return this.page.evaluate(readStats);
  }

  tiles(): Promise<Tile[]> {
    return this.page.evaluate(readTiles);
  }

  async names(): Promise<string[]> {
    return (await this.tiles()).filter((tile) => !tile.local).map((tile) => tile.name);
  }

  /** Resolves when exactly these others are there, in whatever order. */
  async surroundedBy(names: readonly string[], patience?: number): Promise<void> {
    const wanted = names.toSorted().join();
    let seen: string[] = [];
    await until(
      `${this.name} has ${wanted || "nobody"} around`,
      async () => {
        seen = await this.names();
        return seen.toSorted().join() === wanted;
      },
      patience,
      () => seen,
    );
  }

  /** Resolves when the tile of somebody is as wanted. */
  async tile(name: string, what: string, is: (tile: Tile) => boolean, patience?: number): Promise<Tile> {
    let seen: Tile[] = [];
    return until(
      `${this.name} has ${name} ${what}`,
      async () => {
        seen = await this.tiles();
        return seen.find((tile) => tile.name === name && is(tile));
      },
      patience,
      () => seen,
    );
  }

  /**
   * Resolves when somebody's picture moves: frames are decoded and shown, in the size given if one is. Gives what came
   * in when it did.
   */
  async sees(
    name: string,
    size?: { readonly width: number; readonly height: number },
    patience?: number,
  ): Promise<Incoming> {
    let seen: unknown;
    let before: { tile: Tile; stream: Incoming } | undefined;
    return until(
      `${this.name} sees ${name} moving`,
      async () => {
        const [tiles, stats] = await Promise.all([this.tiles(), this.stats()]);
        const tile = tiles.find((candidate) => candidate.name === name && !candidate.local);
        const stream = stats.incoming.find(({ kind, track }) => kind === "video" && track === tile?.video?.track);
        seen = { tile, stream, stats };
        if (!tile?.video || !stream) return undefined;
        if (size && (stream.width !== size.width || stream.height !== size.height)) return undefined;
        if (tile.video.width !== stream.width || tile.video.height !== stream.height) return undefined;
        if (before?.stream.track !== stream.track) before = { tile, stream };
        const decoded = stream.framesDecoded - before.stream.framesDecoded;
        const shown = tile.video.time - (before.tile.video?.time ?? 0);
        return decoded >= 5 && shown > 0.2 && stream;
      },
      patience,
      () => seen,
    );
  }

  /** Resolves when just so many voices are heard at once, over half a second of sound. */
  async hears(voices: number, patience?: number): Promise<void> {
    let seen: unknown;
    let before: readonly Incoming[] = [];
    await until(
      `${this.name} hears ${voices} voices`,
      async () => {
        const { incoming } = await this.stats();
        const now = incoming.filter(({ kind }) => kind === "audio");
        const levels = now.map((stream) => {
          const earlier = before.find(({ track }) => track === stream.track);
          return earlier === undefined ? undefined : level(earlier, stream);
        });
        seen = levels;
        if (levels.includes(undefined)) before = now;
        if (levels.some((one) => one === undefined || one === "too-short")) return undefined;
        before = now;
        const loud = levels.filter((one) => Number(one) > silence);
        return loud.length === voices;
      },
      patience,
      () => seen,
    );
  }
}

/** Root mean square of a level from 0 to 1 below which it counts as silence: -60 dBFS, far below any voice. */
const silence = 0.001;

/** Seconds of sound over which a level is taken: two syllables of the fake voice. */
const listening = 0.5;

/** Root mean square level between two reports of one stream (webrtc-stats, totalAudioEnergy). */
function level(earlier: Incoming, now: Incoming): number | "too-short" {
  const duration = now.duration - earlier.duration;
  return duration < listening ? "too-short" : Math.sqrt((now.energy - earlier.energy) / duration);
}

function readTiles(): Tile[] {
  return [...document.querySelectorAll<HTMLElement>("[data-testid=tile]")].map((tile) => {
    const video = tile.querySelector("video");
    const stream = video?.srcObject instanceof MediaStream ? video.srcObject : undefined;
    return {
      participant: tile.dataset.participant ?? "",
      name: tile.getAttribute("aria-label") ?? "",
      local: tile.dataset.local === "true",
      muted: tile.dataset.muted === "true",
      camera: tile.dataset.camera === "true",
      connection: tile.dataset.connection === "recovering" ? "recovering" : "connected",
      video: video
        ? {
            width: video.videoWidth,
            height: video.videoHeight,
            time: video.currentTime,
            track: stream?.getVideoTracks()[0]?.id ?? "",
          }
        : undefined,
    };
  });
}
