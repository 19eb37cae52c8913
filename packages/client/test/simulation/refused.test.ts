/** What a connection does after a push that was refused, on the model of a browser and a media server of a few lines. */
import type { TracksRequest, TracksResponse } from "@satsuma/protocol";
import { expect, test } from "vitest";
import type { IceServers } from "../../src/media/ice.ts";
import { Peer } from "../../src/media/peer.ts";
import { type Sfu, SfuError } from "../../src/media/sfu.ts";
import { mirrored, read, write } from "./descriptions.ts";
import { install } from "./globals.ts";
import { Page } from "./page.ts";
import { World } from "./world.ts";

test("a track whose push was refused for the moment has an m-line when it is pushed again", async () => {
  const world = new World(1, false);
  world.fate.calm = true;
  const restore = install(
    () => world.clock.now,
    () => "silence",
    () => 0.5,
  );
  try {
    const page = new Page("ann", world);
    const asked: TracksRequest[] = [];
    const tracks = async (_: string, request: TracksRequest): Promise<TracksResponse> => {
      asked.push(request);
      if (asked.length === 1) throw new SfuError("too_many_requests", 429, "A session may make 50 calls in a second.");
      return answered(request);
    };
    const begin = async ({ push }: { readonly push: TracksRequest }) => ({
      session: async () => ({ sessionId: "session" }),
      push: async () => answered(push),
    });
    const sfu = { begin, tracks } as unknown as Sfu;
    const ice = { current: [], ready: Promise.resolve() } as unknown as IceServers;
    const events = { transport: () => {}, broken: () => {}, told: () => {}, reached: () => {} };
    const peer = page.run(() => new Peer({ sfu, ice, events }));
    const outcome = async (name: string, kind: "audio" | "video") => {
      const pushed = page.run(() => peer.push({ name, kind, track: null, encodings: [] }));
      const result = pushed.then(
        ({ mid }) => mid,
        ({ code }: SfuError) => code,
      );
      await world.clock.run(world.clock.now + 5_000);
      return result;
    };
    peer.open();
    const microphone = await outcome("microphone", "audio");
    expect(await outcome("camera", "video")).toBe("too_many_requests");
    const camera = await outcome("camera again", "video");
    expect(camera).not.toBe(microphone);
    expect(asked[1]?.tracks).toMatchObject([{ mid: camera, trackName: "camera again" }]);
    expect(camera).toMatch(/^m\d$/);
    page.run(() => peer.close());
  } finally {
    restore();
  }
});

/** Takes everything. */
function answered({ tracks, sessionDescription }: TracksRequest): TracksResponse {
  const lines = read(sessionDescription?.sdp ?? "").lines.map((line) => ({
    ...line,
    direction: mirrored(line.direction),
  }));
  return {
    requiresImmediateRenegotiation: false,
    tracks: [...tracks],
    sessionDescription: { type: "answer", sdp: write("answer", lines, "nobody", true) },
  };
}
