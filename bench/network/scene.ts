/** What every part of the network benchmark has: a stage, a publisher on it, and viewers behind relays. */
import {
  type Actor,
  camera,
  type Mode,
  type NetworkStage,
  secret,
  type Way,
} from "../../packages/runtime/browser/network-stage.ts";
import type { Layer, Seen } from "../../packages/runtime/browser/pages/network.ts";

export type { Mode };

/** Each just fits a bottleneck that the benchmark has, with sound and headers: 1 Mbit/s and 300 kbit/s. */
const layers: readonly Layer[] = [
  { rid: "a", scaleResolutionDownBy: 1, maxBitrate: 2_500_000 },
  { rid: "b", scaleResolutionDownBy: 2, maxBitrate: 800_000 },
  { rid: "c", scaleResolutionDownBy: 4, maxBitrate: 200_000 },
];

/** ms each way of every network here that is not said to be another. */
export const oneWay = 25;

export interface Watched {
  /** Per second. */
  readonly frames: number;
  /** Of the time, in percent. */
  readonly frozen: number;
  readonly freezes: number;
  readonly width: number;
  /** bits/s. */
  readonly bitrate: number;
  /** Sound that was made up, in percent. */
  readonly concealed: number;
}

export class Scene {
  readonly stage: NetworkStage;
  readonly mode: Mode;
  readonly viewer: Actor;
  readonly publisher: Actor;
  #views = 0;

  private constructor(stage: NetworkStage, mode: Mode, publisher: Actor, viewer: Actor) {
    this.stage = stage;
    this.mode = mode;
    this.publisher = publisher;
    this.viewer = viewer;
  }

  static async set(stage: NetworkStage, mode: Mode): Promise<Scene> {
    return new Scene(stage, mode, await stage.actor(), await stage.actor());
  }

  async strike(): Promise<void> {
    await Promise.all([this.publisher.close(), this.viewer.close()]);
  }

  /** Resolves once every layer has its full size. */
  async publish(way: Way): Promise<string> {
    const session = await this.publisher.run("publish", way.url, secret, { ...camera, layers });
    const end = performance.now() + 20_000;
    for (;;) {
      const sent = await this.publisher.run("sent");
      if (sent.length === layers.length && sent.every(({ frames }) => frames > 15)) return session;
      if (performance.now() > end) throw new Error(`The publisher sends ${JSON.stringify(sent)}.`);
      await pause(200);
    }
  }

  /** Somebody new watches; gives their name. */
  async watch(way: Way, session: string): Promise<string> {
    this.#views += 1;
    const name = `viewer ${this.#views}`;
    await this.viewer.run("watch", name, way.url, secret, session);
    return name;
  }

  seen(name: string): Promise<Seen> {
    return this.viewer.run("seen", name);
  }

  /** Looks on for so many ms. */
  async watched(name: string, time: number): Promise<Watched> {
    const before = await this.seen(name);
    await pause(time);
    return between(before, await this.seen(name));
  }

  leave(name: string): Promise<void> {
    return this.viewer.run("leave", name);
  }
}

export function between(before: Seen, after: Seen): Watched {
  const passed = after.at - before.at;
  return {
    frames: ((after.frames - before.frames) * 1_000) / passed,
    // A freeze that began before is counted from its beginning, or was too short to count then.
    frozen: Math.min(100, Math.max(0, ((after.frozen - before.frozen) * 100) / passed)),
    freezes: after.freezes - before.freezes,
    width: after.width,
    bitrate: ((after.bytes - before.bytes) * 8_000) / passed,
    concealed: ((after.concealed - before.concealed) * 100) / Math.max(1, after.samples - before.samples),
  };
}

export function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
