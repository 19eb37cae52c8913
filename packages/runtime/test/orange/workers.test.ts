import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orangeContract } from "@satsuma/rooms/contract/orange";
import { Miniflare } from "miniflare";
import { bundled } from "../durable/workers/bundled.ts";
import { socketWorld } from "./world.ts";

const name = "Orange on Workers";

orangeContract(name, { ai: false, handClock: false }, async () => {
  const secret = "a secret of thirty-two bytes or so";
  const persist = mkdtempSync(join(tmpdir(), "satsuma-orange-workerd-"));
  const miniflare = new Miniflare({
    modules: true,
    script: await bundled(new URL("./orange.worker.ts", import.meta.url)),
    compatibilityDate: "2026-07-01",
    bindings: { SECRET: secret },
    durableObjects: { ROOMS: { className: "RoomsObject", useSQLite: true } },
    durableObjectsPersist: persist,
  });
  return socketWorld(name, false, {
    url: (await miniflare.ready).origin,
    secret,
    async close() {
      await miniflare.dispose();
      rmSync(persist, { recursive: true, force: true });
    },
  });
});
