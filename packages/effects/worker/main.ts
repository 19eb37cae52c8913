/**
 * The background's worker: takes pictures from a camera's stream, and puts treated ones into another.
 *
 * One picture at a time; those that come meanwhile the browser drops, so nothing is ever queued. Every frame is closed
 * whatever happens: a camera stops giving pictures once a few of them are kept.
 */
import type { FromWorker, ToWorker, WorkerLook } from "../src/background/words.ts";
import { Governor, type Pacing, pacings } from "../src/governor.ts";
import { Compositor } from "./compositor.ts";
import { loadProgram, Model } from "./model.ts";

type Start = Extract<ToWorker, { ask: "start" }>;

const scope = self as unknown as { postMessage(message: FromWorker): void };
const tell = (message: FromWorker) => scope.postMessage(message);

/** The newest wish, until the next picture takes it up. */
let next: WorkerLook | undefined;
let look: WorkerLook = { kind: "blur", strength: 1 };
let current: Stretch | undefined;

const loaded = load();

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.ask) {
    case "look":
      if (next) release(next);
      next = data.look;
      return;
    case "start":
      return void begin(data);
    case "stop":
      if (current?.run === data.run) current.stop();
      return;
  }
};

/** Between two pictures, so that none is drawn with an image that was closed meanwhile. */
function takeUp(): void {
  if (!next) return;
  release(look);
  look = next;
  next = undefined;
}

function release(look: WorkerLook): void {
  if (look.kind === "image") look.image.close();
}

async function load(): Promise<Compositor | undefined> {
  try {
    await loadProgram();
    const first = await Model.load("landscape");
    tell({ told: "loaded" });
    return new Compositor((name) => (name === "landscape" ? Promise.resolve(first) : Model.load(name)));
  } catch (thrown) {
    tell({ told: "not-loaded", why: String(thrown) });
    return undefined;
  }
}

async function begin(start: Start): Promise<void> {
  const compositor = await loaded;
  if (!compositor) return;
  current?.stop();
  current = new Stretch(start, compositor);
  await current.film();
}

/** One camera, from its first picture to its last. */
class Stretch {
  readonly run: number;
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly #compositor: Compositor;
  readonly #governor: Governor;
  readonly #meter: Meter;
  #pacing: Pacing = pacings[0];
  #came = 0;
  #shown = 0;

  constructor({ run, pictures, treated, budget }: Start, compositor: Compositor) {
    this.run = run;
    this.#reader = pictures.getReader();
    this.#writer = treated.getWriter();
    this.#compositor = compositor;
    this.#governor = new Governor(budget);
    this.#meter = new Meter(run);
    compositor.reset();
  }

  stop(): void {
    // Either end may be gone already, with the camera or with the track.
    this.#reader.cancel().catch(() => {});
    this.#writer.close().catch(() => {});
  }

  async film(): Promise<void> {
    try {
      for (;;) {
        const { done, value: frame } = await this.#reader.read();
        if (done) break;
        if (!(await this.#treat(frame))) break;
      }
    } catch (thrown) {
      tell({ told: "over", run: this.run, reason: "effect-failed", why: String(thrown) });
    } finally {
      this.stop();
    }
  }

  /** False when there is to be no other. */
  async #treat(frame: VideoFrame): Promise<boolean> {
    this.#came += 1;
    if (this.#came % this.#pacing.show !== 0) {
      frame.close();
      return true;
    }
    takeUp();
    const began = performance.now();
    let treated: VideoFrame;
    try {
      treated = await this.#compositor.compose(frame, look, this.#shown % this.#pacing.look === 0);
    } finally {
      frame.close();
    }
    const now = performance.now();
    const size = { width: treated.displayWidth, height: treated.displayHeight };
    try {
      await this.#writer.write(treated);
    } catch {
      // Nobody shows or sends the treated track any more.
      return false;
    } finally {
      treated.close();
    }
    this.#shown += 1;
    if (this.#shown === 1) tell({ told: "flowing", run: this.run });
    const verdict = this.#governor.handle(now - began, now);
    if (verdict === "too-weak") {
      tell({ told: "over", run: this.run, reason: "machine-too-weak", why: "" });
      return false;
    }
    this.#pacing = verdict;
    this.#meter.handle({ ...size, pacing: verdict }, now - began, now);
    return true;
  }
}

/** Tells of the pace, every two seconds at the most. */
class Meter {
  readonly #run: number;
  #since: number | undefined;
  #pictures = 0;
  #cost = 0;

  constructor(run: number) {
    this.#run = run;
  }

  handle(picture: { width: number; height: number; pacing: Pacing }, cost: number, now: number): void {
    this.#since ??= now;
    this.#pictures += 1;
    this.#cost += cost;
    const elapsed = now - this.#since;
    if (elapsed < 2000) return;
    const pace = { ...picture, pictures: (this.#pictures * 1000) / elapsed, cost: this.#cost / this.#pictures };
    tell({ told: "pace", run: this.#run, pace });
    this.#since = now;
    this.#pictures = 0;
    this.#cost = 0;
  }
}
