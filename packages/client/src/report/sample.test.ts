import { parseClientMessage, type Report } from "@satsuma/protocol";
import { expect, test } from "vitest";
import type { ConnectionSample, TrackSample } from "../quality/sample.ts";
import { type Label, reportable } from "./sample.ts";

function track(key: string, given: Partial<TrackSample> = {}): TrackSample {
  return {
    key,
    kind: "video",
    bitrate: 400_000.4,
    loss: 0.01234,
    jitter: 3.6,
    roundTrip: undefined,
    audioLevel: undefined,
    width: 640,
    height: 360,
    frameRate: 29.97,
    frozen: 0,
    concealed: undefined,
    limitation: "none",
    ...given,
  };
}

function sample(sent: readonly TrackSample[], received: readonly TrackSample[]): ConnectionSample {
  const counts = { roundTrip: 41.5, availableOutgoing: 2_000_000.7, lossIn: 0.00049, lossOut: 0, relayed: false };
  return { at: 0, duration: 2_000.2, sent, received, ...counts };
}

const fair = { quality: "fair", cause: "network-down" } as const;

test("numbers are rounded, what is unknown is left out, and tracks are called by who sends them", () => {
  const labels = new Map<string, Label>([
    ["m1", { source: "camera" }],
    ["t1", { source: "screen", participant: "ann" }],
  ]);
  expect(reportable(fair, sample([track("m1")], [track("t1", { limitation: undefined })]), labels)).toEqual({
    ...fair,
    duration: 2_000,
    roundTrip: 42,
    lossIn: 0,
    lossOut: 0,
    available: 2_000_001,
    relayed: false,
    tracks: [
      { way: "sent", source: "camera", ...rounded },
      { way: "received", source: "screen", participant: "ann", ...rounded },
    ],
  });
});

const rounded = {
  kind: "video",
  bitrate: 400_000,
  loss: 0.012,
  jitter: 4,
  width: 640,
  height: 360,
  frameRate: 30,
  frozen: 0,
};

test("of many tracks those sent and the worst received are told, and none that nobody can name", () => {
  const received = Array.from({ length: 60 }, (_, at) => track(`t${at}`, { loss: at / 100 }));
  const labels = new Map(
    received.slice(0, 50).map(({ key }) => [key, { source: "camera", participant: key } as const]),
  );
  const { tracks = [] } = reportable(fair, sample([track("m1")], received), labels);
  expect(tracks).toHaveLength(16);
  expect(tracks.slice(1).map(({ participant }) => participant)).toEqual(
    Array.from({ length: 15 }, (_, at) => `t${49 - at}`),
  );
});

test("without a connection only the verdict is told", () => {
  expect(reportable({ quality: "lost", cause: "network-down" }, undefined, new Map())).toEqual({
    quality: "lost",
    cause: "network-down",
  });
  expect(reportable({ quality: "good", cause: undefined }, undefined, new Map())).toEqual({ quality: "good" });
});

test("a room reads what is reported", () => {
  const labels = new Map<string, Label>([["m1", { source: "camera" }]]);
  const odd = track("m1", { loss: 1.7, audioLevel: 0.3333333, concealed: -1, limitation: "cpu" });
  const report: Report = { session: "s", sample: reportable(fair, sample([odd], []), labels) };
  expect(parseClientMessage(JSON.stringify({ type: "report", ...report }))).toMatchObject({ ok: true });
});
