/** The ways of tracks/new beyond push and pull, and tracks/update, on one session. */
import { unwrap } from "@satsuma/protocol";
import { describe, expect, test } from "vitest";
import { accepting, type OfferedLine, outline, sdp } from "../../test/descriptions.ts";
import { begin, finder, local, read, remote, text } from "../../test/negotiation.ts";

const mic: OfferedLine = { mid: "0", kind: "audio" };
const cam: OfferedLine = { mid: "1", kind: "video" };
const both = { direction: "sendrecv" } as const;
const hears: OfferedLine = { mid: "0", kind: "audio", direction: "recvonly" };
const sees: OfferedLine = { mid: "1", kind: "video", direction: "recvonly" };
const invited = (trackName: string, kind: "audio" | "video", bidirectionalMediaStream = false) => {
  return { location: "local" as const, trackName, kind, bidirectionalMediaStream };
};

describe("autoDiscover", () => {
  test("publishes every new m-line that sends, under names of ours, and named ones under theirs", () => {
    const { session } = begin();
    const lines = [mic, cam, { mid: "2", kind: "video", direction: "recvonly" } as const];
    const { results, consequences, media } = unwrap(session.push(read(sdp(lines)), [local("1", "camera")], true));
    expect(results).toEqual([
      { mid: "1", trackName: "camera" },
      { mid: "0", trackName: "name-1" },
    ]);
    expect(consequences.published.map(({ trackName }) => trackName).sort()).toEqual(["camera", "name-1"]);
    expect(outline(text(media))).toEqual(["audio 0 recvonly", "video 1 recvonly", "video 2 inactive"]);
  });

  test("leaves alone what was published before", () => {
    const { session } = begin();
    unwrap(session.push(read(sdp([mic])), [], true));
    const again = unwrap(session.push(read(sdp([mic, cam])), [], true));
    expect(again.results).toEqual([{ mid: "1", trackName: "name-2" }]);
    expect(again.consequences.unpublished).toEqual([]);
  });
});

describe("an invitation to publish", () => {
  test("is offered, and publishes what the answer sends", () => {
    const { session, accept } = begin();
    const { media, results } = unwrap(session.invite([invited("voice", "audio"), invited("face", "video")]));
    expect(results).toEqual([
      { mid: "0", trackName: "voice" },
      { mid: "1", trackName: "face" },
    ]);
    expect(outline(text(media))).toEqual(["audio 0 recvonly", "video 1 recvonly"]);
    expect(session.state(() => undefined).tracks?.map(({ status }) => status)).toEqual([
      "initializing",
      "initializing",
    ]);
    const { consequences } = accept(media);
    expect(consequences.published.map(({ trackName, codec }) => [trackName, codec.name])).toEqual([
      ["voice", "opus"],
      ["face", "VP8"],
    ]);
  });

  test("that the peer does not follow fails by its mid, and the name is free again", () => {
    const { session } = begin();
    const { media } = unwrap(session.invite([invited("voice", "audio")]));
    const unwilling = text(media).replace("a=recvonly", "a=inactive");
    const { results, consequences } = unwrap(session.renegotiate(read(accepting(unwilling).sdp), finder()));
    expect(results).toMatchObject([{ mid: "0", errorCode: "unsupported_codec_error" }]);
    expect(consequences.published).toEqual([]);
    expect(unwrap(session.invite([invited("voice", "audio")])).results).toEqual([{ mid: "1", trackName: "voice" }]);
  });

  test("of a name that is published, or without a kind, fails alone", () => {
    const { session, push } = begin();
    push([mic], [local("0", "voice")]);
    const { results, media } = unwrap(
      session.invite([invited("voice", "audio"), { location: "local", trackName: "x" }, invited("face", "video")]),
    );
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      "repeated_local_track_error",
      "invalid_params",
      undefined,
    ]);
    expect(outline(text(media))).toEqual(["audio 0 recvonly", "video 1 recvonly"]);
  });

  test("twice for one name in one request is given once", () => {
    const { session, accept } = begin();
    const { media, results } = unwrap(session.invite([invited("voice", "audio"), invited("voice", "audio")]));
    expect(results.map(({ errorCode }) => errorCode)).toEqual([undefined, "repeated_local_track_error"]);
    expect(outline(text(media))).toEqual(["audio 0 recvonly"]);
    expect(accept(media).consequences.published).toHaveLength(1);
  });
});

describe("an m-line for both directions", () => {
  test("is answered sendrecv, and a track pulled onto it by name needs no description", () => {
    const { session } = begin();
    const asked = [{ ...local("0", "voice"), bidirectionalMediaStream: true }];
    const { media } = unwrap(session.push(read(sdp([{ ...mic, ...both }])), asked, false));
    expect(outline(text(media))).toEqual(["audio 0 sendrecv"]);
    const attached = unwrap(session.pull([{ ...remote("a"), mid: "#voice" }], finder()));
    expect(attached.media).toBeUndefined();
    expect(attached.results).toEqual(
      [{ ...remote("a"), location: undefined, mid: "#voice" }].map(({ location: _, ...rest }) => rest),
    );
    expect(attached.consequences.subscribed.map(({ source }) => source?.trackName)).toEqual(["a"]);
    expect(session.offering).toBe(false);
  });

  test("asked for on an m-line that does not receive is answered recvonly, and takes no track", () => {
    const { session } = begin();
    const asked = [{ ...local("0", "voice"), bidirectionalMediaStream: true }];
    const { media } = unwrap(session.push(read(sdp([mic])), asked, false));
    expect(outline(text(media))).toEqual(["audio 0 recvonly"]);
    const attached = unwrap(session.pull([{ ...remote("a"), mid: "#voice" }], finder()));
    expect(attached.results).toMatchObject([{ errorCode: "invalid_params" }]);
  });

  test("can be invited, and keeps its sending half when the answer wants it", () => {
    const { session } = begin();
    const { media } = unwrap(session.invite([invited("voice", "audio", true)]));
    expect(outline(text(media))).toEqual(["audio 0 sendrecv"]);
    const answered = accepting(text(media)).sdp.replace("a=inactive", "a=sendrecv");
    const { consequences } = unwrap(session.renegotiate(read(answered), finder()));
    expect(consequences.published).toHaveLength(1);
    const attached = unwrap(session.pull([{ ...remote("a"), mid: "0" }], finder()));
    expect(attached.consequences.subscribed).toHaveLength(1);
  });

  test("is closed in both directions", () => {
    const { session } = begin();
    const asked = [{ ...local("0", "voice"), bidirectionalMediaStream: true }];
    unwrap(session.push(read(sdp([{ ...mic, ...both }])), asked, false));
    unwrap(session.pull([{ ...remote("a"), mid: "#voice" }], finder()));
    const { consequences } = unwrap(session.close({ tracks: [{ mid: "0" }], force: true }, undefined));
    expect([consequences.unpublished.length, consequences.unsubscribed.length]).toEqual([1, 1]);
  });
});

describe("pulled onto an m-line that is there, a track", () => {
  test.each<[string, string, string]>([
    ["a mid that nobody has", "9", "invalid_params"],
    ["a name that nothing carries", "#nothing", "invalid_params"],
    ["an m-line of another codec", "0", "unsupported_codec_error"],
  ])("fails alone for %s, and nothing else of the request does", (_, mid, code) => {
    const { session, accept, pull } = begin();
    accept(pull([remote("a")]).media);
    const { results, media } = unwrap(session.pull([{ ...remote("v"), mid }, remote("v")], finder()));
    expect(results.map(({ errorCode }) => errorCode)).toEqual([code, undefined]);
    expect(results[0]?.mid).toBeUndefined();
    expect(outline(text(media))).toEqual(["audio 0 sendonly", "video 1 sendonly"]);
  });

  test("takes the place of the one that was there", () => {
    const { session, accept, pull } = begin();
    accept(pull([remote("a")]).media);
    const { consequences } = unwrap(session.pull([{ ...remote("a2"), mid: "0" }], finder()));
    expect(consequences.redirected.map(({ source }) => source?.trackName)).toEqual(["a2"]);
    expect([consequences.subscribed, consequences.unsubscribed]).toEqual([[], []]);
    expect(session.state(finder()).tracks).toMatchObject([{ mid: "0", trackName: "a2", status: "active" }]);
  });
});

describe("pulling with an offer", () => {
  test("sends each track on the first free m-line that receives its kind, and answers at once", () => {
    const { session } = begin();
    const offer = read(sdp([hears, sees]));
    const { media, results, consequences } = unwrap(session.pullInto(offer, [remote("v"), remote("a")], finder()));
    expect(outline(text(media))).toEqual(["audio 0 sendonly", "video 1 sendonly"]);
    expect(results).toEqual([
      { sessionId: "pub", trackName: "v", mid: "1" },
      { sessionId: "pub", trackName: "a", mid: "0" },
    ]);
    expect(consequences.subscribed).toHaveLength(2);
    expect(session.offering).toBe(false);
  });

  test("says which track is not there, and which finds no m-line, and answers all the same", () => {
    const { session } = begin();
    const wanted = [remote("a"), remote("a2"), remote("nothing"), remote("v")];
    const { media, results } = unwrap(session.pullInto(read(sdp([hears])), wanted, finder()));
    expect(results.map(({ errorCode }) => errorCode)).toEqual([
      undefined,
      "unsupported_codec_error",
      "not_found_track_error",
      "unsupported_codec_error",
    ]);
    expect(outline(text(media))).toEqual(["audio 0 sendonly"]);
  });

  test("passes over an m-line that lacks the codec", () => {
    const { session } = begin();
    const h264 = { payloads: "103", attributes: ["a=rtpmap:103 H264/90000"] };
    const lines = [{ ...sees, mid: "0", ...h264 }, sees];
    const { results } = unwrap(session.pullInto(read(sdp(lines)), [remote("v")], finder()));
    expect(results).toMatchObject([{ mid: "1" }]);
  });

  test("can be done again with more m-lines, which leaves the first as they were", () => {
    const { session } = begin();
    unwrap(session.pullInto(read(sdp([hears])), [remote("a")], finder()));
    const again = unwrap(session.pullInto(read(sdp([hears, sees])), [remote("v")], finder()));
    expect(again.consequences).toMatchObject({ unsubscribed: [], redirected: [] });
    expect(outline(text(again.media))).toEqual(["audio 0 sendonly", "video 1 sendonly"]);
  });
});

describe("an update", () => {
  test("gives an m-line another source, also while an offer waits", () => {
    const { session, accept, pull } = begin();
    accept(pull([remote("a")]).media);
    pull([remote("v")]);
    const { results, consequences } = session.update([{ ...remote("a2"), mid: "0" }], finder());
    expect(results).toEqual([{ sessionId: "pub", trackName: "a2", mid: "0" }]);
    expect(consequences.redirected.map(({ source }) => source?.trackName)).toEqual(["a2"]);
  });

  test.each<[string, object, string]>([
    [
      "layers of a track without layers",
      { ...remote("v"), mid: "1", simulcast: { preferredRid: "a" } },
      "update_track_error",
    ],
    ["a track that is not there", { ...remote("nothing"), mid: "1" }, "not_found_track_error"],
    ["no mid", remote("v"), "invalid_params"],
    ["a mid that nobody has", { ...remote("v"), mid: "9" }, "invalid_params"],
    ["a track of another codec", { ...remote("a"), mid: "1" }, "unsupported_codec_error"],
  ])("of %s fails alone", (_, item, code) => {
    const { session, accept, pull } = begin();
    accept(pull([remote("a"), remote("v")]).media);
    const { results, consequences } = session.update([item, { ...remote("a2"), mid: "0" }], finder());
    expect(results.map(({ errorCode }) => errorCode)).toEqual([code, undefined]);
    expect(consequences.redirected).toHaveLength(1);
  });
});

test("data channels are offered on an m-line of their own, and are there once the answer takes it", () => {
  const { session, push } = begin();
  push([mic], [local("0", "m")]);
  const media = unwrap(session.offerChannels());
  expect(outline(text(media))).toEqual(["audio 0 recvonly", "application 1 undefined"]);
  expect(session.hasChannels).toBe(false);
  const answered = accepting(text(media)).sdp.replace(
    "UDP/TLS/RTP/SAVPF webrtc-datachannel",
    "UDP/DTLS/SCTP webrtc-datachannel",
  );
  unwrap(session.renegotiate(read(answered), finder()));
  expect(session.hasChannels).toBe(true);
});
