/**
 * This browser's own microphone and camera: held, muted, switched, lost and found again.
 *
 * Lives from the lobby into the room and knows neither. Muting the microphone keeps the device and sends silence, so
 * that unmuting is instant; switching the camera off gives the device back, so that its light goes out.
 */
import { type Readable, Store } from "../store.ts";
import { Attention } from "./attention.ts";
import {
  adjust,
  type CaptureChange,
  type Captured,
  type CaptureKind,
  type CaptureSettings,
  capture,
  defaultCapture,
  type Preferred,
} from "./capture.ts";
import type { EffectView, TrackEffect } from "./effect.ts";
import type { DeviceErrorCode } from "./errors.ts";
import type { DeviceTrouble } from "./health.ts";
import { type Device, type DeviceList, DeviceWatch } from "./list.ts";
import { PermissionWatch } from "./permissions.ts";
import {
  best,
  type DeviceKind,
  type DevicePreference,
  noPreference,
  type Order,
  prefer,
  refreshed,
  remember,
} from "./preference.ts";
import { Screens } from "./screens.ts";
import { Treatment } from "./treatment.ts";

export interface InputView {
  /** Whether it is switched on: heard or seen by others, once in a room. */
  readonly on: boolean;
  /** A device is being asked for. */
  readonly busy: boolean;
  /** The device's own track. */
  readonly track: MediaStreamTrack | undefined;
  /** What others get: the same track, or what an effect makes of it; undefined while that is about to begin. */
  readonly sent: MediaStreamTrack | undefined;
  readonly effect: EffectView;
  /** The id of the device in use, or of the one preferred while none is. */
  readonly device: string | undefined;
  /** Why it is not on although that was asked for. */
  readonly error: DeviceErrorCode | undefined;
  /** What is wrong although it is on; undefined while it gives sound or picture. */
  readonly trouble: DeviceTrouble | undefined;
  /** What the person has allowed; undefined where the browser does not tell. */
  readonly permission: PermissionState | undefined;
}

export interface LocalView {
  readonly microphone: InputView;
  readonly camera: InputView;
  readonly devices: DeviceList;
  /** How the devices are used; they may give less. */
  readonly settings: CaptureSettings;
  /** Devices by liking, for the app to keep until the next time. */
  readonly preference: DevicePreference;
  /** The id of the speaker in use; undefined is the system's. */
  readonly speaker: string | undefined;
  /** Whether the microphone, while on, hears speech. */
  readonly speaking: boolean;
  /** Whether the person speaks although the microphone is off. Known while its device is held; nothing of it is sent. */
  readonly talkingWhileMuted: boolean;
}

export interface LocalMediaOptions {
  /** Devices liked and used earlier, as the view told of them. */
  readonly preference?: DevicePreference;
  readonly settings?: CaptureSettings;
}

const kinds: readonly CaptureKind[] = ["microphone", "camera"];
const deviceKinds: readonly DeviceKind[] = [...kinds, "speaker"];

export class LocalMedia implements Readable<LocalView> {
  readonly #store: Store<LocalView>;
  /** What this page shares of its screen. */
  readonly screens = new Screens();
  readonly #watch = new DeviceWatch();
  readonly #permissions: PermissionWatch;
  readonly #attention = new Attention();
  readonly #treatment: Record<CaptureKind, Treatment> = {
    microphone: new Treatment((treated) => this.#input("microphone", treated)),
    camera: new Treatment((treated) => this.#input("camera", treated)),
  };
  /** What the person wants now; an answer of the browser to an older wish is put away. */
  readonly #wish: Record<CaptureKind, number> = { microphone: 0, camera: 0 };
  /** Devices that were opened a second time since they gave nothing; a third time is of no use. */
  readonly #reopened = new Set<string | undefined>();
  #closed = false;

  constructor(options: LocalMediaOptions = {}) {
    const off = {
      on: false,
      busy: false,
      track: undefined,
      sent: undefined,
      effect: { state: "none" as const },
      error: undefined,
      trouble: undefined,
      permission: undefined,
    };
    const preference = options.preference ?? noPreference;
    this.#store = new Store<LocalView>({
      microphone: { ...off, device: preference.microphone[0]?.id },
      camera: { ...off, device: preference.camera[0]?.id },
      devices: this.#watch.list.snapshot(),
      settings: options.settings ?? defaultCapture,
      preference,
      speaker: preference.speaker[0]?.id,
      speaking: false,
      talkingWhileMuted: false,
    });
    this.#permissions = new PermissionWatch(kinds, (kind, permission) => this.#permitted(kind, permission));
    this.#watch.list.subscribe(() => this.#devicesChanged());
    this.#attention.findings.subscribe(() => this.#found());
  }

  readonly snapshot = (): LocalView => this.#store.snapshot();
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** The microphone's level from 0 to 1, ten times a second while it is on. Apart from the view, since it never rests. */
  get level(): Readable<number> {
    return this.#attention.level;
  }

  /** Switches both on with one question to the person. */
  async start(wanted: readonly CaptureKind[] = kinds): Promise<void> {
    const missing = wanted.filter((kind) => this.snapshot()[kind].track === undefined);
    if (missing.length > 0) await this.#acquire(missing);
  }

  async setMicrophone(on: boolean): Promise<void> {
    const { track } = this.snapshot().microphone;
    if (track) {
      track.enabled = on;
      this.#treatment.microphone.enable(on);
      this.#attention.microphone(track, on);
      this.#input("microphone", { on, error: undefined });
    } else if (on) await this.#acquire(["microphone"]);
    else this.#drop("microphone");
  }

  async setCamera(on: boolean): Promise<void> {
    if (!on) this.#drop("camera");
    else if (!this.snapshot().camera.track) await this.#acquire(["camera"]);
  }

  /** Chooses a device by id, before all others from now on. One in use is replaced at once; one that is off is remembered. */
  async setDevice(kind: DeviceKind, id: string): Promise<void> {
    const device = this.#there(kind).find((known) => known.id === id) ?? { id, label: "" };
    this.#order(kind, prefer(this.snapshot().preference[kind], device));
    if (kind === "speaker") return this.#set({ speaker: id });
    const { track, on } = this.snapshot()[kind];
    this.#input(kind, { device: id });
    if (track) await this.#acquire([kind], on);
  }

  /**
   * Changes how devices are used: the camera's size and frame rate, what is done to the sound. At once and without a gap
   * where the browser can; otherwise the device is opened anew.
   */
  async setCapture(change: CaptureChange): Promise<void> {
    const before = this.snapshot().settings;
    const settings: CaptureSettings = {
      camera: { ...before.camera, ...change.camera },
      microphone: { ...before.microphone, ...change.microphone },
    };
    this.#set({ settings });
    await Promise.all(kinds.filter((kind) => change[kind]).map((kind) => this.#adjust(kind, settings)));
  }

  /** Treats a device's picture or sound before others get it, from now on and whatever device it will be; undefined ends it. */
  setEffect(kind: CaptureKind, effect: TrackEffect | undefined): void {
    this.#treatment[kind].set(effect);
  }

  /** Gives every device back, for good: none is taken any more. */
  close(): void {
    this.#drop("microphone");
    this.#drop("camera");
    this.#closed = true;
    this.screens.close();
    this.#attention.close();
    this.#permissions.close();
    this.#watch.close();
  }

  async #acquire(kinds: readonly CaptureKind[], on = true): Promise<void> {
    if (this.#closed) return;
    const wishes = kinds.map((kind) => {
      this.#input(kind, { busy: true, error: undefined });
      this.#wish[kind] += 1;
      return [kind, this.#wish[kind]] as const;
    });
    const { microphone, camera } = this.snapshot();
    const preferred: Preferred = { microphone: microphone.device, camera: camera.device };
    const wasOn = { microphone: microphone.on, camera: camera.on };
    // Some systems open a device only once, so the old track goes first; the sender sends nothing in between.
    for (const kind of kinds) this.#release(kind);
    const captured = await capture(kinds, preferred, this.snapshot().settings);
    for (const result of captured) {
      const current = wishes.some(([kind, wish]) => kind === result.kind && this.#wish[kind] === wish);
      if (!current) {
        if ("track" in result) result.track.stop();
        continue;
      }
      // Muted or not while it was opened anew: that is the newer wish.
      const isOn = this.snapshot()[result.kind].on;
      this.#captured(result, isOn === wasOn[result.kind] ? on : isOn);
    }
    // Names are told only after a permission.
    await this.#watch.refresh();
    for (const kind of kinds) this.#used(kind);
  }

  async #adjust(kind: CaptureKind, settings: CaptureSettings): Promise<void> {
    const { track } = this.snapshot()[kind];
    if (!track) return;
    const done = await adjust(kind, track, settings);
    const current = this.snapshot()[kind];
    // Meanwhile it was switched off or replaced, or set once more; whatever comes after is opened with the newest settings.
    if (current.track !== track || current.busy || this.snapshot().settings !== settings) return;
    if (!done) return this.#acquire([kind], current.on);
    // The same track, but another picture: who sends it looks at its size again.
    this.#set({ [kind]: { ...current } });
  }

  #captured(result: Captured, on: boolean): void {
    const { kind } = result;
    if ("error" in result) {
      this.#attention[kind](undefined, false);
      this.#treatment[kind].feed(undefined);
      this.#input(kind, { on: false, busy: false, track: undefined, error: result.error });
      return;
    }
    const { track } = result;
    track.onended = () => void this.#lost(kind, track);
    if (kind === "microphone") {
      track.enabled = on;
      track.contentHint = "speech";
      this.#treatment.microphone.enable(on);
    }
    this.#attention[kind](track, on);
    const device = track.getSettings().deviceId ?? this.snapshot()[kind].device;
    this.#treatment[kind].feed(track);
    this.#input(kind, { on, busy: false, track, device, error: undefined });
  }

  /** What is in use is known from now on, so that it is gone back to after it was unplugged. */
  #used(kind: CaptureKind): void {
    const { track, device } = this.snapshot()[kind];
    const known = track && this.#there(kind).find(({ id }) => id === device);
    if (known) this.#order(kind, remember(this.snapshot().preference[kind], known));
  }

  /** What was missed when it was wanted is taken as soon as it is there, and so is what is liked better. */
  #devicesChanged(): void {
    this.#set({ devices: this.#watch.list.snapshot() });
    for (const kind of deviceKinds) this.#order(kind, refreshed(this.snapshot().preference[kind], this.#there(kind)));
    this.#set({ speaker: this.#best("speaker")?.id });
    const missed: CaptureKind[] = [];
    for (const kind of kinds) {
      const { track, busy, error } = this.snapshot()[kind];
      if (busy) continue;
      if (track) void this.#improve(kind);
      else this.#input(kind, { device: this.#best(kind)?.id });
      if (this.#there(kind).length > 0 && (error === "not-found" || error === "lost")) missed.push(kind);
    }
    if (missed.length > 0) void this.#acquire(missed);
  }

  /** Changes to a device that is liked better than the one in use; one that does not start costs nothing but a moment. */
  async #improve(kind: CaptureKind): Promise<void> {
    const { device, on } = this.snapshot()[kind];
    const better = this.#best(kind);
    if (!better || better.id === "" || better.id === device) return;
    this.#input(kind, { device: better.id });
    await this.#acquire([kind], on);
    if (this.snapshot()[kind].error === undefined) return;
    this.#input(kind, { device });
    await this.#acquire([kind], on);
  }

  /** A refusal that the person took back in the browser's own settings needs no second click here. */
  #permitted(kind: CaptureKind, permission: PermissionState): void {
    this.#input(kind, { permission });
    const { error, busy } = this.snapshot()[kind];
    if (permission === "granted" && !busy && error === "denied") void this.#acquire([kind]);
  }

  /** The device went away by itself: the next best takes its place, or the person is told. */
  async #lost(kind: CaptureKind, track: MediaStreamTrack): Promise<void> {
    await this.#watch.refresh();
    const current = this.snapshot()[kind];
    if (current.track !== track || current.busy) return;
    this.#input(kind, { device: this.#best(kind)?.id });
    await this.#acquire([kind], current.on);
    if (this.snapshot()[kind].error === "not-found") this.#input(kind, { error: "lost" });
  }

  #best(kind: DeviceKind): Device | undefined {
    return best(this.snapshot().preference[kind], this.#there(kind));
  }

  #there(kind: DeviceKind): readonly Device[] {
    return this.snapshot().devices[`${kind}s`];
  }

  #order(kind: DeviceKind, order: Order): void {
    const { preference } = this.snapshot();
    if (order !== preference[kind]) this.#set({ preference: { ...preference, [kind]: order } });
  }

  #drop(kind: CaptureKind): void {
    this.#wish[kind] += 1;
    this.#release(kind);
    this.#attention[kind](undefined, false);
    this.#treatment[kind].feed(undefined);
    this.#input(kind, { on: false, busy: false, track: undefined, error: undefined });
  }

  #release(kind: CaptureKind): void {
    const { track } = this.snapshot()[kind];
    // The copy that is listened to holds the device too.
    this.#attention[kind](undefined, this.snapshot()[kind].on);
    if (!track) return;
    track.onended = null;
    track.stop();
  }

  /** A device that gives nothing is opened anew, once; often it was the driver, or another program that let go of it. */
  #found(): void {
    const { speaking, talkingWhileMuted, trouble } = this.#attention.findings.snapshot();
    const before = this.snapshot();
    if (speaking !== before.speaking || talkingWhileMuted !== before.talkingWhileMuted)
      this.#set({ speaking, talkingWhileMuted });
    for (const kind of kinds) {
      const { device, busy, track, on } = this.snapshot()[kind];
      this.#input(kind, { trouble: trouble[kind] });
      if (!trouble[kind] || busy || !track || this.#reopened.has(device)) continue;
      this.#reopened.add(device);
      void this.#acquire([kind], on);
    }
  }

  #input(kind: CaptureKind, change: Partial<InputView>): void {
    const known = this.snapshot()[kind];
    const keys = Object.keys(change) as (keyof InputView)[];
    if (keys.some((key) => known[key] !== change[key])) this.#set({ [kind]: { ...known, ...change } });
  }

  #set(change: Partial<LocalView>): void {
    this.#store.set({ ...this.snapshot(), ...change });
  }
}
