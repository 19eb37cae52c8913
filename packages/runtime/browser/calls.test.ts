/** Every way of tracks in the Calls API with real media, between a real Chromium and our SFU. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CallsStage, remote } from "./calls-stage.ts";

let stage: CallsStage;

beforeAll(async () => {
  stage = await CallsStage.start();
}, 120_000);

afterAll(() => stage.end());

beforeEach(() => stage.turn());

describe("tracks/new", () => {
  test("push with an offer, pull with the server's: sound and picture arrive", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    const pushed = await stage.run("push", "ann", [
      { source: "microphone", trackName: "mic" },
      { source: "camera", trackName: "cam" },
    ]);
    expect(pushed).toMatchObject({ requiresImmediateRenegotiation: false, sessionDescription: { type: "answer" } });
    const pulled = await stage.run("pull", "bob", [remote(ann, "mic"), remote(ann, "cam")]);
    expect(pulled).toMatchObject({ requiresImmediateRenegotiation: true, answered: {} });
    await stage.sees("bob", { width: 320, height: 240, codec: "video/VP8" });
    await stage.hears("bob");
  });

  test("autoDiscover publishes every m-line that sends, under names of the server", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    const { tracks = [] } = await stage.run("push", "ann", [{ source: "microphone" }, { source: "camera" }]);
    expect(tracks).toHaveLength(2);
    await stage.run(
      "pull",
      "bob",
      tracks.map(({ trackName = "" }) => remote(ann, trackName)),
    );
    await stage.sees("bob");
    await stage.hears("bob");
  });

  test("push without an offer: the server invites, and what the answer sends is published", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run(
      "invite",
      "ann",
      [
        { location: "local", trackName: "mic", kind: "audio" },
        { location: "local", trackName: "cam", kind: "video" },
      ],
      ["microphone", "camera"],
    );
    await stage.run("pull", "bob", [remote(ann, "mic"), remote(ann, "cam")]);
    await stage.sees("bob");
    await stage.hears("bob");
  });

  test("pull with an offer of one's own, as WHEP clients do: answered at once", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run("push", "ann", [
      { source: "microphone", trackName: "mic" },
      { source: "camera", trackName: "cam" },
    ]);
    const pulled = await stage.run("pullInto", "bob", ["audio", "video"], [remote(ann, "mic"), remote(ann, "cam")]);
    expect(pulled).toMatchObject({ requiresImmediateRenegotiation: false, sessionDescription: { type: "answer" } });
    await stage.sees("bob");
    await stage.hears("bob");
  });

  test("an invited m-line for both directions takes a track by its name, without a description", async () => {
    const ann = await stage.open("ann");
    const bob = await stage.open("bob");
    await stage.run("push", "ann", [{ source: "microphone", trackName: "mic" }]);
    const voice = {
      location: "local" as const,
      trackName: "voice",
      kind: "audio" as const,
      bidirectionalMediaStream: true,
    };
    await stage.run("invite", "bob", [voice], ["microphone"]);
    const attached = await stage.run("pullAttached", "bob", [{ ...remote(ann, "mic"), mid: "#voice" }]);
    expect(attached.sessionDescription).toBeUndefined();
    await stage.hears("bob");
    await stage.open("eve");
    await stage.run("pull", "eve", [remote(bob, "voice")]);
    await stage.hears("eve");
  });

  test("a pushed m-line for both directions takes a track by its mid", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    const { tracks } = await stage.run("push", "bob", [{ source: "drawing", trackName: "mine", bidirectional: true }]);
    const mid = tracks?.[0]?.mid ?? "";
    const attached = await stage.run("pullAttached", "bob", [{ ...remote(ann, "cam"), mid }]);
    expect(attached.tracks).toMatchObject([{ mid, trackName: "cam" }]);
    await stage.sees("bob", { width: 320 });
  });
});

describe("codecs", () => {
  test.each(["video/VP8", "video/VP9", "video/H264", "video/AV1"])("a picture in %s is forwarded", async (codec) => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run("push", "ann", [{ source: "camera", trackName: "cam", codec }]);
    await stage.run("pull", "bob", [remote(ann, "cam")]);
    await stage.sees("bob", { codec, width: 320 });
  });

  test.each(["audio/opus", "audio/PCMU", "audio/PCMA"])("sound in %s is forwarded", async (codec) => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run("push", "ann", [{ source: "microphone", trackName: "mic", codec }]);
    const { tracks } = await stage.run("pull", "bob", [remote(ann, "mic")]);
    await stage.hears("bob");
    expect((await stage.run("received", "bob", tracks?.[0]?.mid)).codec).toBe(codec);
  });

  test("a puller that lacks the codec is told so, whoever makes the offer", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.open("eve");
    await stage.run("push", "ann", [{ source: "camera", trackName: "cam", codec: "video/VP9" }]);
    const mine = await stage.run("pullInto", "bob", ["video"], [remote(ann, "cam")], "video/VP8");
    expect(mine.tracks).toMatchObject([{ trackName: "cam", errorCode: "unsupported_codec_error" }]);
    const theirs = await stage.run("pull", "eve", [remote(ann, "cam")], "video/VP8");
    expect(theirs.answered?.tracks).toMatchObject([{ mid: "0", errorCode: "unsupported_codec_error" }]);
  });
});

describe("tracks/update", () => {
  test.each(["video/VP8", "video/H264", "video/VP9", "video/AV1"])(
    "to another layer and back goes on without standing still, in %s",
    async (codec) => {
      const ann = await stage.open("ann");
      await stage.open("bob");
      await stage.run("push", "ann", [{ source: "layers", trackName: "cam", codec }]);
      const wish = (preferredRid: string) => ({ ...remote(ann, "cam"), simulcast: { preferredRid } });
      const { tracks } = await stage.run("pull", "bob", [wish("b")]);
      const mid = tracks?.[0]?.mid ?? "";
      await stage.sees("bob", { width: 320, height: 240 });
      expect((await stage.run("update", "bob", [{ ...wish("a"), mid }])).tracks).toMatchObject([
        { mid, trackName: "cam" },
      ]);
      await stage.sees("bob", { width: 640, height: 480 });
      await stage.run("update", "bob", [{ ...wish("b"), mid }]);
      await stage.sees("bob", { width: 320, height: 240 });
      const { frozen, lost } = await stage.run("received", "bob");
      expect(frozen).toBeLessThan(3);
      expect(lost).toBeLessThan(5);
    },
  );

  test("points an m-line at another publication, without a description", async () => {
    const ann = await stage.open("ann");
    const eve = await stage.open("eve");
    await stage.open("bob");
    await stage.run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    await stage.run("push", "eve", [{ source: "drawing", trackName: "screen" }]);
    const { tracks } = await stage.run("pull", "bob", [remote(ann, "cam")]);
    const mid = tracks?.[0]?.mid ?? "";
    await stage.sees("bob", { width: 320 });
    await stage.run("update", "bob", [{ ...remote(eve, "screen"), mid }]);
    await stage.sees("bob", { width: 480, height: 272 });
    expect((await stage.run("received", "bob")).frozen).toBeLessThan(2);
    await stage.run("update", "bob", [{ ...remote(ann, "cam"), mid }]);
    await stage.sees("bob", { width: 320, height: 240 });
  });

  test("of layers that are not there fails alone", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await stage.run("push", "ann", [{ source: "camera", trackName: "cam" }]);
    const { tracks } = await stage.run("pull", "bob", [remote(ann, "cam")]);
    const mid = tracks?.[0]?.mid ?? "";
    const updated = await stage.run("update", "bob", [
      { ...remote(ann, "cam"), mid, simulcast: { preferredRid: "a" } },
    ]);
    expect(updated.tracks).toMatchObject([{ errorCode: "update_track_error" }]);
  });
});

describe("tracks/close", () => {
  test("negotiated ends every listed mid, also those that the offer still shows, as partytracks has it", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await pushThree("ann");
    await stage.run("pull", "bob", [remote(ann, "mic"), remote(ann, "cam"), remote(ann, "screen")]);
    await stage.sees("bob", { width: 480 }, "2");
    const closed = await stage.run("close", "bob", ["1", "0"], { force: false, stopped: ["1"] });
    expect(closed).toMatchObject({ tracks: [{ mid: "1" }, { mid: "0" }], sessionDescription: { type: "answer" } });
    await stage.sees("bob", { width: 480 }, "2");
    const { audioPackets } = await stage.run("received", "bob", "0");
    await stage.sees("bob", { width: 480 }, "2");
    expect((await stage.run("received", "bob", "0")).audioPackets).toBe(audioPackets);
    expect(await stage.statuses("bob")).toEqual({ 0: "inactive", 1: "inactive", 2: "active" });
  });

  test("by force ends a publication for everybody, and the m-line stays", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await pushThree("ann");
    await stage.run("pull", "bob", [remote(ann, "cam"), remote(ann, "screen")]);
    await stage.sees("bob", { width: 480 }, "1");
    expect(await stage.run("close", "ann", ["1"], { force: true, stopped: [] })).toEqual({
      requiresImmediateRenegotiation: false,
      tracks: [{ mid: "1" }],
    });
    // What has come is still to be shown.
    await stage.sees("bob", { width: 480 }, "1");
    const { frames } = await stage.run("received", "bob", "0");
    await stage.sees("bob", { width: 480 }, "1");
    expect((await stage.run("received", "bob", "0")).frames).toBe(frames);
    expect(await stage.statuses("bob")).toEqual({ 0: "inactive", 1: "active" });
    const again = await stage.run("close", "ann", ["1"], { force: true, stopped: [] });
    expect(again.tracks).toMatchObject([{ mid: "1", errorCode: "close_track_error" }]);
  });

  test("of the m-line that the bundle hangs on leaves the others going", async () => {
    const ann = await stage.open("ann");
    await stage.open("bob");
    await pushThree("ann");
    await stage.run("pull", "bob", [remote(ann, "cam"), remote(ann, "screen")]);
    await stage.sees("bob", { width: 480 }, "1");
    await stage.run("close", "ann", ["0"], { force: false, stopped: ["0"] });
    await stage.sees("bob", { width: 480 }, "1");
    await stage.run("close", "bob", ["0"], { force: false, stopped: ["0"] });
    await stage.sees("bob", { width: 480 }, "1");
    await stage.run("pull", "bob", [remote(ann, "cam")]);
    await stage.sees("bob", { width: 320 }, "2");
    await stage.sees("bob", { width: 480 }, "1");
  });
});

async function pushThree(name: string): Promise<void> {
  await stage.run("push", name, [
    { source: "microphone", trackName: "mic" },
    { source: "camera", trackName: "cam" },
    { source: "drawing", trackName: "screen" },
  ]);
}
