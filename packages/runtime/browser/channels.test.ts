/** Data channels of the Calls API, between a real Chromium and our SFU. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CallsStage, remote } from "./calls-stage.ts";

const patience = { timeout: 20_000, interval: 100 };
let stage: CallsStage;

beforeAll(async () => {
  stage = await CallsStage.start();
}, 120_000);

afterAll(() => stage.end());

beforeEach(() => stage.turn());

describe("data channels", () => {
  const local = { location: "local" as const, dataChannelName: "chat" };
  const subscribed = (sessionId: string, options = {}) => ({
    location: "remote" as const,
    sessionId,
    dataChannelName: "chat",
    ...options,
  });

  test.each(["server", "us"] as const)("offered by %s carry text and bytes to every subscriber", async (by) => {
    const ann = await stage.open("ann");
    await establish(by, "ann", "bob", "eve");
    await stage.run("channel", "ann", "hers", local);
    for (const name of ["bob", "eve"]) await stage.run("channel", name, name, subscribed(ann));
    await stage.opened("hers", "bob", "eve");
    await stage.run("say", "hers", "hello");
    await stage.run("say", "hers", [1, 2, 255]);
    for (const name of ["bob", "eve"]) await stage.hasHeard(name, ["hello", [1, 2, 255]]);
    if (by === "server") expect(await stage.run("announced", "bob")).toEqual(["server-events"]);
  });

  test("go beside media on one connection, established after it", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    await stage.run("pull", "bob", [remote(ann, "cam")]);
    await stage.sees("bob");
    for (const name of ["ann", "bob"]) await stage.run("establish", name, "server");
    await stage.run("channel", "ann", "hers", local);
    await stage.run("channel", "bob", "his", subscribed(ann));
    await stage.opened("hers", "his");
    await stage.run("say", "hers", "beside");
    await stage.hasHeard("his", ["beside"]);
    await stage.sees("bob");
  });

  test("canReply: one subscriber answers, and then another", async () => {
    const ann = await stage.open("ann");
    await establish("server", "ann", "bob", "eve");
    await stage.run("channel", "ann", "hers", local);
    await stage.run("channel", "bob", "bob", subscribed(ann, { canReply: true }));
    await stage.run("channel", "eve", "eve", subscribed(ann));
    await stage.opened("hers", "bob", "eve");
    await stage.run("say", "bob", "bob 1");
    await stage.hasHeard("hers", ["bob 1"]);
    await stage.run("say", "eve", "eve 1");
    const updated = await stage.run("updateChannel", "eve", subscribed(ann, { canReply: true }));
    expect(updated.dataChannels).toMatchObject([{ canReply: true }]);
    await stage.run("say", "bob", "bob 2");
    await stage.run("say", "eve", "eve 2");
    await stage.hasHeard("hers", ["bob 1", "eve 2"]);
    expect([await stage.run("heard", "bob"), await stage.run("heard", "eve")]).toEqual([[], []]);
  });

  test("waitForAck: nothing comes before the subscriber's first word", async () => {
    const ann = await stage.open("ann");
    await establish("server", "ann", "bob", "eve");
    await stage.run("channel", "ann", "hers", local);
    await stage.run("channel", "bob", "bob", subscribed(ann, { waitForAck: true }));
    await stage.run("channel", "eve", "eve", subscribed(ann));
    await stage.opened("hers", "bob", "eve");
    await stage.run("say", "hers", "too early");
    await stage.hasHeard("eve", ["too early"]);
    await stage.run("say", "bob", "ack");
    await vi.waitFor(async () => {
      await stage.run("say", "hers", "now");
      expect((await stage.run("heard", "bob")).length).toBeGreaterThan(0);
    }, patience);
    expect(new Set(await stage.run("heard", "bob"))).toEqual(new Set(["now"]));
    expect(await stage.run("heard", "hers")).toEqual([]);
  });

  test("unordered and unreliable channels open as they were asked for", async () => {
    const ann = await stage.open("ann");
    await establish("server", "ann", "bob");
    const policy = { ordered: false, maxRetransmits: 0 };
    await stage.run("channel", "ann", "hers", { ...local, ...policy });
    const { dataChannels } = await stage.run("channel", "bob", "bob", subscribed(ann, policy));
    expect(dataChannels).toMatchObject([policy]);
    await stage.opened("hers", "bob");
    await stage.run("say", "hers", "fast");
    await stage.hasHeard("bob", ["fast"]);
  });

  test("closing one ends it at both ends of that session, and its id is gone", async () => {
    const ann = await stage.open("ann");
    await establish("server", "ann", "bob");
    await stage.run("channel", "ann", "hers", local);
    const { dataChannels } = await stage.run("channel", "bob", "bob", subscribed(ann));
    const id = dataChannels?.[0]?.id ?? -1;
    await stage.opened("hers", "bob");
    expect((await stage.run("closeChannel", "bob", id)).dataChannels).toEqual([{ id }]);
    await vi.waitFor(async () => expect(await stage.run("channelState", "bob")).toBe("closed"), patience);
    const again = await stage.run("closeChannel", "bob", id);
    expect(again.dataChannels).toMatchObject([{ id, errorCode: "close_track_error" }]);
    expect(await stage.run("channelState", "hers")).toBe("open");
  });
});

/** `first` is open already. */
async function establish(by: "server" | "us", first: string, ...others: string[]): Promise<void> {
  for (const name of others) await stage.open(name);
  for (const name of [first, ...others]) await stage.run("establish", name, by);
}
