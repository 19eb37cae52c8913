/** Every way of the Calls API with real media, between a real Chromium and our SFU in a process of its own. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Listening, listen } from "../src/node/listen.ts";
import { bundlePage } from "./bundle.ts";
import { startChromium } from "./chromium.ts";
import type { CallsPage } from "./pages/calls.ts";
import { appId, SfuHost, secret } from "./sfu-host.ts";

const patience = { timeout: 20_000, interval: 100 };
let browser: Browser;
let http: Listening;
let sfu: SfuHost;
let page: Page;

beforeAll(async () => {
  const html = await bundlePage("calls");
  sfu = await SfuHost.start();
  http = await listen({
    fetch: () => new Response(html, { headers: { "content-type": "text/html" } }),
    upgrade: (_, socket) => socket.destroy(),
    host: "127.0.0.1",
    port: 0,
  });
  browser = await startChromium();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await http?.close(100);
  await sfu?.kill();
});

beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${http.port}/`);
});

afterEach(() => page.close());

describe("tracks/new", () => {
  test("push with an offer, pull with the server's: sound and picture arrive", async () => {
    const ann = await open("ann");
    await open("bob");
    const pushed = await run("push", "ann", [
      { source: "microphone", trackName: "mic" },
      { source: "camera", trackName: "cam" },
    ]);
    expect(pushed).toMatchObject({ requiresImmediateRenegotiation: false, sessionDescription: { type: "answer" } });
    const pulled = await run("pull", "bob", [remote(ann, "mic"), remote(ann, "cam")]);
    expect(pulled).toMatchObject({ requiresImmediateRenegotiation: true, answered: {} });
    await sees("bob", { width: 320, height: 240, codec: "video/VP8" });
    await hears("bob");
  });

  test("autoDiscover publishes every m-line that sends, under names of the server", async () => {
    const ann = await open("ann");
    await open("bob");
    const { tracks = [] } = await run("push", "ann", [{ source: "microphone" }, { source: "camera" }]);
    expect(tracks).toHaveLength(2);
    await run(
      "pull",
      "bob",
      tracks.map(({ trackName = "" }) => remote(ann, trackName)),
    );
    await sees("bob");
    await hears("bob");
  });

  test("push without an offer: the server invites, and what the answer sends is published", async () => {
    const ann = await open("ann");
    await open("bob");
    await run(
      "invite",
      "ann",
      [
        { location: "local", trackName: "mic", kind: "audio" },
        { location: "local", trackName: "cam", kind: "video" },
      ],
      ["microphone", "camera"],
    );
    await run("pull", "bob", [remote(ann, "mic"), remote(ann, "cam")]);
    await sees("bob");
    await hears("bob");
  });

  test("pull with an offer of one's own, as WHEP clients do: answered at once", async () => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [
      { source: "microphone", trackName: "mic" },
      { source: "camera", trackName: "cam" },
    ]);
    const pulled = await run("pullInto", "bob", ["audio", "video"], [remote(ann, "mic"), remote(ann, "cam")]);
    expect(pulled).toMatchObject({ requiresImmediateRenegotiation: false, sessionDescription: { type: "answer" } });
    await sees("bob");
    await hears("bob");
  });

  test("an invited m-line for both directions takes a track by its name, without a description", async () => {
    const ann = await open("ann");
    const bob = await open("bob");
    await run("push", "ann", [{ source: "microphone", trackName: "mic" }]);
    const voice = {
      location: "local" as const,
      trackName: "voice",
      kind: "audio" as const,
      bidirectionalMediaStream: true,
    };
    await run("invite", "bob", [voice], ["microphone"]);
    const attached = await run("pullAttached", "bob", [{ ...remote(ann, "mic"), mid: "#voice" }]);
    expect(attached.sessionDescription).toBeUndefined();
    await hears("bob");
    await open("eve");
    await run("pull", "eve", [remote(bob, "voice")]);
    await hears("eve");
  });

  test("a pushed m-line for both directions takes a track by its mid", async () => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    const { tracks } = await run("push", "bob", [{ source: "drawing", trackName: "mine", bidirectional: true }]);
    const mid = tracks?.[0]?.mid ?? "";
    const attached = await run("pullAttached", "bob", [{ ...remote(ann, "cam"), mid }]);
    expect(attached.tracks).toMatchObject([{ mid, trackName: "cam" }]);
    await sees("bob", { width: 320 });
  });
});

describe("codecs", () => {
  test.each(["video/VP8", "video/VP9", "video/H264", "video/AV1"])("a picture in %s is forwarded", async (codec) => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [{ source: "camera", trackName: "cam", codec }]);
    await run("pull", "bob", [remote(ann, "cam")]);
    await sees("bob", { codec, width: 320 });
  });

  test.each(["audio/opus", "audio/PCMU", "audio/PCMA"])("sound in %s is forwarded", async (codec) => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [{ source: "microphone", trackName: "mic", codec }]);
    const { tracks } = await run("pull", "bob", [remote(ann, "mic")]);
    await hears("bob");
    expect((await run("received", "bob", tracks?.[0]?.mid)).codec).toBe(codec);
  });

  test("a puller that lacks the codec is told so, whoever makes the offer", async () => {
    const ann = await open("ann");
    await open("bob");
    await open("eve");
    await run("push", "ann", [{ source: "camera", trackName: "cam", codec: "video/VP9" }]);
    const mine = await run("pullInto", "bob", ["video"], [remote(ann, "cam")], "video/VP8");
    expect(mine.tracks).toMatchObject([{ trackName: "cam", errorCode: "unsupported_codec_error" }]);
    const theirs = await run("pull", "eve", [remote(ann, "cam")], "video/VP8");
    expect(theirs.answered?.tracks).toMatchObject([{ mid: "0", errorCode: "unsupported_codec_error" }]);
  });
});

describe("tracks/update", () => {
  test("to another layer and back goes on without standing still", async () => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [{ source: "layers", trackName: "cam" }]);
    const wish = (preferredRid: string) => ({ ...remote(ann, "cam"), simulcast: { preferredRid } });
    const { tracks } = await run("pull", "bob", [wish("b")]);
    const mid = tracks?.[0]?.mid ?? "";
    await sees("bob", { width: 320, height: 240 });
    expect((await run("update", "bob", [{ ...wish("a"), mid }])).tracks).toMatchObject([{ mid, trackName: "cam" }]);
    await sees("bob", { width: 640, height: 480 });
    await run("update", "bob", [{ ...wish("b"), mid }]);
    await sees("bob", { width: 320, height: 240 });
    const { frozen, lost } = await run("received", "bob");
    expect(frozen).toBeLessThan(2);
    expect(lost).toBeLessThan(5);
  });

  test("points an m-line at another publication, without a description", async () => {
    const ann = await open("ann");
    const eve = await open("eve");
    await open("bob");
    await run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    await run("push", "eve", [{ source: "drawing", trackName: "screen" }]);
    const { tracks } = await run("pull", "bob", [remote(ann, "cam")]);
    const mid = tracks?.[0]?.mid ?? "";
    await sees("bob", { width: 320 });
    await run("update", "bob", [{ ...remote(eve, "screen"), mid }]);
    await sees("bob", { width: 480, height: 272 });
    expect((await run("received", "bob")).frozen).toBeLessThan(2);
    await run("update", "bob", [{ ...remote(ann, "cam"), mid }]);
    await sees("bob", { width: 320, height: 240 });
  });

  test("of layers that are not there fails alone", async () => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    const { tracks } = await run("pull", "bob", [remote(ann, "cam")]);
    const mid = tracks?.[0]?.mid ?? "";
    const updated = await run("update", "bob", [{ ...remote(ann, "cam"), mid, simulcast: { preferredRid: "a" } }]);
    expect(updated.tracks).toMatchObject([{ errorCode: "update_track_error" }]);
  });
});

describe("tracks/close", () => {
  test("negotiated ends every listed mid, also those that the offer still shows, as partytracks has it", async () => {
    const ann = await open("ann");
    await open("bob");
    await pushThree("ann");
    await run("pull", "bob", [remote(ann, "mic"), remote(ann, "cam"), remote(ann, "screen")]);
    await sees("bob", { width: 480 }, "2");
    const closed = await run("close", "bob", ["1", "0"], { force: false, stopped: ["1"] });
    expect(closed).toMatchObject({ tracks: [{ mid: "1" }, { mid: "0" }], sessionDescription: { type: "answer" } });
    await sees("bob", { width: 480 }, "2");
    const { audioPackets } = await run("received", "bob", "0");
    await sees("bob", { width: 480 }, "2");
    expect((await run("received", "bob", "0")).audioPackets).toBe(audioPackets);
    expect(await statuses("bob")).toEqual({ 0: "inactive", 1: "inactive", 2: "active" });
  });

  test("by force ends a publication for everybody, and the m-line stays", async () => {
    const ann = await open("ann");
    await open("bob");
    await pushThree("ann");
    await run("pull", "bob", [remote(ann, "cam"), remote(ann, "screen")]);
    await sees("bob", { width: 480 }, "1");
    expect(await run("close", "ann", ["1"], { force: true, stopped: [] })).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: "1" }],
    });
    // What has come is still to be shown.
    await sees("bob", { width: 480 }, "1");
    const { frames } = await run("received", "bob", "0");
    await sees("bob", { width: 480 }, "1");
    expect((await run("received", "bob", "0")).frames).toBe(frames);
    expect(await statuses("bob")).toEqual({ 0: "inactive", 1: "active" });
    const again = await run("close", "ann", ["1"], { force: true, stopped: [] });
    expect(again.tracks).toMatchObject([{ mid: "1", errorCode: "close_track_error" }]);
  });

  test("of the m-line that the bundle hangs on leaves the others going", async () => {
    const ann = await open("ann");
    await open("bob");
    await pushThree("ann");
    await run("pull", "bob", [remote(ann, "cam"), remote(ann, "screen")]);
    await sees("bob", { width: 480 }, "1");
    await run("close", "ann", ["0"], { force: false, stopped: ["0"] });
    await sees("bob", { width: 480 }, "1");
    await run("close", "bob", ["0"], { force: false, stopped: ["0"] });
    await sees("bob", { width: 480 }, "1");
    await run("pull", "bob", [remote(ann, "cam")]);
    await sees("bob", { width: 320 }, "2");
    await sees("bob", { width: 480 }, "1");
  });
});

describe("data channels", () => {
  const local = { location: "local" as const, dataChannelName: "chat" };
  const subscribed = (sessionId: string, options = {}) => ({
    location: "remote" as const,
    sessionId,
    dataChannelName: "chat",
    ...options,
  });

  test.each(["server", "us"] as const)("offered by %s carry text and bytes to every subscriber", async (by) => {
    const ann = await open("ann");
    await establish(by, "ann", "bob", "eve");
    await run("channel", "ann", "hers", local);
    for (const name of ["bob", "eve"]) await run("channel", name, name, subscribed(ann));
    await opened("hers", "bob", "eve");
    await run("say", "hers", "hello");
    await run("say", "hers", [1, 2, 255]);
    for (const name of ["bob", "eve"]) await hasHeard(name, ["hello", [1, 2, 255]]);
    if (by === "server") expect(await run("announced", "bob")).toEqual(["server-events"]);
  });

  test("go beside media on one connection, established after it", async () => {
    const ann = await open("ann");
    await open("bob");
    await run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    await run("pull", "bob", [remote(ann, "cam")]);
    await sees("bob");
    for (const name of ["ann", "bob"]) await run("establish", name, "server");
    await run("channel", "ann", "hers", local);
    await run("channel", "bob", "his", subscribed(ann));
    await opened("hers", "his");
    await run("say", "hers", "beside");
    await hasHeard("his", ["beside"]);
    await sees("bob");
  });

  test("canReply: one subscriber answers, and then another", async () => {
    const ann = await open("ann");
    await establish("server", "ann", "bob", "eve");
    await run("channel", "ann", "hers", local);
    await run("channel", "bob", "bob", subscribed(ann, { canReply: true }));
    await run("channel", "eve", "eve", subscribed(ann));
    await opened("hers", "bob", "eve");
    await run("say", "bob", "bob 1");
    await hasHeard("hers", ["bob 1"]);
    await run("say", "eve", "eve 1");
    const updated = await run("updateChannel", "eve", subscribed(ann, { canReply: true }));
    expect(updated.dataChannels).toMatchObject([{ canReply: true }]);
    await run("say", "bob", "bob 2");
    await run("say", "eve", "eve 2");
    await hasHeard("hers", ["bob 1", "eve 2"]);
    expect([await run("heard", "bob"), await run("heard", "eve")]).toEqual([[], []]);
  });

  test("waitForAck: nothing comes before the subscriber's first word", async () => {
    const ann = await open("ann");
    await establish("server", "ann", "bob", "eve");
    await run("channel", "ann", "hers", local);
    await run("channel", "bob", "bob", subscribed(ann, { waitForAck: true }));
    await run("channel", "eve", "eve", subscribed(ann));
    await opened("hers", "bob", "eve");
    await run("say", "hers", "too early");
    await hasHeard("eve", ["too early"]);
    await run("say", "bob", "ack");
    await vi.waitFor(async () => {
      await run("say", "hers", "now");
      expect((await run("heard", "bob")).length).toBeGreaterThan(0);
    }, patience);
    expect(new Set(await run("heard", "bob"))).toEqual(new Set(["now"]));
    expect(await run("heard", "hers")).toEqual([]);
  });

  test("unordered and unreliable channels open as they were asked for", async () => {
    const ann = await open("ann");
    await establish("server", "ann", "bob");
    const policy = { ordered: false, maxRetransmits: 0 };
    await run("channel", "ann", "hers", { ...local, ...policy });
    const { dataChannels } = await run("channel", "bob", "bob", subscribed(ann, policy));
    expect(dataChannels).toMatchObject([policy]);
    await opened("hers", "bob");
    await run("say", "hers", "fast");
    await hasHeard("bob", ["fast"]);
  });

  test("closing one ends it at both ends of that session, and its id is gone", async () => {
    const ann = await open("ann");
    await establish("server", "ann", "bob");
    await run("channel", "ann", "hers", local);
    const { dataChannels } = await run("channel", "bob", "bob", subscribed(ann));
    const id = dataChannels?.[0]?.id ?? -1;
    await opened("hers", "bob");
    expect((await run("closeChannel", "bob", id)).dataChannels).toEqual([{ id }]);
    await vi.waitFor(async () => expect(await run("channelState", "bob")).toBe("closed"), patience);
    const again = await run("closeChannel", "bob", id);
    expect(again.dataChannels).toMatchObject([{ id, errorCode: "close_track_error" }]);
    expect(await run("channelState", "hers")).toBe("open");
  });
});

function open(name: string): Promise<string> {
  return run("open", name, `${sfu.url}/apps/${appId}`, `Bearer ${secret}`);
}

function remote(sessionId: string, trackName: string) {
  return { location: "remote" as const, sessionId, trackName };
}

async function pushThree(name: string): Promise<void> {
  await run("push", name, [
    { source: "microphone", trackName: "mic" },
    { source: "camera", trackName: "cam" },
    { source: "drawing", trackName: "screen" },
  ]);
}

/** `first` is open already. */
async function establish(by: "server" | "us", first: string, ...others: string[]): Promise<void> {
  for (const name of others) await open(name);
  for (const name of [first, ...others]) await run("establish", name, by);
}

/** A function of the page by its name. */
function run<Name extends keyof CallsPage>(
  name: Name,
  ...args: Parameters<CallsPage[Name]>
): Promise<Awaited<ReturnType<CallsPage[Name]>>> {
  return page.evaluate(
    ([called, given]) => {
      const { page } = window as unknown as { page: Record<string, (...all: unknown[]) => unknown> };
      return page[called]?.(...given);
    },
    [name, args] as [string, unknown[]],
  ) as Promise<Awaited<ReturnType<CallsPage[Name]>>>;
}

/** A picture as described arrives, and goes on. */
async function sees(name: string, picture: object = { width: 320 }, mid?: string): Promise<void> {
  await goesOn(name, picture, "frames", mid);
}

async function hears(name: string): Promise<void> {
  await goesOn(name, {}, "audioPackets");
}

async function goesOn(name: string, described: object, what: "frames" | "audioPackets", mid?: string): Promise<void> {
  const now = () => run("received", name, ...(mid === undefined ? [] : [mid]));
  await vi.waitFor(async () => {
    const before = await now();
    expect(before).toMatchObject(described);
    const soon = { timeout: 3_000, interval: 100 };
    await vi.waitFor(async () => expect((await now())[what]).toBeGreaterThan(before[what] + 5), soon);
  }, patience);
}

async function statuses(name: string): Promise<Record<string, string>> {
  const { tracks = [] } = await run("state", name);
  return Object.fromEntries(tracks.map(({ mid = "", status }) => [mid, status]));
}

async function opened(...keys: string[]): Promise<void> {
  for (const key of keys) {
    await vi.waitFor(async () => expect(await run("channelState", key)).toBe("open"), patience);
  }
}

async function hasHeard(key: string, messages: unknown[]): Promise<void> {
  await vi.waitFor(async () => expect(await run("heard", key)).toEqual(messages), patience);
}
