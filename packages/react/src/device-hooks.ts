/** One hook per idea about one's own devices. They work in a lobby and in a room alike. */
import type {
  CaptureChange,
  CaptureKind,
  CaptureSettings,
  Device,
  DeviceKind,
  EffectView,
  InputView,
  LocalView,
  TrackEffect,
} from "@satsuma/client";
import { useCallback } from "react";
import { useLocalMedia } from "./context.tsx";
import { type SelectProps, type ToggleProps, useSelectProps, useToggleProps } from "./control.ts";
import { useStore } from "./store.ts";

export interface Input extends InputView {
  /** Never rejects; what went wrong is in `error`. */
  readonly set: (on: boolean) => Promise<void>;
  readonly toggle: () => Promise<void>;
  /** For the button that switches it. */
  readonly button: ToggleProps;
}

export function useMicrophone(): Input {
  const media = useLocalMedia();
  const view = useStore(media, (local) => local.microphone);
  const set = useCallback((on: boolean) => media.setMicrophone(on), [media]);
  const toggle = useCallback(() => set(!media.snapshot().microphone.on), [media, set]);
  const button = useToggleProps({ on: view.on, busy: view.busy, press: toggle });
  return { ...view, set, toggle, button };
}

export function useCamera(): Input {
  const media = useLocalMedia();
  const view = useStore(media, (local) => local.camera);
  const set = useCallback((on: boolean) => media.setCamera(on), [media]);
  const toggle = useCallback(() => set(!media.snapshot().camera.on), [media, set]);
  const button = useToggleProps({ on: view.on, busy: view.busy, press: toggle });
  return { ...view, set, toggle, button };
}

/** The microphone's level from 0 to 1, ten times a second. */
export function useMicrophoneLevel(): number {
  return useStore(useLocalMedia().level, (level) => level);
}

export interface Capture {
  readonly settings: CaptureSettings;
  /** Takes effect at once on what is switched on. */
  readonly set: (change: CaptureChange) => Promise<void>;
}

/** The camera's size and frame rate, and what is done to the microphone's sound. */
export function useCapture(): Capture {
  const media = useLocalMedia();
  const settings = useStore(media, (local) => local.settings);
  const set = useCallback((change: CaptureChange) => media.setCapture(change), [media]);
  return { settings, set };
}

export interface Treating {
  /** Whether it is there, or why not. */
  readonly effect: EffectView;
  /** Treats the device so from now on; undefined ends it. One that gave up is tried again. */
  readonly set: (effect: TrackEffect | undefined) => void;
}

/** What is done to a camera's picture or a microphone's sound before others get it. */
export function useTrackEffect(kind: CaptureKind): Treating {
  const media = useLocalMedia();
  const effect = useStore(media, (local) => local[kind].effect);
  const set = useCallback((effect: TrackEffect | undefined) => media.setEffect(kind, effect), [media, kind]);
  return { effect, set };
}

/** Whether the person speaks although their microphone is off. */
export function useTalkingWhileMuted(): boolean {
  return useStore(useLocalMedia(), (local) => local.talkingWhileMuted);
}

export interface DeviceChoice {
  /** Empty where there is none, or where the browser does not let pages choose. */
  readonly devices: readonly Device[];
  /** The id in use or preferred; undefined leaves it to the system. */
  readonly selected: string | undefined;
  readonly select: (id: string) => Promise<void>;
  /** For a `select` whose options have the ids of devices as values. */
  readonly control: SelectProps;
}

export function useDevices(kind: DeviceKind): DeviceChoice {
  const media = useLocalMedia();
  const devices = useStore(media, (local) => listOf(local, kind));
  const selected = useStore(media, (local) => (kind === "speaker" ? local.speaker : local[kind].device));
  const select = useCallback((id: string) => media.setDevice(kind, id), [media, kind]);
  const control = useSelectProps(selected, devices.length > 0, select);
  return { devices, selected, select, control };
}

function listOf({ devices }: LocalView, kind: DeviceKind): readonly Device[] {
  switch (kind) {
    case "microphone":
      return devices.microphones;
    case "camera":
      return devices.cameras;
    case "speaker":
      return devices.speakers;
  }
}
