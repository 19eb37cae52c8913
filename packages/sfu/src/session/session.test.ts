import { unwrap } from "@satsuma/protocol";
import { describe, expect, test } from "vitest";
import { accepting, type OfferedLine, outline, sdp } from "../../test/descriptions.ts";
import { begin, finder, fixture, local, read, remote, text } from "../../test/negotiation.ts";

const mic: OfferedLine = { mid: "0", kind: "audio" };
const cam: OfferedLine = { mid: "1", kind: "video" };

describe("pushing", () => {
  test("answers recvonly for the tracks asked for, inactive for other m-lines, and data channels accepted", () => {
    const { push, session } = begin();
    const data: OfferedLine = { mid: "2", kind: "application" };
    const { media, results, consequences } = push([mic, cam, data], [local("1", "camera")]);
    expect(outline(text(media))).toEqual(["audio 0 inactive", "video 1 recvonly", "application 2 undefined"]);
    expect(results).toEqual([{ mid: "1", trackName: "camera" }]);
    expect(consequences.published.map((publication) => publication.trackName)).toEqual(["camera"]);
    expect(session.state(() => undefined).tracks).toEqual([
      { location: "local", mid: "1", trackName: "camera", sessionId: undefined, status: "active" },
    ]);
  });

  test("takes only codecs and feedback that are acted on", () => {
    const { push } = begin();
    const answer = text(push([cam], [local("1", "camera")]).media);
    expect(answer).toContain("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n");
    expect(answer).toContain("a=rtcp-fb:96 nack pli\r\n");
    expect(answer).toContain("a=rtcp-fb:96 goog-remb\r\n");
    expect(answer).toContain("a=rtcp-fb:96 transport-cc\r\n");
    expect(answer).not.toMatch(/ulpfec|red/);
  });

  test("goes on with what was negotiated when later offers add more", () => {
    const { push } = begin();
    const [first] = push([mic], [local("0", "microphone")]).consequences.published;
    const { media, consequences } = push([mic, cam], [local("1", "camera")]);
    expect(outline(text(media))).toEqual(["audio 0 recvonly", "video 1 recvonly"]);
    expect(consequences.published.map((publication) => publication.trackName)).toEqual(["camera"]);
    expect(consequences.unpublished).toEqual([]);
    expect(first?.trackName).toBe("microphone");
  });

  test("fails one by one, and the rest succeeds", () => {
    const { push } = begin();
    const silent: OfferedLine = { mid: "2", kind: "audio", direction: "recvonly" };
    const strange: OfferedLine = { mid: "3", kind: "video", payloads: "45", attributes: ["a=rtpmap:45 MPV/90000"] };
    const { results, media } = push(
      [mic, cam, silent, strange],
      [local("0", "same"), local("1", "same"), local("2", "silent"), local("3", "strange")],
    );
    expect(results.map((result) => result.errorCode)).toEqual([
      undefined,
      "repeated_local_track_error",
      "invalid_params",
      "unsupported_codec_error",
    ]);
    expect(outline(text(media))).toEqual([
      "audio 0 recvonly",
      "video 1 inactive",
      "audio 2 inactive",
      "video 3 inactive",
    ]);
  });

  test("an m-line that we forward nothing of is inactive, not refused: the first of a bundle carries the transport", () => {
    const { session } = begin();
    const offered = read(fixture("offer-unsupported-first").replace(/(AV1|VP9|VP8|H26[45])\//g, "MPV/"));
    const { media, results } = unwrap(session.push(offered, [local("0", "camera"), local("1", "microphone")], false));
    expect(outline(text(media))).toEqual(["video 0 inactive", "audio 1 recvonly"]);
    expect(results.map((result) => result.errorCode)).toEqual(["unsupported_codec_error", undefined]);
  });

  test.each<[string, OfferedLine[], ReturnType<typeof local>[], string]>([
    ["a mid that the offer has not", [mic], [local("7", "x")], "invalid_session_description"],
    ["one mid for two tracks", [mic], [local("0", "x"), local("0", "y")], "invalid_params"],
  ])("is refused whole for %s", (_, lines, tracks, code) => {
    const { session } = begin();
    const result = session.push(read(sdp(lines)), tracks, false);
    expect(result).toMatchObject({ ok: false, refusal: { code } });
    expect(session.sections).toEqual([]);
  });

  test("a name or an m-line that is in use stays with its track", () => {
    const { push } = begin();
    push([mic, cam], [local("0", "a")]);
    expect(push([mic, cam], [local("1", "a")]).results[0]?.errorCode).toBe("repeated_local_track_error");
    expect(push([mic, cam], [local("0", "b")]).results[0]?.errorCode).toBe("repeated_local_track_error");
    const again = push([mic, cam], [local("0", "a")]);
    expect(again.results).toEqual([{ mid: "0", trackName: "a" }]);
    expect(again.consequences.published).toEqual([]);
    expect(push([mic, cam], [local("1", "b")]).consequences.published).toHaveLength(1);
  });

  test("a name is free for another m-line in the offer that stops the old one", () => {
    const { push } = begin();
    push([cam], [local("1", "camera")]);
    const stopped: OfferedLine = { ...cam, port: 0, direction: "inactive" };
    const { results, consequences } = push([stopped, { mid: "2", kind: "video" }], [local("2", "camera")]);
    expect(results).toEqual([{ mid: "2", trackName: "camera" }]);
    expect([consequences.unpublished.length, consequences.published.length]).toEqual([1, 1]);
  });

  test.each<[string, OfferedLine[]]>([
    ["loses m-lines", [mic]],
    ["gives an m-line in use to another mid", [mic, { ...cam, mid: "2" }]],
    ["changes the kind of an m-line", [mic, { mid: "1", kind: "audio" }]],
  ])("a later offer that %s is refused and changes nothing", (_, lines) => {
    const { push, session } = begin();
    push([mic, cam], [local("0", "a"), local("1", "b")]);
    const before = session.sections;
    expect(session.push(read(sdp(lines)), [], false)).toMatchObject({
      ok: false,
      refusal: { code: "invalid_session_description" },
    });
    expect(session.sections).toBe(before);
  });

  test("a stopped m-line ends its track, and another mid may take its place", () => {
    const { push } = begin();
    push([mic, cam], [local("1", "camera")]);
    const ended = push([mic, { ...cam, port: 0, direction: "inactive" }], []);
    expect(ended.consequences.unpublished).toHaveLength(1);
    expect(outline(text(ended.media))).toEqual(["audio 0 inactive", "xvideo 1 inactive"]);
    const recycled = push([mic, { mid: "5", kind: "video" }], [local("5", "camera")]);
    expect(outline(text(recycled.media))).toEqual(["audio 0 inactive", "video 5 recvonly"]);
    expect(recycled.consequences.published).toHaveLength(1);
  });

  test("Chrome's own life of a connection is answered step by step", () => {
    const { session } = begin();
    const step = (name: string, tracks: ReturnType<typeof local>[]) =>
      outline(text(unwrap(session.push(read(fixture(name)), tracks, false)).media));
    expect(step("offer-audio-video", [local("0", "m"), local("1", "c")])).toEqual([
      "audio 0 recvonly",
      "video 1 recvonly",
    ]);
    unwrap(session.pull([remote("a"), remote("v")], finder()));
    unwrap(session.renegotiate(read(fixture("answer-pull-after-push")), finder()));
    expect(step("offer-stopped", [])).toEqual([
      "audio 0 recvonly",
      "xvideo 1 inactive",
      "audio 2 sendonly",
      "video 3 sendonly",
    ]);
    expect(step("offer-recycled", [local("4", "c2")])[1]).toBe("video 4 recvonly");
  });
});

describe("pulling", () => {
  test("offers what is there under fresh mids, and says what is not", () => {
    const { push, pull } = begin();
    push([mic, cam], [local("0", "m")]);
    const { media = [], results } = pull([remote("v"), remote("nothing"), remote("a")]);
    expect(results).toEqual([
      { sessionId: "pub", trackName: "v", mid: "2" },
      expect.objectContaining({ trackName: "nothing", errorCode: "not_found_track_error" }),
      { sessionId: "pub", trackName: "a", mid: "3" },
    ]);
    expect(outline(text(media))).toEqual([
      "audio 0 recvonly",
      "video 1 inactive",
      "video 2 sendonly",
      "audio 3 sendonly",
    ]);
  });

  test("makes no offer when nothing is there, and leaves nothing behind", () => {
    const { pull, session } = begin();
    expect(pull([remote("no"), remote("nor")]).media).toBeUndefined();
    expect(session.offering).toBe(false);
    expect(session.sections).toEqual([]);
  });

  test("the same track twice gets two m-lines with two SSRCs", () => {
    const { pull } = begin();
    const { results, media = [] } = pull([remote("v"), remote("v")]);
    expect(results.map((result) => result.mid)).toEqual(["0", "1"]);
    expect(new Set(media.map((section) => section.stream?.ssrc)).size).toBe(2);
  });

  test("begins when the answer is there: an accepted track has a subscription, a refused one is inactive", () => {
    const { pull, session } = begin();
    const { media = [] } = pull([remote("a"), remote("v")]);
    expect(session.state(finder()).tracks?.map((track) => track.status)).toEqual(["initializing", "initializing"]);
    const partly = text(media).replace(/(m=video.*?)a=sendonly/s, "$1a=inactive");
    const { consequences, results } = unwrap(session.renegotiate(read(accepting(partly).sdp), finder()));
    expect(results).toMatchObject([{ mid: "1", errorCode: "unsupported_codec_error" }]);
    expect(consequences.subscribed.map(({ source }) => source?.trackName)).toEqual(["a"]);
    expect(session.state(finder()).tracks?.map((track) => track.status)).toEqual(["active", "inactive"]);
  });

  test("a track whose publisher left counts as inactive", () => {
    const { pull, accept, session } = begin();
    accept(pull([remote("a")]).media);
    expect(session.state(() => undefined).tracks).toMatchObject([{ trackName: "a", status: "inactive" }]);
  });

  test("while the offer waits for its answer, every other negotiation is refused", () => {
    const { pull, session } = begin();
    pull([remote("a")]);
    const refused = { ok: false, refusal: { code: "invalid_session_description" } };
    expect(session.pull([remote("v")], finder())).toMatchObject(refused);
    expect(session.push(read(sdp([mic])), [], false)).toMatchObject(refused);
    expect(session.close({ tracks: [{ mid: "0" }], force: false }, read(sdp([mic])))).toMatchObject(refused);
  });

  test.each<[string, (offered: string) => string]>([
    ["other mids", (offered) => offered.replace("a=mid:1", "a=mid:9")],
    ["another order", () => sdp([{ ...cam, mid: "1" }, mic])],
    ["fewer m-lines", () => sdp([mic])],
    ["more m-lines", () => sdp([mic, cam, { mid: "7", kind: "audio" }])],
  ])("an answer with %s is refused, and the right one is still taken", (_, change) => {
    const { pull, session } = begin();
    const offered = text(pull([remote("a"), remote("v")]).media ?? []);
    const refused = { ok: false, refusal: { code: "invalid_session_description" } };
    expect(session.renegotiate(read(change(accepting(offered).sdp)), finder())).toMatchObject(refused);
    expect(session.renegotiate(read(accepting(offered).sdp), finder()).ok).toBe(true);
    expect(session.renegotiate(read(accepting(offered).sdp), finder())).toMatchObject(refused);
  });

  test("a publication that ended before the answer came gives no source", () => {
    const { pull, session } = begin();
    const offered = text(pull([remote("a")]).media ?? []);
    const { consequences } = unwrap(session.renegotiate(read(accepting(offered).sdp), () => undefined));
    expect(consequences.subscribed).toMatchObject([{ source: undefined }]);
  });
});

describe("retransmission", () => {
  test("is offered with a pulled picture under an SSRC of its own, and used by who answers with its format", () => {
    const { session, pull, accept } = begin();
    const { media = [] } = pull([remote("v"), remote("v2")]);
    const streams = media.map(({ stream }) => stream);
    expect(new Set(streams.flatMap((stream) => [stream?.ssrc, stream?.repairSsrc])).size).toBe(4);
    accept(media);
    const repairs = session.sections.map(
      ({ outbound }) => outbound.state === "sending" && outbound.subscription.repair,
    );
    expect(repairs).toEqual(
      media.map(({ codecs, stream }) =>
        expect.objectContaining({ ssrc: stream?.repairSsrc, payloadType: codecs[1]?.payloadType }),
      ),
    );
  });

  test("goes into the stream itself for who answers without", () => {
    const { session, pull, accept } = begin();
    const { media = [] } = pull([remote("v")]);
    accept(media.map((section) => ({ ...section, codecs: section.codecs.slice(0, 1) })));
    const [{ outbound } = { outbound: { state: "none" } as const }] = session.sections;
    expect(outbound.state === "sending" && outbound.subscription.repair).toBeUndefined();
  });
});

describe("in one bundle", () => {
  test("a payload type means one format and an extension id one extension, whatever peers number theirs", () => {
    const { push, pull } = begin();
    const odd = [
      "a=rtpmap:96 opus/48000/2",
      "a=fmtp:96 odd=1",
      "a=extmap:13 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
      "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    ];
    push([{ ...mic, payloads: "96", attributes: odd }], [local("0", "m")]);
    const { media = [] } = pull([remote("v"), remote("a"), remote("v2"), remote("a2")]);
    const formats = new Map<number, string>();
    const extensions = new Map<number, string>();
    for (const section of media) {
      for (const { payloadType, name, parameters } of section.codecs) {
        expect(formats.get(payloadType) ?? `${name} ${parameters}`).toBe(`${name} ${parameters}`);
        formats.set(payloadType, `${name} ${parameters}`);
      }
      for (const { id, uri } of section.extensions) {
        expect(extensions.get(id) ?? uri).toBe(uri);
        extensions.set(id, uri);
      }
    }
    // Its own one, and the four that it pulls, two of them with their retransmissions.
    expect(formats.size).toBe(7);
  });

  test("a track whose format finds no payload type fails alone", () => {
    const { session } = begin();
    const formats = Array.from({ length: 70 }, (_, n) => ["audio", `t${n}`, `x=${n}`] as const);
    const { media = [], results } = unwrap(
      session.pull(
        formats.map(([, name]) => remote(name)),
        finder(formats),
      ),
    );
    const used = media.map((section) => section.codecs[0]?.payloadType ?? -1);
    expect(new Set(used).size).toBe(used.length);
    expect(
      used.every(
        (payloadType) => (payloadType >= 96 && payloadType <= 127) || (payloadType >= 35 && payloadType <= 63),
      ),
    ).toBe(true);
    expect(results.filter((result) => result.errorCode === "invalid_params")).toHaveLength(70 - used.length);
  });

  test("no mid is ever used twice, however often m-lines are recycled", () => {
    const { push, pull, accept } = begin();
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const { media = [], results } = pull([remote("v")]);
      const mid = results[0]?.mid ?? "";
      expect(seen.has(mid)).toBe(false);
      seen.add(mid);
      accept(media);
      expect(media).toHaveLength(1);
      push([{ mid, kind: "video", port: 0, direction: "inactive" }], []);
    }
  });
});

describe("closing", () => {
  test("with an offer ends every listed track, also those that the offer still shows live", () => {
    const { push, session } = begin();
    push([mic, cam], [local("0", "m"), local("1", "c")]);
    const offered = read(sdp([{ ...mic, port: 0, direction: "inactive" }, cam]));
    const closed = unwrap(session.close({ tracks: [{ mid: "0" }, { mid: "1" }, { mid: "8" }], force: false }, offered));
    expect(outline(text(closed.media ?? []))).toEqual(["xaudio 0 inactive", "video 1 inactive"]);
    expect(closed.consequences.unpublished).toHaveLength(2);
    expect(closed.results).toEqual([
      { mid: "0" },
      { mid: "1" },
      expect.objectContaining({ mid: "8", errorCode: "close_track_error" }),
    ]);
  });

  test("by force stops the flow without a description, also while an offer waits, and leaves the m-line listed", () => {
    const { pull, session } = begin();
    const offered = text(pull([remote("a"), remote("v")]).media ?? []);
    const closed = unwrap(session.close({ tracks: [{ mid: "0" }], force: true }, undefined));
    expect(closed.media).toBeUndefined();
    expect(closed.results).toEqual([{ mid: "0" }]);
    const { consequences } = unwrap(session.renegotiate(read(accepting(offered).sdp), finder()));
    expect(consequences.subscribed.map(({ source }) => source?.trackName)).toEqual(["v"]);
    expect(session.state(finder()).tracks?.map((track) => track.status)).toEqual(["inactive", "active"]);
    const again = unwrap(session.close({ tracks: [{ mid: "0" }], force: true }, undefined));
    expect(again.results[0]?.errorCode).toBe("close_track_error");
  });

  test("a refused offer closes nothing", () => {
    const { push, session } = begin();
    push([mic, cam], [local("0", "m")]);
    const before = session.sections;
    expect(session.close({ tracks: [{ mid: "0" }], force: false }, read(sdp([mic]))).ok).toBe(false);
    expect(session.sections).toBe(before);
  });

  test("a closed m-line may publish again", () => {
    const { push, session } = begin();
    push([mic], [local("0", "m")]);
    unwrap(session.close({ tracks: [{ mid: "0" }], force: true }, undefined));
    expect(push([mic], [local("0", "m2")]).consequences.published.map((p) => p.trackName)).toEqual(["m2"]);
  });
});

test("ending ends all tracks once", () => {
  const { push, pull, accept, session } = begin();
  push([mic], [local("0", "m")]);
  accept(pull([remote("v")]).media);
  const ended = session.end();
  expect([ended.unpublished.length, ended.unsubscribed.length]).toEqual([1, 1]);
  expect(session.end()).toEqual({
    published: [],
    unpublished: [],
    subscribed: [],
    unsubscribed: [],
    redirected: [],
  });
  expect(session.state(finder()).tracks).toEqual([]);
});
