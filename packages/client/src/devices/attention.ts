/**
 * Watches over one's own tracks: how loud one is, whether one speaks, to nobody perhaps, and whether a device gives nothing.
 *
 * Only finds; what to do about it is the business of whoever holds the devices.
 */
import { SpeakingDetector } from "../speaking/detector.ts";
import { Meter } from "../speaking/meter.ts";
import { MutedSpeech } from "../speaking/muted.ts";
import { Store } from "../store.ts";
import type { CaptureKind } from "./capture.ts";
import { type DeviceTrouble, TrackHealth } from "./health.ts";
import { LightMeter } from "./light.ts";

export interface Findings {
  readonly speaking: boolean;
  readonly talkingWhileMuted: boolean;
  readonly trouble: Readonly<Record<CaptureKind, DeviceTrouble | undefined>>;
}

const nothing: Findings = {
  speaking: false,
  talkingWhileMuted: false,
  trouble: { microphone: undefined, camera: undefined },
};

export class Attention {
  /** The microphone's level from 0 to 1 while it is on, else 0. */
  readonly level = new Store(0);
  /** A new value whenever something was found or is over. */
  readonly findings = new Store(nothing);
  readonly #meter = new Meter((level) => this.#heard(level));
  readonly #light = new LightMeter((level, moved) => this.#seen(level, moved));
  #detector = new SpeakingDetector();
  #mutedSpeech = new MutedSpeech();
  #soundHealth = new TrackHealth("microphone");
  #lightHealth = new TrackHealth("camera");
  #microphone: MediaStreamTrack | undefined;
  #camera: MediaStreamTrack | undefined;
  #on = false;

  /** The microphone in use, and whether it is on. A trouble lasts over a change of track, until the new one gives something. */
  microphone(track: MediaStreamTrack | undefined, on: boolean): void {
    if (track !== this.#microphone) this.#meter.listen(track);
    this.#microphone = track;
    if (on === this.#on) return;
    this.#on = on;
    this.#detector = new SpeakingDetector();
    this.#mutedSpeech = new MutedSpeech();
    this.#soundHealth = new TrackHealth("microphone");
    this.level.set(0);
    this.#find({ speaking: false, talkingWhileMuted: false });
    this.#trouble("microphone", undefined);
  }

  camera(track: MediaStreamTrack | undefined, on: boolean): void {
    if (track !== this.#camera) this.#light.look(track);
    this.#camera = track;
    if (on) return;
    this.#lightHealth = new TrackHealth("camera");
    this.#trouble("camera", undefined);
  }

  close(): void {
    this.microphone(undefined, false);
    this.camera(undefined, false);
    this.#meter.close();
  }

  #heard(level: number | undefined): void {
    const now = performance.now();
    if (!this.#on) {
      this.#find({ talkingWhileMuted: this.#mutedSpeech.handle(level ?? 0, now) });
      return;
    }
    this.level.set(level ?? 0);
    this.#find({ speaking: this.#detector.handle(level ?? 0, now) });
    const muted = this.#microphone?.muted ?? false;
    this.#trouble("microphone", this.#soundHealth.handle({ muted, level }, now));
  }

  #seen(level: number | undefined, moved: boolean | undefined): void {
    const muted = this.#camera?.muted ?? false;
    this.#trouble("camera", this.#lightHealth.handle({ muted, level, moved }, performance.now()));
  }

  #find(found: Partial<Pick<Findings, "speaking" | "talkingWhileMuted">>): void {
    const before = this.findings.snapshot();
    const next = { ...before, ...found };
    if (next.speaking === before.speaking && next.talkingWhileMuted === before.talkingWhileMuted) return;
    this.findings.set(next);
  }

  #trouble(kind: CaptureKind, trouble: DeviceTrouble | undefined): void {
    const before = this.findings.snapshot();
    if (before.trouble[kind] === trouble) return;
    this.findings.set({ ...before, trouble: { ...before.trouble, [kind]: trouble } });
  }
}
