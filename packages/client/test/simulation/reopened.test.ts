/** What somebody does to a microphone while it is opened anew, on the model of a browser. */
import { expect, test } from "vitest";
import { LocalMedia } from "../../src/devices/local.ts";
import { install } from "./globals.ts";
import { Page } from "./page.ts";
import { World } from "./world.ts";

test.each([false, true])(
  "a microphone that comes back after it was unplugged is on as it was set meanwhile: %s",
  async (on) => {
    const world = new World(1, false);
    world.fate.calm = true;
    const restore = install(
      () => world.clock.now,
      () => "id",
      () => 0.5,
    );
    try {
      const page = new Page("ann", world);
      const local = page.run(() => new LocalMedia());
      const pass = (ms: number) => world.clock.run(world.clock.now + ms);
      page.run(() => void local.setMicrophone(true));
      await pass(1_000);
      page.run(() => void local.setMicrophone(!on));
      await pass(1_000);
      page.run(() => page.devices.tracks[0]?.lose());
      for (let waited = 0; waited < 1_000 && !local.snapshot().microphone.busy; waited += 1) await pass(1);
      page.run(() => void local.setMicrophone(on));
      await pass(1_000);
      expect(local.snapshot().microphone).toMatchObject({
        on,
        busy: false,
        track: { enabled: on, readyState: "live" },
      });
      page.run(() => local.close());
    } finally {
      restore();
    }
  },
);
