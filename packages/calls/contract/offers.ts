/** Offers as a browser makes them, without anybody behind them. */
import type { SessionDescription } from "@satsuma/protocol";

type Kind = "audio" | "video";

const fingerprint = Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(":");

const formats: Readonly<Record<Kind, readonly string[]>> = {
  audio: ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"],
  video: ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 goog-remb"],
};

/** A sending m-line for each kind, with the mids 0, 1, … */
export function offer(kinds: readonly Kind[]): SessionDescription {
  return describe(kinds, undefined);
}

/** The same after the m-line at `index` was stopped. */
export function stopped(kinds: readonly Kind[], index: number): SessionDescription {
  return describe(kinds, index);
}

function describe(kinds: readonly Kind[], gone: number | undefined): SessionDescription {
  const bundle = kinds.flatMap((_, index) => (index === gone ? [] : [index]));
  const lines = [
    "v=0",
    `o=- 4711 ${gone === undefined ? 1 : 2} IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${bundle.join(" ")}`,
    "a=extmap-allow-mixed",
    "a=msid-semantic: WMS",
    ...kinds.flatMap((kind, index) => [
      `m=${kind} ${index === gone ? 0 : 9} UDP/TLS/RTP/SAVPF ${kind === "audio" ? 111 : 96}`,
      "c=IN IP4 0.0.0.0",
      "a=ice-ufrag:abcd",
      "a=ice-pwd:abcdefghijklmnopqrstuvwx",
      `a=fingerprint:sha-256 ${fingerprint}`,
      "a=setup:actpass",
      `a=mid:${index}`,
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
      index === gone ? "a=inactive" : "a=sendonly",
      "a=msid:- track",
      "a=rtcp-mux",
      "a=rtcp-rsize",
      ...formats[kind],
      `a=ssrc:${1_000 + index} cname:peer`,
    ]),
  ];
  return { type: "offer", sdp: `${lines.join("\r\n")}\r\n` };
}
