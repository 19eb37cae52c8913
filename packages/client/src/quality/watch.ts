/**
 * The shell of the monitor: looks at the connection's statistics at an interval, and stops with the room.
 */
import { type Readable, Store } from "../store.ts";
import { type Circumstances, Monitor, type MonitorOptions, type QualityEvent, type QualityView } from "./monitor.ts";
import { Sampler } from "./sample.ts";
import type { Step } from "./steps.ts";

export interface WatchOptions extends MonitorOptions {
  /** Milliseconds between two looks. Default 2000: a look costs a few milliseconds in a call of fifty. */
  readonly interval?: number;
}

export interface Watched {
  readonly connection: () => RTCPeerConnection | undefined;
  readonly circumstances: () => Circumstances;
  readonly event: (event: QualityEvent) => void;
}

export class QualityWatch implements Readable<QualityView> {
  readonly #watched: Watched;
  readonly #interval: number;
  readonly #monitor: Monitor;
  readonly #store: Store<QualityView>;
  #sampled: { readonly connection: RTCPeerConnection; readonly sampler: Sampler } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking = false;

  constructor(watched: Watched, options: WatchOptions = {}) {
    this.#watched = watched;
    this.#interval = options.interval ?? 2_000;
    this.#monitor = new Monitor(options);
    this.#store = new Store(this.#monitor.view());
  }

  readonly snapshot = (): QualityView => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  get step(): Step {
    return this.#monitor.step;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), this.#interval);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sampled = undefined;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const connection = this.#watched.connection();
      if (connection === undefined || connection.connectionState === "new") return;
      const up = connection.connectionState === "connected";
      if (this.#sampled?.connection !== connection) this.#sampled = { connection, sampler: new Sampler() };
      const { sampler } = this.#sampled;
      const report = up ? new Map(await connection.getStats()) : undefined;
      // The room may have ended, or media may have been rebuilt, while the browser was counting.
      if (this.#timer === undefined || this.#watched.connection() !== connection) return;
      const now = performance.now();
      const sample = report && sampler.handle(report, now);
      if (up && sample === undefined) return;
      const events = this.#monitor.handle(sample, this.#watched.circumstances(), now);
      this.#store.set(this.#monitor.view());
      for (const event of events) this.#watched.event(event);
    } finally {
      this.#looking = false;
    }
  }
}
