/** How loud the microphone is, by Web Audio, ten times a second while there is a track. */
import { Store } from "../store.ts";

const interval = 100;

export class Meter {
  /** Root mean square from 0 to 1; 0 without a track. */
  readonly level = new Store(0);
  #context: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  listen(track: MediaStreamTrack | undefined): void {
    this.#source?.disconnect();
    this.#source = undefined;
    clearInterval(this.#timer);
    this.level.set(0);
    if (!track) return;
    this.#context ??= new AudioContext();
    const context = this.#context;
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      // A page without a gesture starts suspended; it may be allowed by now. A refusal is tried again at the next look.
      if (context.state === "suspended") context.resume().catch(() => {});
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      this.level.set(Math.sqrt(sum / samples.length));
    }, interval);
  }

  close(): void {
    this.listen(undefined);
    // Closing only fails when it is closed already.
    this.#context?.close().catch(() => {});
    this.#context = undefined;
  }
}
