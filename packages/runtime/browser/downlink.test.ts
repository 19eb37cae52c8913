/** What real Chromium's own feedback leads to: publishers send all their layers, and viewers get what fits. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CallsStage, remote } from "./calls-stage.ts";

let stage: CallsStage;

beforeAll(async () => {
  stage = await CallsStage.start();
}, 120_000);

afterAll(() => stage.end());

beforeEach(() => stage.turn());

test("a publisher sends all three layers, and a viewer's picture follows what its way carries, down and up again", async () => {
  const ann = await stage.open("ann");
  await stage.run("push", "ann", [{ source: "three layers", trackName: "cam" }]);
  const sending = () => stage.run("sent", "ann");
  const patience = { timeout: 20_000, interval: 100 };
  await vi.waitFor(async () => expect(await sending()).toMatchObject({ a: more, b: more, c: more }), patience);
  const { api, relay } = await stage.way({ seed: 1, down: { delay: 20 }, up: { delay: 20 } });
  await stage.open("bob", api);
  await stage.run("pull", "bob", [remote(ann, "cam")]);
  await stage.sees("bob", { width: 1_280 });
  relay.change("down", { rate: 250_000 });
  await stage.sees("bob", { width: 320 });
  relay.change("down", { rate: undefined });
  await stage.sees("bob", { width: 1_280 });
});

const more = expect.toSatisfy((frames: number) => frames > 5);
