/** What a person chose before: their name, whether they come in with sound and picture, and their devices. */
import { readPreference } from "@satsuma/client";
import { Kept } from "./kept.ts";

export const name = new Kept("name", "", (kept) => (typeof kept === "string" ? kept : undefined));

export const microphoneOn = new Kept("microphone", true, flag);
export const cameraOn = new Kept("camera", true, flag);

/** Single keys as shortcuts; they can be switched off, since speech input types keys (WCAG 2.1.4). */
export const shortcutsOn = new Kept("shortcuts", true, flag);

/** Devices by liking. */
export const devices = new Kept("devices", readPreference(undefined), readPreference);

function flag(kept: unknown): boolean | undefined {
  return typeof kept === "boolean" ? kept : undefined;
}
