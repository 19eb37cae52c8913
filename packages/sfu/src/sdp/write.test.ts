import fc from "fast-check";
import { expect, test } from "vitest";
import { outline } from "../../test/descriptions.ts";
import type { MediaSection } from "./description.ts";
import { readDescription } from "./read.ts";
import { writeDescription } from "./write.ts";

const transport = {
  iceUfrag: "ufrg",
  icePwd: "p".repeat(24),
  iceLite: false,
  fingerprint: { algorithm: "sha-256", value: Array.from({ length: 32 }, () => "0F").join(":") },
  setup: "actpass",
  candidates: ["1 1 UDP 2130706431 127.0.0.1 8788 typ host", "2 1 UDP 2130706175 2001:db8::1 8788 typ host"],
} as const;

const opus = { payloadType: 111, name: "opus", clockRate: 48_000, channels: 2, parameters: "a=1;b=2", feedback: [] };
const vp8 = {
  payloadType: 96,
  name: "VP8",
  clockRate: 90_000,
  channels: 1,
  parameters: "",
  feedback: ["nack pli", "goog-remb"],
};

const section = fc
  .record({
    kind: fc.constantFrom("audio", "video", "application"),
    rejected: fc.boolean(),
    direction: fc.constantFrom("sendonly", "recvonly", "inactive"),
    stream: fc.option(
      fc.record({
        ssrc: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
        cname: fc.constant("c"),
        streamId: fc.uuid(),
        trackId: fc.uuid(),
      }),
      { nil: undefined },
    ),
  })
  .map((part) => ({
    ...part,
    codecs: part.kind === "audio" ? [opus] : part.kind === "video" ? [vp8] : [],
    extensions: part.kind === "application" ? [] : [{ id: 4, uri: "urn:ietf:params:rtp-hdrext:sdes:mid" }],
  }));

const sections = fc
  .array(section, { minLength: 1, maxLength: 8 })
  .map((list) => list.map((part, index): MediaSection => ({ ...part, mid: String(index), ssrcs: [], rids: [] })))
  .filter((list) => list.some((part) => !part.rejected));

test("what we write is read back the same, as far as a peer needs it", () => {
  fc.assert(
    fc.property(sections, (media) => {
      const result = readDescription(
        writeDescription({ id: "12345678901234567890", version: 7, transport, media }),
        512,
      );
      expect(result.ok).toBe(true);
      if (!result.ok) return;
      const { candidates, ...peer } = transport;
      expect(candidates).toHaveLength(2);
      expect(result.value.transport).toMatchObject(peer);
      result.value.media.forEach((read, index) => {
        const written = media[index];
        expect(read).toMatchObject({ mid: written?.mid, kind: written?.kind, rejected: written?.rejected });
        if (written === undefined || written.rejected) return;
        // Data channels have no direction.
        if (written.kind !== "application") expect(read.direction).toBe(written.direction);
        expect(read.codecs).toEqual(written.codecs);
        expect(read.extensions).toEqual(written.extensions);
        expect(read.ssrcs).toEqual(written.stream === undefined ? [] : [written.stream.ssrc]);
      });
    }),
    { numRuns: 100 },
  );
});

test("a description is one bundle with its candidates inline, complete, and ends its last line", () => {
  const part = (mid: string, rejected: boolean): MediaSection => ({
    mid,
    kind: "video",
    rejected,
    direction: "sendonly",
    codecs: [vp8],
    extensions: [],
    ssrcs: [],
    rids: [],
    stream: { ssrc: 5, cname: "pub", streamId: "pub", trackId: "track" },
  });
  const text = writeDescription({
    id: "12345678901234567890",
    version: 3,
    transport,
    media: [part("0", true), part("1", false)],
  });
  expect(text).toMatch(/^v=0\r\no=- 12345678901234567890 3 IN IP4 127\.0\.0\.1\r\n/);
  expect(text).toMatch(/\r\n$/);
  expect(text).toContain("a=group:BUNDLE 1\r\n");
  expect(text).toContain("a=candidate:1 1 UDP 2130706431 127.0.0.1 8788 typ host\r\n");
  expect(text).toContain("a=candidate:2 1 UDP 2130706175 2001:db8::1 8788 typ host\r\n");
  expect(text).toContain("a=end-of-candidates\r\n");
  expect(text).toContain("a=msid:pub track\r\n");
  expect(text).toContain("a=ssrc:5 cname:pub\r\n");
  expect(outline(text)).toEqual(["xvideo 0 inactive", "video 1 sendonly"]);
});

test("a stream is grouped with its retransmissions where the m-line has a format for them, and stands alone elsewhere", () => {
  const rtx = { ...vp8, payloadType: 97, name: "rtx", parameters: "apt=96", feedback: [] };
  const stream = { ssrc: 5, repairSsrc: 6, cname: "pub", streamId: "pub", trackId: "track" };
  const text = (codecs: MediaSection["codecs"]) => {
    const media: MediaSection[] = [
      {
        mid: "0",
        kind: "video",
        rejected: false,
        direction: "sendonly",
        codecs,
        extensions: [],
        ssrcs: [],
        rids: [],
        stream,
      },
    ];
    return writeDescription({ id: "1", version: 1, transport, media });
  };
  expect(text([vp8, rtx])).toContain("a=ssrc-group:FID 5 6\r\n");
  expect(text([vp8, rtx])).toContain("a=ssrc:6 cname:pub\r\n");
  expect(text([vp8])).not.toMatch(/FID|ssrc:6/);
});

test("an m-line without any format still names one", () => {
  const media: MediaSection[] = [
    { mid: "0", kind: "audio", rejected: true, direction: "inactive", codecs: [], extensions: [], ssrcs: [], rids: [] },
  ];
  expect(writeDescription({ id: "1", version: 1, transport, media })).toContain("m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n");
});
