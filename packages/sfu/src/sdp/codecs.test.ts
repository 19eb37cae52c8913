import { describe, expect, test } from "vitest";
import {
  acceptedForPublishing,
  acceptedForPulling,
  invitedForPublishing,
  mediaCodec,
  offeredForPulling,
  preferredPayloadType,
  sameFormat,
} from "./codecs.ts";
import type { Codec } from "./description.ts";

const codec = (name: string, payloadType: number, parameters = "", more: Partial<Codec> = {}): Codec => {
  return { payloadType, name, clockRate: 90_000, channels: 1, parameters, feedback: [], ...more };
};
const opus = codec("opus", 111, "", { clockRate: 48_000, channels: 2 });
const baseline = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f";
const constrained = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

test.each<[boolean, string, string, string, string]>([
  [true, "levels alone", "H264", "packetization-mode=1;profile-level-id=42e01f", constrained],
  [true, "baseline and its constrained form", "H264", baseline, constrained],
  [true, "no profile and baseline", "H264", "packetization-mode=1", baseline],
  [
    true,
    "letters of a profile",
    "H264",
    "packetization-mode=1;profile-level-id=4D001F",
    constrained.replace("42e", "4d0"),
  ],
  [false, "packetization modes", "H264", "profile-level-id=42e01f", constrained],
  [false, "baseline and high", "H264", "packetization-mode=1;profile-level-id=640c1f", constrained],
  [true, "no VP9 profile and profile 0", "VP9", "", "profile-id=0"],
  [false, "VP9 profiles", "VP9", "profile-id=2", "profile-id=0"],
  [true, "AV1 tiers and levels", "AV1", "level-idx=8;profile=0;tier=1", "level-idx=5;profile=0;tier=0"],
  [true, "no AV1 profile and profile 0", "AV1", "", "profile=0"],
  [false, "AV1 profiles", "AV1", "profile=1", "profile=0"],
  [true, "H.265 levels", "H265", "level-id=180;profile-id=1", "level-id=93;profile-id=1"],
  [false, "H.265 profiles", "H265", "profile-id=2", "profile-id=1"],
  [true, "spaces and case of parameters", "VP9", " Profile-ID = 2 ;x=1", "profile-id=2"],
  [true, "VP8 parameters", "VP8", "max-fr=30", ""],
])("it is %s that %s are the same format", (same, _, name, a, b) => {
  expect(sameFormat(codec(name, 96, a), codec(name.toLowerCase(), 120, b))).toBe(same);
  expect(sameFormat(codec(name, 96, b), codec(name, 120, a))).toBe(same);
});

test("clock rate and channels are part of a format", () => {
  expect(sameFormat(opus, { ...opus, channels: 1 })).toBe(false);
  expect(sameFormat(opus, { ...opus, clockRate: 16_000 })).toBe(false);
});

describe("of a publisher's offer", () => {
  test("the first codec that we forward is taken, with its own retransmission and nothing else", () => {
    const offered = [
      codec("red", 95),
      codec("rtx", 97, "apt=96"),
      codec("VP9", 98, "profile-id=2", { feedback: ["nack", "nack pli", "transport-cc", "goog-remb"] }),
      codec("VP8", 96),
      codec("rtx", 99, "apt=98"),
      codec("ulpfec", 94),
    ];
    expect(acceptedForPublishing(offered, "video")).toEqual([offered[2], { ...offered[4], feedback: [] }]);
  });

  test.each<["audio" | "video", Codec]>([
    ["audio", opus],
    ["audio", codec("PCMU", 0, "", { clockRate: 8_000 })],
    ["audio", codec("PCMA", 8, "", { clockRate: 8_000 })],
    ["video", codec("VP8", 96)],
    ["video", codec("VP9", 98, "profile-id=2")],
    ["video", codec("H264", 103, constrained)],
    ["video", codec("H265", 49, "profile-id=1")],
    ["video", codec("AV1", 45)],
  ])("%s may be %o", (kind, only) => {
    expect(mediaCodec(acceptedForPublishing([only], kind))).toEqual(only);
    expect(acceptedForPublishing([only], kind === "audio" ? "video" : "audio")).toEqual([]);
  });

  test("a codec that nobody forwards is not taken", () => {
    expect(acceptedForPublishing([codec("G722", 9, "", { clockRate: 8_000 }), codec("MPV", 32)], "audio")).toEqual([]);
  });
});

test("an invitation names everything that is forwarded, each video codec with its retransmission", () => {
  const names = (kind: "audio" | "video") => invitedForPublishing(kind).map(({ name }) => name);
  expect(names("audio")).toEqual(["opus", "PCMU", "PCMA"]);
  expect(names("video").filter((name) => name !== "rtx")).toEqual(["VP8", "VP9", "H264", "AV1", "H265"]);
  const offered = invitedForPublishing("video");
  for (const own of offered.filter(({ name }) => name !== "rtx")) {
    expect(offered).toContainEqual(expect.objectContaining({ name: "rtx", parameters: `apt=${own.payloadType}` }));
  }
  expect(new Set(offered.map(({ payloadType }) => payloadType)).size).toBe(offered.length);
});

describe("redundant sound", () => {
  const red = codec("red", 63, "111/111", { clockRate: 48_000, channels: 2 });

  test("is taken from a publisher that puts it first, and from no other", () => {
    expect(acceptedForPublishing([red, opus], "audio").map(({ name }) => name)).toEqual(["red", "opus"]);
    expect(acceptedForPublishing([opus, red], "audio").map(({ name }) => name)).toEqual(["opus"]);
    expect(acceptedForPublishing([{ ...red, parameters: "9/9" }, opus], "audio")).toHaveLength(1);
    expect(mediaCodec([red, opus])).toBe(opus);
  });

  test("is offered and answered beside its codec", () => {
    expect(offeredForPulling(opus, true)[1]).toMatchObject({ name: "red", parameters: "111/111" });
    expect(offeredForPulling(opus)).toHaveLength(1);
    expect(acceptedForPulling([opus, red], opus).map(({ name }) => name)).toEqual(["opus", "red"]);
  });
});

describe("to a subscriber", () => {
  test("a track is offered in its own format; video with its retransmissions, and with feedback to repair it by", () => {
    const camera = codec("VP9", 35, "profile-id=2", { feedback: ["goog-remb"] });
    const feedback = ["ccm fir", "nack", "nack pli", "transport-cc"];
    expect(offeredForPulling(camera)).toEqual([{ ...camera, payloadType: 98, feedback }, codec("rtx", 99, "apt=98")]);
    expect(offeredForPulling(opus)).toEqual([{ ...opus, feedback: ["transport-cc"] }]);
  });

  test("a track is answered under the payload type of the same format, or not at all", () => {
    const offered = [
      codec("H264", 102, "profile-level-id=42e01f"),
      codec("H264", 104, baseline, { feedback: ["nack", "nack pli"] }),
    ];
    const wanted = codec("H264", 96, constrained);
    expect(acceptedForPulling(offered, wanted)).toEqual([offered[1]]);
    const again = codec("rtx", 105, "apt=104", { feedback: ["nack"] });
    const other = codec("rtx", 103, "apt=102");
    expect(acceptedForPulling([...offered, other, again], wanted)).toEqual([offered[1], { ...again, feedback: [] }]);
    expect(acceptedForPulling(offered, codec("VP8", 96))).toEqual([]);
  });
});

test("each codec has a number of its own that we would like", () => {
  expect(preferredPayloadType(opus)).toBe(111);
  expect(preferredPayloadType(codec("vp9", 35))).toBe(98);
  expect(preferredPayloadType(codec("PCMA", 100, "", { clockRate: 8_000 }))).toBe(8);
});
