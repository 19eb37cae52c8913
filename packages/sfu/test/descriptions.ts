/** SDP texts as a peer would send them, from the few facts that a test cares about. */
export interface OfferedLine {
  readonly mid: string;
  readonly kind: "audio" | "video" | "application";
  readonly direction?: "sendrecv" | "sendonly" | "recvonly" | "inactive";
  readonly port?: number;
  /** Replaces the lines that name formats and extensions. */
  readonly attributes?: readonly string[];
  readonly payloads?: string;
  readonly ssrcs?: readonly number[];
}

export interface Peer {
  readonly ufrag?: string;
  readonly pwd?: string;
  readonly fingerprint?: string;
  readonly setup?: string;
}

const fingerprint = `sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}`;

const formats = {
  audio: [
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
  ],
  video: [
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 goog-remb",
    "a=rtcp-fb:96 transport-cc",
    "a=rtcp-fb:96 ccm fir",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=extmap:13 urn:3gpp:video-orientation",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
  ],
  application: ["a=sctp-port:5000"],
} as const;

export function sdp(lines: readonly OfferedLine[], peer: Peer = {}): string {
  const bundle = lines.filter((line) => line.port !== 0).map((line) => line.mid);
  return [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${bundle.join(" ")}`,
    ...lines.flatMap((line) => section(line, peer)),
    "",
  ].join("\r\n");
}

export function offer(lines: readonly OfferedLine[], peer: Peer = {}): { type: "offer"; sdp: string } {
  return { type: "offer", sdp: sdp(lines, peer) };
}

export function answer(lines: readonly OfferedLine[], peer: Peer = {}): { type: "answer"; sdp: string } {
  return { type: "answer", sdp: sdp(lines, { setup: "active", ...peer }) };
}

/** The m-lines of an SDP text as `kind mid direction`, `x` before it for a refused one. */
export function outline(text: string): string[] {
  return text
    .split(/(?=^m=)/m)
    .slice(1)
    .map((part) => {
      const [, kind, port] = /^m=(\w+) (\d+)/.exec(part) ?? [];
      const mid = /^a=mid:(.*?)\r?$/m.exec(part)?.[1];
      const direction = /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(part)?.[1];
      return `${port === "0" ? "x" : ""}${kind} ${mid} ${direction}`;
    });
}

/** Accepts everything that an SDP offer sends. */
export function accepting(text: string, peer: Peer = {}): { type: "answer"; sdp: string } {
  const lines = text
    .split(/(?=^m=)/m)
    .slice(1)
    .map((part): OfferedLine => {
      const [, kind, port, payloads = ""] = /^m=(\w+) (\d+) \S+ (.*?)\r?$/m.exec(part) ?? [];
      return {
        kind: kind as OfferedLine["kind"],
        mid: /^a=mid:(.*?)\r?$/m.exec(part)?.[1] ?? "",
        port: Number(port),
        payloads,
        direction: part.includes("a=sendonly") ? "recvonly" : part.includes("a=recvonly") ? "sendonly" : "inactive",
        attributes: part.split(/\r?\n/).filter((line) => /^a=(rtpmap|fmtp|extmap|rtcp-fb)/.test(line)),
      };
    });
  return answer(lines, peer);
}

function section(line: OfferedLine, peer: Peer): string[] {
  const { kind, port = 9, direction = "sendonly", attributes = formats[kind], ssrcs = [] } = line;
  const payloads = line.payloads ?? (kind === "audio" ? "111" : kind === "video" ? "96 97" : "webrtc-datachannel");
  const { ufrag = "ufrg", pwd = "p".repeat(24), setup = "actpass" } = peer;
  return [
    `m=${kind} ${port} ${kind === "application" ? "UDP/DTLS/SCTP" : "UDP/TLS/RTP/SAVPF"} ${payloads}`,
    "c=IN IP4 0.0.0.0",
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:${peer.fingerprint ?? fingerprint}`,
    `a=setup:${setup}`,
    `a=mid:${line.mid}`,
    `a=${direction}`,
    "a=rtcp-mux",
    ...attributes,
    ...ssrcs.map((ssrc) => `a=ssrc:${ssrc} cname:c`),
  ];
}
