/**
 * How loud a microphone is, by Web Audio, ten times a second while there is a track.
 *
 * Listens to a copy of the track, which hears on while the track itself is muted; the copy is sent to nobody.
 */
const interval = 100;

export class Meter {
  readonly #heard: (level: number | undefined) => void;
  #context: AudioContext | undefined;
  #source: MediaStreamAudioSourceNode | undefined;
  #copy: MediaStreamTrack | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Told of the root mean square from 0 to 1, or of undefined while the page may not listen yet. */
  constructor(heard: (level: number | undefined) => void) {
    this.#heard = heard;
  }

  listen(track: MediaStreamTrack | undefined): void {
    this.#source?.disconnect();
    this.#source = undefined;
    this.#copy?.stop();
    this.#copy = undefined;
    clearInterval(this.#timer);
    if (!track) return;
    this.#copy = track.clone();
    this.#copy.enabled = true;
    this.#context ??= new AudioContext();
    const context = this.#context;
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source = context.createMediaStreamSource(new MediaStream([this.#copy]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      // A page without a gesture starts suspended; it may be allowed by now. A refusal is tried again at the next look.
      if (context.state === "suspended") context.resume().catch(() => {});
      if (context.state !== "running") return this.#heard(undefined);
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      this.#heard(Math.sqrt(sum / samples.length));
    }, interval);
  }

  close(): void {
    this.listen(undefined);
    // Closing only fails when it is closed already.
    this.#context?.close().catch(() => {});
    this.#context = undefined;
  }
}
