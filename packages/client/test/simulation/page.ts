/**
 * One browser's page: its own window, network, devices and timers, put in the place of the globals while it runs.
 *
 * Every step of the world belongs to one page or to none, so the globals are those of whoever is running.
 */
import type { Clock, Planned } from "./clock.ts";
import { Devices } from "./devices.ts";
import type { Fate } from "./fate.ts";
import type { ModelPeerConnection } from "./peer-connection.ts";

interface Timer {
  planned: Planned;
}

/** What of a page is reached through the rest of the world. */
export interface Surroundings {
  readonly clock: Clock;
  readonly fate: Fate;
  fetch(page: Page, url: string, init: RequestInit): Promise<Response>;
  openSocket(page: Page, socket: ModelSocket): void;
  /** The peer's end of the SFU's transport `ufrag` is this connection now. */
  connect(connection: ModelPeerConnection, ufrag: string): void;
  /** Something happened that no browser would let happen. */
  complain(what: string): void;
  /** Told only to whoever reads the story. */
  tell(what: () => string): void;
}

let current: Page | undefined;
let ids = 0;

export class Page {
  readonly name: string;
  readonly world: Surroundings;
  readonly window = new EventTarget();
  readonly document = Object.assign(new EventTarget(), {
    visibilityState: "visible",
    hidden: false,
    createElement: (name: string) => element(name),
  });
  readonly devices: Devices;
  readonly connections: ModelPeerConnection[] = [];
  readonly sockets: ModelSocket[] = [];
  readonly #timers = new Map<number, Timer>();
  /** Nothing of its network gets through. */
  cut = false;
  /** What a page that stands still, as in a laptop's sleep, has not come to yet; undefined of one that runs. */
  #late: (() => void)[] | undefined;

  constructor(name: string, world: Surroundings) {
    this.name = name;
    this.world = world;
    this.devices = new Devices(this);
  }

  /** Runs something as this page. */
  run<T>(work: () => T): T {
    current = this;
    return work();
  }

  /** Does it later, as this page; by the browser, so it is none of the page's timers. */
  later(after: number, work: () => void): Planned {
    const planned = this.world.clock.plan(after, () => {
      if (this.#late) this.#late.push(() => planned.cancelled || this.run(work));
      else this.run(work);
    });
    return planned;
  }

  get isFrozen(): boolean {
    return this.#late !== undefined;
  }

  freeze(): void {
    this.#late ??= [];
  }

  /** Everything that waited comes at once, in its order. */
  thaw(): void {
    const late = this.#late ?? [];
    this.#late = undefined;
    for (const work of late) this.world.clock.plan(0, work);
  }

  /** Resolves after so many ms of the browser's own work. */
  wait(after: number): Promise<void> {
    return new Promise((resolve) => this.later(after, resolve));
  }

  get timers(): number {
    return this.#timers.size;
  }

  setTimer(work: () => void, after: number, repeats: boolean): number {
    ids += 1;
    const id = ids;
    const ring = () => {
      if (!repeats) this.#timers.delete(id);
      else this.#timers.set(id, { planned: this.later(Math.max(1, after), ring) });
      work();
    };
    this.#timers.set(id, { planned: this.later(after, ring) });
    return id;
  }

  clearTimer(id: number | undefined): void {
    const timer = id === undefined ? undefined : this.#timers.get(id);
    if (timer === undefined || id === undefined) return;
    timer.planned.cancelled = true;
    this.#timers.delete(id);
  }

  hide(hidden: boolean): void {
    this.document.visibilityState = hidden ? "hidden" : "visible";
    this.document.hidden = hidden;
    this.document.dispatchEvent(new Event("visibilitychange"));
  }
}

/** The page that runs. Code of a page runs in no other step. */
export function here(): Page {
  if (current === undefined) throw new Error("No page runs.");
  return current;
}

/** A WebSocket's end in the page; what moves it is the world. */
export class ModelSocket {
  static readonly OPEN = 1;
  readonly page = here();
  readonly url: string;
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: string }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  /** Set by the world. */
  outgoing: (frame: string) => void = () => {};
  ended: () => void = () => {};

  constructor(url: string) {
    this.url = url;
    this.page.sockets.push(this);
    this.page.world.openSocket(this.page, this);
  }

  send(frame: string): void {
    if (this.readyState === 0) throw new DOMException("The socket is not open yet.", "InvalidStateError");
    if (this.readyState === 1) this.outgoing(frame);
  }

  close(code = 1000, reason = ""): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    this.ended();
    this.page.later(1, () => this.drop(code, reason));
  }

  /** It is over, for whatever reason. */
  drop(code: number, reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

/** A video or canvas that shows nothing. */
function element(name: string): object {
  return name === "canvas"
    ? { width: 0, height: 0, getContext: () => null }
    : {
        muted: false,
        srcObject: null,
        videoWidth: 0,
        play: async () => {},
        getVideoPlaybackQuality: () => ({ totalVideoFrames: 0 }),
      };
}
