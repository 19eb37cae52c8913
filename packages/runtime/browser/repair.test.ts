/** Lost packets are repaired in both directions, between a real Chromium and our SFU over a network that loses one in twenty. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CallsStage, remote } from "./calls-stage.ts";

const patience = { timeout: 20_000, interval: 200 };
let stage: CallsStage;

beforeAll(async () => {
  stage = await CallsStage.start();
}, 120_000);

afterAll(() => stage.end());

beforeEach(() => stage.turn());

test.each(["camera", "layers"] as const)(
  "%s: what is lost is sent again on streams of their own, and the picture goes on",
  async (source) => {
    const { api, relay } = await stage.way({ up: { delay: 10 }, down: { delay: 10 }, seed: 20_261_128 });
    const ann = await stage.open("ann", api);
    await stage.open("bob", api);
    await stage.run("push", "ann", [{ source, trackName: "cam" }]);
    await stage.run("pull", "bob", [remote(ann, "cam")]);
    await stage.sees("bob", {});
    // From here on: a handshake that loses packets is another matter, and may take seconds.
    for (const direction of ["up", "down"] as const) relay.change(direction, { loss: 0.05 });
    await vi.waitFor(async () => {
      const { published } = await stage.run("counted", "ann");
      const { received } = await stage.run("counted", "bob");
      const layers = published[0]?.layers ?? [];
      const repaired = layers.reduce((sum, layer) => sum + layer.repaired, 0);
      expect(repaired).toBeGreaterThan(5);
      expect(received[0]?.repeated).toBeGreaterThan(5);
      expect(received[0]?.lost).toBeGreaterThan(0);
      // What the browsers count is on its way for a moment longer, and some of it is lost again.
      expect((await stage.run("repeated", "ann")).sent).toBeGreaterThan(5);
      expect((await stage.run("repeated", "bob")).received).toBeGreaterThan(5);
    }, patience);
    await stage.sees("bob", {});
  },
);
