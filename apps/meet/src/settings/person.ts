/** What a person chose before: their name, whether they come in with sound and picture, and their devices. */
import type { DeviceKind } from "@satsuma/client";
import { Kept } from "./kept.ts";

export const name = new Kept("name", "", (kept) => (typeof kept === "string" ? kept : undefined));

export const microphoneOn = new Kept("microphone", true, flag);
export const cameraOn = new Kept("camera", true, flag);

/** Single keys as shortcuts; they can be switched off, since speech input types keys (WCAG 2.1.4). */
export const shortcutsOn = new Kept("shortcuts", true, flag);

export type ChosenDevices = Partial<Record<DeviceKind, string>>;

export const devices = new Kept<ChosenDevices>("devices", {}, (kept) => {
  if (typeof kept !== "object" || kept === null) return undefined;
  const known = Object.entries(kept).filter(([, id]) => typeof id === "string");
  return Object.fromEntries(known) as ChosenDevices;
});

function flag(kept: unknown): boolean | undefined {
  return typeof kept === "boolean" ? kept : undefined;
}
