/** Somebody in a call: the real client in a page of their own, and what they did that must not be lost. */
import { RefusedError, type TrackSource } from "@satsuma/protocol";
import { backoff, joinRoom, type Room } from "../../src/index.ts";
import { Page } from "./page.ts";
import type { World } from "./world.ts";

/** What an app promised, and forgot. */
const never = new Promise<never>(() => {});

export interface Said {
  readonly text: string;
  /** What the client was told became of it; undefined while it waits. */
  done: boolean | undefined;
}

export class Person {
  readonly name: string;
  readonly page: Page;
  readonly room: Room;
  readonly said: Said[] = [];
  readonly shown = new Map<string, () => void>();
  readonly onlyShown: boolean;
  left = false;
  /** Put out by a moderator. */
  removed = false;
  /** What a moderator has switched off and they have not switched on since, with the stay in which it was. */
  readonly held = new Map<TrackSource, number>();
  readonly #world: World;

  constructor(name: string, world: World, said: number) {
    const { chance } = world.fate;
    this.name = name;
    this.#world = world;
    this.page = new Page(name, world);
    this.onlyShown = chance.oneIn(2);
    const relays = chance.oneIn(2);
    this.room = this.page.run(() =>
      joinRoom({
        room: "garden",
        url: `https://${name}.test`,
        token: async () => {
          await this.page.wait(world.fate.delay(1, 20));
          if (world.fate.fails(0.5)) await never;
          if (this.removed) throw new RefusedError("not-allowed", "You were put out.");
          return world.token(name);
        },
        video: this.onlyShown ? "shown" : "all",
        retry: backoff({ firstTries: 1_000 }),
        ...(relays && {
          iceServers: async () => {
            await this.page.wait(world.fate.delay(1, 50));
            if (world.fate.fails()) throw new Error("no relay");
            if (world.fate.fails(0.5)) await never;
            return { iceServers: [], ttl: 20 };
          },
        }),
      }),
    );
    this.#count = said;
  }

  #count: number;

  get ended(): boolean {
    return this.room.snapshot().connection.state === "ended";
  }

  setMicrophone(on: boolean): void {
    if (on) this.held.delete("microphone");
    void this.room.setMicrophone(on);
  }

  setCamera(on: boolean): void {
    if (on) this.held.delete("camera");
    void this.room.setCamera(on);
  }

  shareScreen(): void {
    this.held.delete("screen");
    this.held.delete("screen-audio");
    void this.room.shareScreen();
  }

  say(): void {
    this.#count += 1;
    const said: Said = { text: `${this.name} says ${this.#count}`, done: undefined };
    this.said.push(said);
    void this.room.do({ do: "say", text: said.text }).then(({ ok }) => {
      said.done = ok;
    });
  }

  /** Shows a picture of somebody, or hides one that is shown. */
  look(): void {
    const { chance } = this.#world.fate;
    const pictures = this.room
      .snapshot()
      .participants.flatMap(({ local, tracks }) => (local ? [] : tracks))
      .flatMap(({ key, kind }) => (kind === "video" && key !== undefined ? [key] : []));
    const key = pictures[chance.below(pictures.length)];
    if (key === undefined) return;
    const undo = this.shown.get(key);
    this.shown.delete(key);
    if (undo) {
      undo();
      return;
    }
    const element = { clientHeight: chance.pick([90, 300, 700]) } as unknown as Element;
    this.shown.set(key, this.room.show(element, key));
  }

  /** Hands over what is captured, as an unplugged device does. */
  loseDevice(): void {
    const live = this.page.devices.tracks.filter(({ readyState }) => readyState === "live");
    live[this.#world.fate.chance.below(live.length)]?.lose();
  }

  leave(): void {
    if (this.left) return;
    this.left = true;
    this.page.run(() => this.room.leave());
  }
}
