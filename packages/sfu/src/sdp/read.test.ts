import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type OfferedLine, offer, type Peer, sdp } from "../../test/descriptions.ts";
import type { Description } from "./description.ts";
import { readDescription } from "./read.ts";

const audio: OfferedLine = { mid: "0", kind: "audio" };
const video: OfferedLine = { mid: "1", kind: "video" };

describe("a browser's description", () => {
  test("of a microphone and a camera is read whole", () => {
    const { transport, media } = read(fixture("offer-audio-video"));
    expect(transport).toMatchObject({ iceLite: false, setup: "actpass", fingerprint: { algorithm: "sha-256" } });
    expect(transport.iceUfrag).toMatch(/^\S{4}$/);
    expect(media.map(({ mid, kind, direction, rejected }) => ({ mid, kind, direction, rejected }))).toEqual([
      { mid: "0", kind: "audio", direction: "sendonly", rejected: false },
      { mid: "1", kind: "video", direction: "sendonly", rejected: false },
    ]);
    expect(media[0]?.codecs[0]).toEqual({
      payloadType: 111,
      name: "opus",
      clockRate: 48_000,
      channels: 2,
      parameters: "minptime=10;useinbandfec=1",
      feedback: ["transport-cc"],
    });
    expect(media[1]?.codecs[0]).toMatchObject({ payloadType: 96, name: "VP8", clockRate: 90_000 });
    expect(media[1]?.codecs[0]?.feedback).toEqual(expect.arrayContaining(["goog-remb", "ccm fir", "nack", "nack pli"]));
    expect(media[1]?.ssrcs).toHaveLength(2);
    expect(media[1]?.extensions).toContainEqual({ id: 4, uri: "urn:ietf:params:rtp-hdrext:sdes:mid" });
  });

  test.each([
    ["offer-simulcast", ["video 0 sendonly"]],
    ["offer-data-channel", ["audio 0 sendonly", "application 1 sendrecv"]],
    ["offer-stopped", ["audio 0 sendonly", "xvideo 1 inactive", "audio 2 recvonly", "video 3 recvonly"]],
    ["offer-recycled", ["audio 0 sendonly", "video 4 sendonly", "audio 2 recvonly", "video 3 recvonly"]],
    ["offer-first-stopped", ["xaudio 0 inactive", "video 1 sendrecv"]],
    ["answer-pull", ["audio 0 recvonly", "video 1 recvonly"]],
  ])("%s has its m-lines in order, stopped ones marked", (name, expected) => {
    const { media } = read(fixture(name));
    expect(media.map((m) => `${m.rejected ? "x" : ""}${m.kind} ${m.mid} ${m.direction}`)).toEqual(expected);
  });

  test.each([
    ["LF only", (text: string) => text.replaceAll("\r\n", "\n")],
    ["CR only", (text: string) => text.replaceAll("\r\n", "\r")],
    ["no end of the last line", (text: string) => text.trimEnd()],
    ["blank lines at the end", (text: string) => `${text}\r\n\r\n`],
    ["lines that nobody knows", (text: string) => text.replace("a=rtcp-mux", "a=made-up:1 2 3\r\nq=?\r\na=rtcp-mux")],
  ])("means the same with %s", (_, change) => {
    const text = fixture("offer-audio-video");
    expect(read(change(text))).toEqual(read(text));
  });

  test("may hold its transport at session level", () => {
    const lines = sdp([audio]).split("\r\n");
    const isTransport = (line: string) => /^a=(ice-|fingerprint|setup)/.test(line);
    const moved = [
      ...lines.slice(0, 4),
      ...lines.filter(isTransport),
      ...lines.slice(4).filter((l) => !isTransport(l)),
    ];
    expect(read(moved.join("\r\n"))).toEqual(read(lines.join("\r\n")));
  });
});

describe("candidates", () => {
  const having = (...candidates: string[]) => {
    const lines = sdp([audio]).split("\r\n");
    const at = lines.findIndex((one) => one.startsWith("m=")) + 1;
    return read(lines.toSpliced(at, 0, ...candidates.map((one) => `a=candidate:${one}`)).join("\r\n")).transport;
  };

  test("of a browser are kept as addresses, without its own numbering", () => {
    expect(read(fixture("offer-stopped")).transport.candidates).toEqual([
      "1 1 UDP 2130706431 192.0.2.2 59437 typ host",
      "2 1 UDP 2130706175 fd00::2 35724 typ host",
    ]);
  });

  test("that lead nowhere, or to many, are left out", () => {
    const lost = [
      "1 1 udp 2122 2d6b3c0a-1f0e.local 50000 typ host",
      "1 1 tcp 1518 192.0.2.2 9 typ host tcptype active",
      "1 2 udp 2122 192.0.2.2 50001 typ host",
      "1 1 udp 2122 192.0.2.2 0 typ host",
      "1 1 udp 2122 192.0.2.2 70000 typ host",
      "1 1 udp 2122 192.0.2.999 50000 typ host",
      "1 1 udp 2122 255.255.255.255 50000 typ host",
      "1 1 udp 2122 239.1.2.3 50000 typ host",
      "1 1 udp 2122 ff02::1 50000 typ host",
    ];
    expect(having(...lost).candidates).toEqual([]);
  });

  test("are eight at the most", () => {
    const many = Array.from({ length: 100 }, (_, index) => `1 1 udp 2122 192.0.2.${index + 1} 50000 typ host`);
    expect(having(...many).candidates).toHaveLength(8);
  });
});

describe("is refused", () => {
  const long = Array.from({ length: 40_000 }, () => "a=x").join("\n");
  test.each<[string, string, RegExp]>([
    ["nothing", "", /Unable to parse SDP/],
    ["prose", "hello, this is no SDP", /Unable to parse SDP/],
    ["a session without media", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", /Unable to parse SDP/],
    ["JSON", JSON.stringify({ sdp: "v=0" }), /Unable to parse SDP/],
    ["1,000 m-lines", many(1_000), /1000 m-lines; this server takes 512/],
    ["a text of 40,000 lines", `${sdp([audio])}${long}`, /lines; this server takes 32768/],
    ["an m-line of another medium", sdp([audio]).replace("m=audio", "m=text"), /m=text is not supported/],
    ["an m-line without words", "v=0\r\nm=\r\n", /m= is not supported/],
    ["an m-line of numbers", "v=0\r\nm=5 9 X 0\r\n", /m=5 is not supported/],
    ["an m-line without mid", sdp([audio]).replace("a=mid:0\r\n", ""), /needs a mid/],
    ["a mid of 33 characters", sdp([{ ...audio, mid: "m".repeat(33) }]), /needs a mid/],
    ["a mid twice", sdp([audio, { ...video, mid: "0" }]), /mid "0" appears twice/],
    ["no ufrag", sdp([audio]).replace(/a=ice-ufrag.*\r\n/, ""), /no ice-ufrag/],
    ["no pwd", sdp([audio]).replace(/a=ice-pwd.*\r\n/, ""), /no ice-ufrag and ice-pwd/],
    ["a ufrag of 3 characters", sdp([audio], { ufrag: "abc" }), /malformed/],
    ["a ufrag with spaces", sdp([audio], { ufrag: "ab cd" }), /malformed/],
    ["a pwd of 21 characters", sdp([audio], { pwd: "p".repeat(21) }), /malformed/],
    ["a ufrag of 257 characters", sdp([audio], { ufrag: "u".repeat(257) }), /malformed/],
    ["no fingerprint", sdp([audio]).replace(/a=fingerprint.*\r\n/, ""), /no DTLS fingerprint/],
    ["a sha-1 fingerprint", sdp([audio], { fingerprint: `sha-1 ${"AB:".repeat(19)}AB` }), /must be a sha-256/],
    ["a fingerprint of numbers", sdp([audio], { fingerprint: "1 2" }), /must be a sha-256/],
    ["a cut fingerprint", sdp([audio], { fingerprint: `sha-256 ${"AB:".repeat(30)}AB` }), /must be a sha-256/],
    ["setup:holdconn", sdp([audio], { setup: "holdconn" }), /a=setup:holdconn is not supported/],
  ])("%s", (_, text, message) => {
    const result = readDescription(text, 512);
    expect(result).toMatchObject({ ok: false, refusal: { code: "invalid_session_description" } });
    if (!result.ok) expect(result.refusal.message).toMatch(message);
  });

  test("nothing of a hostile text reaches the message but a few harmless characters", () => {
    const result = readDescription(`v=0\r\nm=<b>\u0007\u2028${"x".repeat(500)} 9 X 0\r\n`, 512);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.refusal.message).toMatch(/^[\w =?.-]{1,80}$/);
  });
});

test("a format that is named a thousand times is one format, and its feedback is bounded", () => {
  const attributes = ["a=rtpmap:96 VP8/90000", ...Array.from({ length: 1_000 }, (_, n) => `a=rtcp-fb:96 x${n}`)];
  const text = sdp([{ ...video, attributes }]).replace(/^(m=video .*?)( \d+)+$/m, `$1${" 96".repeat(1_000)}`);
  const [codec, ...others] = read(text).media[0]?.codecs ?? [];
  expect(others).toEqual([]);
  expect(codec).toMatchObject({ payloadType: 96, name: "VP8" });
  expect(codec?.feedback).toHaveLength(32);
});

test("512 m-lines are read", () => {
  expect(read(many(512)).media).toHaveLength(512);
});

test("format parameters longer than any browser's do not go on to subscribers", () => {
  const attributes = ["a=rtpmap:111 opus/48000/2", `a=fmtp:111 x=${"y".repeat(5_000)}`];
  expect(read(sdp([{ ...audio, attributes }])).media[0]?.codecs).toEqual([]);
});

test("a megabyte of the worst lines costs a moment", () => {
  const fills = [
    "a=\n",
    "a=ssrc:1 a\n",
    "a=imageattr:1 send [ [ [ [ [ [\n",
    "m=audio 9 X 0\n",
    `a=${"[a] ".repeat(8_000)}\n`,
  ];
  for (const fill of fills) {
    const sdp = `v=0\nm=audio 9 X 0\n${fill.repeat(1_000_000 / fill.length)}`;
    // Of this process alone: others may want the machine too.
    const before = process.cpuUsage();
    readDescription(sdp, 512);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(400);
  }
});

test("20,000 mutations of real descriptions never throw", () => {
  // Small ones often and a large one seldom: reading costs by the line.
  const originals = fc.oneof(
    { weight: 100, arbitrary: fc.constant(sdp([audio])) },
    { weight: 10, arbitrary: fc.constantFrom(fixture("answer-pull"), sdp([audio, video])) },
    { weight: 1, arbitrary: fc.constant(fixture("offer-recycled")) },
  );
  const junk = fc.constantFrom(
    "\r\n",
    "\n",
    "m=",
    "a=",
    " ",
    ":",
    "0",
    "-1",
    "1e9",
    "NaN",
    "__proto__",
    "\u0000",
    "é",
    "a=mid:0",
    "4294967296",
  );
  const mutation = fc.tuple(fc.nat(), fc.nat(60), junk, fc.constantFrom("cut", "insert", "repeat", "swap"));
  const mutations = fc.tuple(originals, fc.array(mutation, { minLength: 1, maxLength: 6 }));
  fc.assert(
    fc.property(mutations, ([text, changes]) => {
      let mutated = text;
      for (const [seed, length, word, how] of changes) {
        const at = seed % (mutated.length + 1);
        const [head, part, tail] = [mutated.slice(0, at), mutated.slice(at, at + length), mutated.slice(at + length)];
        mutated = {
          cut: head + tail,
          insert: head + word + part + tail,
          repeat: head + part + part + tail,
          swap: head + tail + part,
        }[how];
      }
      const result = readDescription(mutated, 512);
      if (!result.ok) {
        expect(result.refusal.message.length).toBeLessThan(120);
        return;
      }
      for (const section of result.value.media) {
        expect(typeof section.mid).toBe("string");
        for (const codec of section.codecs) expect(typeof codec.parameters).toBe("string");
      }
    }),
    { numRuns: 20_000 },
  );
}, 30_000);

function many(count: number, peer: Peer = {}): string {
  return offer(
    Array.from({ length: count }, (_, n): OfferedLine => ({ mid: `m${n}`, kind: "audio" })),
    peer,
  ).sdp;
}

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.sdp`, import.meta.url), "utf8");
}

function read(text: string): Description {
  const result = readDescription(text, 512);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}
