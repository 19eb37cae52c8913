/**
 * Another background for a camera: blurred, or a picture of one's own.
 *
 * The page only passes streams on; a worker with the model does the work, and is kept while cameras come and go. Nothing is
 * fetched but the files in `assets`, and those only once the first camera is to be treated.
 */
import {
  type AppliedEffect,
  EffectError,
  type EffectReason,
  type Readable,
  Store,
  type TrackEffect,
} from "@satsuma/client";
import { type Budget, defaultBudget } from "../governor.ts";
import { readImage } from "./image.ts";
import { canTreatPictures, streamsOf } from "./streams.ts";
import type { FromWorker, Pace, ToWorker, WorkerLook } from "./words.ts";

export type Look =
  /** `strength` from 0 to 1; default 0.6. */
  | { readonly kind: "blur"; readonly strength?: number }
  /** The address of a picture, which fills the frame. Of another host only if that allows it (CORS). */
  | { readonly kind: "image"; readonly url: string };

export interface BackgroundOptions {
  readonly look: Look;
  /** Where the files of this package's `dist/assets` are served; on the page's own origin, since workers load from nowhere else. */
  readonly assets: string;
  readonly budget?: Partial<Budget>;
}

/** Milliseconds to load program and model, 3 MB compressed, over a slow network. */
const loading = 30_000;

/** Milliseconds for the first treated picture. A camera that gives none yet is treated when it does. */
const firstPicture = 2_000;

export function createBackground(options: BackgroundOptions): Background {
  return new Background(options);
}

export class Background implements TrackEffect {
  /** What it hides should not be seen for a moment first. */
  readonly holds = true;
  readonly #worker: string;
  readonly #budget: Budget;
  readonly #pace = new Store<Pace | undefined>(undefined);
  #look: Promise<WorkerLook>;
  #wish = 0;
  /** Settles when the background that was asked for last is known, or is known to be none. */
  #shown: Promise<unknown> = Promise.resolve();
  #open: Thread | undefined;
  #runs = 0;
  #closings = 0;

  constructor({ look, assets, budget }: BackgroundOptions) {
    this.#worker = new URL("background.js", new URL(assets.endsWith("/") ? assets : `${assets}/`, location.href)).href;
    this.#budget = { ...defaultBudget, ...budget };
    this.#look = lookOf(look);
    // Whoever applies it hears of it.
    this.#look.catch(() => {});
  }

  /** How it goes, every two seconds or so while a camera is treated. */
  get pace(): Readable<Pace | undefined> {
    return this.#pace;
  }

  /** Shows another background from the next picture on. Rejects, and shows on what it did, if that is no picture. */
  show(look: Look): Promise<void> {
    const shown = this.#show(look);
    this.#shown = shown.catch(() => {});
    return shown;
  }

  async apply(source: MediaStreamTrack): Promise<AppliedEffect> {
    if (!canTreatPictures()) throw new EffectError("effect-unsupported");
    const closings = this.#closings;
    // A picture that could not be read has perhaps just been replaced.
    const look = await this.#look.catch(() => this.#shown.then(() => this.#look));
    if (closings !== this.#closings) throw closed();
    if (!this.#open || this.#open.dead) this.#open = new Thread(this.#worker, (pace) => this.#pace.set(pace));
    const thread = this.#open;
    await thread.loaded;
    if (thread.dead) throw closed();
    const { pictures, treated, track } = streamsOf(source);
    try {
      this.#runs += 1;
      const run = this.#runs;
      thread.say({ ask: "look", look });
      const { flowing, over } = thread.run(run);
      thread.say({ ask: "start", run, pictures, treated, budget: this.#budget }, [pictures, treated]);
      const failed = await Promise.race([flowing, over, thread.ended, after(firstPicture)]);
      if (failed) throw new EffectError(failed);
      return {
        track,
        over,
        stop: () => {
          thread.say({ ask: "stop", run });
          thread.forget(run);
          track.stop();
        },
      };
    } catch (thrown) {
      track.stop();
      throw thrown instanceof EffectError ? thrown : new EffectError("effect-failed", { cause: thrown });
    }
  }

  /** Ends the worker and what it treats, and frees their memory. An `apply` under way rejects; another one begins anew. */
  close(): void {
    this.#closings += 1;
    this.#open?.end();
    this.#open = undefined;
    this.#pace.set(undefined);
  }

  async #show(look: Look): Promise<void> {
    this.#wish += 1;
    const wish = this.#wish;
    const next = lookOf(look);
    const known = await next;
    // One picture takes longer to read than another; the one that was asked for last stays.
    if (wish !== this.#wish) return;
    this.#look = next;
    this.#open?.say({ ask: "look", look: known });
  }
}

interface Run {
  readonly flowing: PromiseWithResolvers<undefined>;
  readonly over: PromiseWithResolvers<EffectReason>;
}

/** The worker, and what is waited for of it. */
class Thread {
  readonly loaded: Promise<void>;
  readonly ended: Promise<EffectReason>;
  dead = false;
  readonly #worker: Worker;
  readonly #paced: (pace: Pace) => void;
  readonly #load = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<EffectReason>();
  readonly #runs = new Map<number, Run>();

  constructor(url: string, paced: (pace: Pace) => void) {
    this.loaded = this.#load.promise;
    this.ended = this.#ended.promise;
    this.#paced = paced;
    this.#worker = new Worker(url, { name: "background" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    // Before it is loaded its file is not there; afterwards it broke.
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#load.reject(new EffectError("effect-not-loaded", { cause: event.message }));
      this.#fall();
    };
    const late = setTimeout(() => {
      this.#load.reject(new EffectError("effect-not-loaded", { cause: "It took too long." }));
      this.end();
    }, loading);
    const inTime = () => clearTimeout(late);
    this.loaded.then(inTime, inTime);
  }

  say(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  run(id: number): { readonly flowing: Promise<undefined>; readonly over: Promise<EffectReason> } {
    const run: Run = { flowing: Promise.withResolvers(), over: Promise.withResolvers() };
    this.#runs.set(id, run);
    return { flowing: run.flowing.promise, over: run.over.promise };
  }

  forget(id: number): void {
    this.#runs.delete(id);
  }

  end(): void {
    this.dead = true;
    this.#worker.terminate();
    this.#load.reject(closed());
    this.#ended.resolve("effect-failed");
    this.#runs.clear();
  }

  #fall(): void {
    for (const { over } of this.#runs.values()) over.resolve("effect-failed");
    this.end();
  }

  #hear(message: FromWorker): void {
    switch (message.told) {
      case "loaded":
        this.#load.resolve();
        return;
      case "not-loaded":
        this.#load.reject(new EffectError("effect-not-loaded", { cause: message.why }));
        this.end();
        return;
      case "flowing":
        this.#runs.get(message.run)?.flowing.resolve(undefined);
        return;
      case "over":
        this.#runs.get(message.run)?.over.resolve(message.reason);
        return;
      case "pace":
        if (this.#runs.has(message.run)) this.#paced(message.pace);
    }
  }
}

function closed(): EffectError {
  return new EffectError("effect-failed", { cause: "It was closed." });
}

async function lookOf(look: Look): Promise<WorkerLook> {
  if (look.kind === "blur") return { kind: "blur", strength: look.strength ?? 0.6 };
  return { kind: "image", image: await readImage(look.url) };
}

function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined));
}
