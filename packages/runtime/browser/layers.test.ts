/** What the SFU leaves out of what real Chromium sends: layers inside of a stream, what is sent twice, and who is not loud. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CallsStage, remote } from "./calls-stage.ts";

const patience = { timeout: 20_000, interval: 100 };
const smaller = expect.toSatisfy((width: number) => width > 0 && width < 640);
let stage: CallsStage;

beforeAll(async () => {
  stage = await CallsStage.start();
}, 120_000);

afterAll(() => stage.end());

beforeEach(() => stage.turn());

test.each(["video/VP9", "video/AV1"])(
  "%s in one stream of three layers is thinned for who has little room, and who comes then begins with a keyframe",
  async (codec) => {
    const ann = await stage.open("ann");
    await stage.run("push", "ann", [{ source: "wide camera", trackName: "cam", codec, scalabilityMode: "L3T3" }]);
    const { api, relay } = await stage.way({ seed: 1, down: { delay: 20 }, up: { delay: 20 } });
    await stage.open("bob", api);
    await stage.run("pull", "bob", [remote(ann, "cam")]);
    await stage.sees("bob", { width: 640, codec });
    relay.change("down", { rate: 150_000 });
    await stage.sees("bob", { width: smaller });
    await stage.open("eve", api);
    await stage.run("pull", "eve", [remote(ann, "cam")]);
    await stage.sees("eve", { width: smaller });
    relay.change("down", { rate: undefined });
    await stage.sees("bob", { width: 640 });
    await stage.sees("eve", { width: 640 });
  },
);

test("redundant audio reaches who takes it whole, and who does not as what it is made of; both hear it", async () => {
  const ann = await stage.open("ann");
  await stage.run("push", "ann", [{ source: "tone", trackName: "mic", codec: "audio/red" }]);
  await stage.run("loudness", [0.5]);
  for (const [name, codec] of [
    ["bob", "audio/red"],
    ["eve", "audio/opus"],
  ] as const) {
    await stage.open(name);
    await stage.run("pull", name, [remote(ann, "mic")], codec);
    await stage.run("play", name);
  }
  const bitrate = async (name: string) => (await stage.run("counted", name)).received[0]?.bitrate ?? Number.NaN;
  await vi.waitFor(async () => {
    // Each packet of the one has in it what the last one had. Chromium 156 counts that nowhere while nothing is lost.
    expect((await bitrate("bob")) / (await bitrate("eve"))).toBeGreaterThan(1.4);
    for (const name of ["bob", "eve"]) expect((await stage.run("received", name)).audioEnergy).toBeGreaterThan(0);
  }, patience);
});

test("of three microphones a session that hears one at a time gets the loudest, and another when that speaks", async () => {
  const ann = await stage.open("ann");
  const names = ["first", "second", "third"];
  await stage.run(
    "push",
    "ann",
    names.map((trackName) => ({ source: "tone" as const, trackName })),
  );
  await stage.run("loudness", [0.5, 0.01, 0]);
  await stage.open("bob", undefined, "?loudest=1");
  await stage.run(
    "pull",
    "bob",
    names.map((name) => remote(ann, name)),
  );
  const flows = async () => {
    const { received } = await stage.run("counted", "bob");
    return received.filter(({ held }) => !held).map(({ trackName }) => trackName);
  };
  const comes = async () =>
    Promise.all(["0", "1", "2"].map(async (mid) => (await stage.run("received", "bob", mid)).audioPackets));
  for (const [index, name] of names.entries()) {
    await stage.run(
      "loudness",
      names.map((other) => (other === name ? 0.5 : 0.01)),
    );
    await vi.waitFor(async () => expect(await flows()).toEqual([name]), patience);
    const before = await comes();
    await vi.waitFor(async () => expect((await comes())[index]).toBeGreaterThan((before[index] ?? 0) + 20), patience);
    const after = await comes();
    const others = after.map((count, other) => (other === index ? 0 : count - (before[other] ?? 0)));
    // What was under way when it was looked first.
    expect(Math.max(...others)).toBeLessThan(5);
  }
});
