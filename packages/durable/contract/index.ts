import { describe } from "vitest";
import { alarmSuite } from "./alarms.ts";
import { lifeSuite } from "./life.ts";
import type { Platform } from "./platform.ts";
import { socketSuite } from "./sockets.ts";
import { storageSuite } from "./storage.ts";

/** Everything that a runtime must do. */
export function contract(platform: Platform): void {
  // Real time passes in most of these, on machines that may be busy.
  describe(platform.name, { timeout: 60_000 }, () => {
    storageSuite(platform);
    lifeSuite(platform);
    alarmSuite(platform);
    socketSuite(platform);
  });
}

export { patience } from "./patience.ts";
export type { Capabilities, Kind, Peer, Platform, Release, World } from "./platform.ts";
