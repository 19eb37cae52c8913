/**
 * A microphone without noise: GTCRN in an audio worklet, on the thread that captures sound, not on the page's.
 *
 * For voices: mono, up to 8 kHz, 32 ms later, and music is noise to it. Before it is used it is tried on a stretch of noise,
 * so that a machine that cannot keep up is told beforehand: sound that is computed too late is worse than noise.
 */
import { type AppliedEffect, EffectError, type EffectReason, type TrackEffect } from "@satsuma/client";

export interface NoiseOptions {
  /** Where the files of this package's `dist/assets` are served. */
  readonly assets: string;
  /** The share of real time that it may take in the trial. Default 0.2; its work comes in lumps of 16 ms of sound. */
  readonly share?: number;
}

/** The worklet resamples from this one. */
const sampleRate = 48_000;

/** Seconds of sound; between the stretches the worklet gets the time to load its program, and the browser to compile it well. */
const trial = { stretch: 0.1, stretches: 30 } as const;

/** Milliseconds to load 200 kB. */
const loading = 15_000;

/** Milliseconds in which a voice may be lost because the page's sound was taken away, as by a phone call. */
const lost = 2_000;

export function createNoiseSuppression(options: NoiseOptions): NoiseSuppression {
  return new NoiseSuppression(options);
}

/** Whether this browser can treat a microphone's sound. */
export function canTreatSound(): boolean {
  return (
    typeof AudioContext === "function" && "audioWorklet" in AudioContext.prototype && typeof WebAssembly === "object"
  );
}

export class NoiseSuppression implements TrackEffect {
  /** Nothing is hidden by it: until it is there a voice with noise is better than none. */
  readonly holds = false;
  readonly #base: URL;
  readonly #share: number;
  #program: Promise<Program> | undefined;

  constructor({ assets, share = 0.2 }: NoiseOptions) {
    this.#base = new URL(assets.endsWith("/") ? assets : `${assets}/`, location.href);
    this.#share = share;
  }

  async apply(source: MediaStreamTrack): Promise<AppliedEffect> {
    if (!canTreatSound()) throw new EffectError("effect-unsupported");
    this.#program ??= this.#load();
    let program: Program;
    try {
      program = await bounded(this.#program);
    } catch (thrown) {
      // What did not load may the next time.
      this.#program = undefined;
      throw thrown instanceof EffectError ? thrown : new EffectError("effect-not-loaded", { cause: thrown });
    }
    if (program.share > this.#share) throw new EffectError("machine-too-weak");
    // A context for each: the worklet's node (0.4) does not hear that it should end, and ends with its context only.
    const context = new AudioContext({ sampleRate, latencyHint: "interactive" });
    try {
      // A page may compute no sound before it was touched; until then others hear the microphone as it is.
      const ended = new Promise((resolve) => source.addEventListener("ended", resolve, { once: true }));
      // One that is stopped from here tells nobody.
      await running(context, ended, () => source.readyState === "live");
      await program.into(context);
      return treat(source, context, program);
    } catch (thrown) {
      end(context);
      throw thrown instanceof EffectError ? thrown : new EffectError("effect-failed", { cause: thrown });
    }
  }

  /** The share of real time that it took in the trial; undefined before. For a page that explains itself. */
  async share(): Promise<number | undefined> {
    return (await this.#program)?.share;
  }

  async #load(): Promise<Program> {
    const { GtcrnWorkletNode, loadGtcrn } = await import("@sapphi-red/web-noise-suppressor");
    const address = (name: string) => new URL(name, this.#base).href;
    const binary = await loadGtcrn({ url: address("gtcrn.wasm") });
    // The library takes whatever it is given, a page that says "not found" too.
    if (!WebAssembly.validate(binary)) throw new EffectError("effect-not-loaded");
    const into = (context: BaseAudioContext) => context.audioWorklet.addModule(address("gtcrn.js"));
    // The library's types ask for more than its node does.
    const node = (context: BaseAudioContext) =>
      new GtcrnWorkletNode(context as AudioContext, { maxChannels: 1, wasmBinary: binary });
    return { into, node, share: await tried(into, node) };
  }
}

interface Program {
  readonly into: (context: BaseAudioContext) => Promise<void>;
  readonly node: (context: BaseAudioContext) => AudioWorkletNode;
  readonly share: number;
}

function treat(source: MediaStreamTrack, context: AudioContext, program: Program): AppliedEffect {
  const input = context.createMediaStreamSource(new MediaStream([source]));
  const node = program.node(context);
  node.channelCount = 1;
  node.channelCountMode = "explicit";
  const output = context.createMediaStreamDestination();
  output.channelCount = 1;
  const [track] = output.stream.getAudioTracks();
  if (!track) throw new EffectError("effect-failed");
  track.contentHint = "speech";
  input.connect(node).connect(output);
  const over = Promise.withResolvers<EffectReason>();
  node.addEventListener("processorerror", () => over.resolve("effect-failed"));
  const state = () => {
    if (context.state === "running") return;
    running(context, after(lost)).catch(() => over.resolve("effect-failed"));
  };
  context.addEventListener("statechange", state);
  return {
    track,
    over: over.promise,
    stop() {
      context.removeEventListener("statechange", state);
      input.disconnect();
      track.stop();
      end(context);
    },
  };
}

/** Which share of real time it takes to treat noise, which costs as much as a voice. */
async function tried(into: Program["into"], node: Program["node"]): Promise<number> {
  const { stretch, stretches } = trial;
  const length = stretch * stretches * sampleRate;
  const context = new OfflineAudioContext({ numberOfChannels: 1, length, sampleRate });
  await into(context);
  const sound = context.createBuffer(1, length, sampleRate);
  const samples = sound.getChannelData(0);
  for (let at = 0; at < length; at += 1) samples[at] = Math.random() * 0.2 - 0.1;
  const source = new AudioBufferSourceNode(context, { buffer: sound });
  source.connect(node(context)).connect(context.destination);
  source.start();
  /** Milliseconds that each stretch took. */
  const taken: number[] = [];
  let began = 0;
  for (let index = 1; index < stretches; index += 1) {
    void context.suspend(index * stretch).then(async () => {
      taken.push(performance.now() - began);
      await after(10);
      began = performance.now();
      await context.resume();
    });
  }
  began = performance.now();
  await context.startRendering();
  // The program is there by the second half; of that the best stretch, since other programs may have taken the time.
  return Math.min(...taken.slice(stretches / 2)) / 1000 / stretch;
}

/** What may let a page compute sound, or give it back the sound that was taken away. */
const chances = ["pointerdown", "pointerup", "keydown", "visibilitychange"] as const;

/**
 * Resolves once the context runs, unless `until` comes first. Asks again at each chance and not in between, since a page may
 * wait for an hour to be touched; `goesOn` is looked at then too.
 */
function running(context: AudioContext, until: Promise<unknown>, goesOn = () => true): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const over = new AbortController();
  const look = () => {
    if (context.state === "running") resolve();
    else if (context.state === "closed" || !goesOn()) reject(new EffectError("effect-failed"));
    // A refusal is asked again.
    else context.resume().catch(() => {});
  };
  for (const chance of chances) document.addEventListener(chance, look, { signal: over.signal });
  context.addEventListener("statechange", look, { signal: over.signal });
  void until.then(() => reject(new EffectError("effect-failed")));
  look();
  return promise.finally(() => over.abort());
}

function end(context: AudioContext): void {
  // It only fails when it is closed already.
  context.close().catch(() => {});
}

async function bounded<T>(promise: Promise<T>): Promise<T> {
  const late = after(loading).then(() => {
    throw new EffectError("effect-not-loaded");
  });
  return Promise.race([promise, late]);
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
