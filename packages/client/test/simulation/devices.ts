/** Microphones, cameras and screens of one page: asked for, given, unplugged. What is captured carries a mark of its own. */
import type { Page } from "./page.ts";

let marks = 0;

export class ModelTrack {
  readonly id: string;
  readonly kind: "audio" | "video";
  readonly mark: number;
  readonly #device: string;
  enabled = true;
  muted = false;
  contentHint = "";
  readyState: "live" | "ended" = "live";
  onended: (() => void) | null = null;

  constructor(kind: "audio" | "video", device = "") {
    marks += 1;
    this.mark = marks & 0xffff;
    this.id = `track-${marks}`;
    this.kind = kind;
    this.#device = device;
  }

  stop(): void {
    this.readyState = "ended";
  }

  clone(): ModelTrack {
    return new ModelTrack(this.kind, this.#device);
  }

  getSettings(): object {
    const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return { deviceId: this.#device, ...(this.kind === "video" ? { width: 1280, height: 720 } : sound) };
  }

  async applyConstraints(): Promise<void> {}

  /** Unplugged, or ended by the system's own button. */
  lose(): void {
    if (this.readyState === "ended") return;
    this.readyState = "ended";
    this.onended?.();
  }
}

export class ModelStream {
  readonly #tracks: readonly ModelTrack[];

  constructor(tracks: readonly ModelTrack[] = []) {
    this.#tracks = tracks;
  }

  getTracks = (): readonly ModelTrack[] => this.#tracks;
  getVideoTracks = (): readonly ModelTrack[] => this.#tracks.filter(({ kind }) => kind === "video");
  getAudioTracks = (): readonly ModelTrack[] => this.#tracks.filter(({ kind }) => kind === "audio");
}

export class Devices extends EventTarget {
  readonly #page: Page;
  /** What is captured and may still be live. */
  readonly tracks: ModelTrack[] = [];

  constructor(page: Page) {
    super();
    this.#page = page;
  }

  async getUserMedia({ audio, video }: MediaStreamConstraints): Promise<ModelStream> {
    const { fate } = this.#page.world;
    await this.#page.wait(fate.delay(5, 60));
    if (fate.fails()) throw new DOMException("Another program has it.", "NotReadableError");
    return this.#capture([
      ...(audio ? [["audio", "mic-1"] as const] : []),
      ...(video ? [["video", "cam-1"] as const] : []),
    ]);
  }

  async getDisplayMedia(): Promise<ModelStream> {
    const { fate } = this.#page.world;
    await this.#page.wait(fate.delay(50, 400));
    if (fate.fails(3)) throw new DOMException("Permission dismissed", "NotAllowedError");
    return this.#capture([["video", "screen"], ...(fate.chance.oneIn(2) ? [["audio", "screen"] as const] : [])]);
  }

  async enumerateDevices(): Promise<object[]> {
    await this.#page.wait(1);
    return [
      { kind: "audioinput", deviceId: "mic-1", label: "Microphone" },
      { kind: "videoinput", deviceId: "cam-1", label: "Camera" },
    ];
  }

  #capture(wanted: readonly (readonly ["audio" | "video", string])[]): ModelStream {
    const tracks = wanted.map(([kind, device]) => new ModelTrack(kind, device));
    this.#page.world.tell(() => `${this.#page.name} captures ${tracks.map(({ kind, mark }) => `${kind} ${mark}`)}`);
    this.tracks.push(...tracks);
    return new ModelStream(tracks);
  }
}
