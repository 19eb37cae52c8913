/** A Chromium with a fake camera and microphone, for tests of the SFU's API. */
import { type Browser, chromium } from "playwright-core";
import { findChromium, NoChromiumError } from "../../../scripts/chromium.ts";

/** With more of Chromium's switches, where a test needs them. */
export async function startChromium(switches: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new NoChromiumError("No Chromium was found; npm test installs one.");
  return chromium.launch({
    executablePath,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      ...switches,
    ],
  });
}
