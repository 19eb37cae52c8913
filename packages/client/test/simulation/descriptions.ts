/** Session descriptions as the model of a browser writes and reads them: what the client and the SFU look at, and no more. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export interface Line {
  readonly kind: "audio" | "video" | "application";
  readonly mid: string;
  readonly rejected: boolean;
  readonly direction: Direction;
  /** Simulcast layers that are sent. */
  readonly rids: readonly string[];
  /** Of what the other end sends. */
  readonly ssrcs: readonly number[];
}

export interface Read {
  readonly ufrag: string;
  readonly lines: readonly Line[];
}

const formats: Readonly<Record<Line["kind"], readonly string[]>> = {
  audio: ["a=rtpmap:111 opus/48000/2", "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid"],
  video: [
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 ccm fir",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  ],
  application: ["a=sctp-port:5000"],
};

const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");

export function write(type: "offer" | "answer", lines: readonly Line[], ufrag: string, gathered: boolean): string {
  const bundle = lines.filter(({ rejected }) => !rejected).map(({ mid }) => mid);
  return [
    "v=0",
    "o=- 1 2 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE ${bundle.join(" ")}`,
    ...lines.flatMap(({ kind, mid, rejected, direction, rids }) => [
      `m=${kind} ${rejected ? 0 : 9} ${protocols[kind]}`,
      "c=IN IP4 0.0.0.0",
      `a=ice-ufrag:${ufrag}`,
      `a=ice-pwd:${"p".repeat(24)}`,
      `a=fingerprint:sha-256 ${fingerprint}`,
      `a=setup:${type === "offer" ? "actpass" : "active"}`,
      ...(gathered && !rejected ? ["a=candidate:1 1 udp 2122260223 192.0.2.9 50000 typ host"] : []),
      `a=mid:${mid}`,
      ...(kind === "application" ? [] : [`a=${direction}`]),
      ...formats[kind],
      ...rids.map((rid) => `a=rid:${rid} send`),
      ...(rids.length > 0 ? [`a=simulcast:send ${rids.join(";")}`] : []),
    ]),
    "",
  ].join("\r\n");
}

const protocols: Readonly<Record<Line["kind"], string>> = {
  audio: "UDP/TLS/RTP/SAVPF 111",
  video: "UDP/TLS/RTP/SAVPF 96",
  application: "UDP/DTLS/SCTP webrtc-datachannel",
};

export function read(sdp: string): Read {
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? "";
  const parts = sdp.split(/(?=^m=)/m).slice(1);
  return {
    ufrag,
    lines: parts.map((part) => {
      const [, kind, port] = /^m=(\w+) (\d+)/.exec(part) ?? [];
      return {
        kind: kind as Line["kind"],
        mid: /^a=mid:(\S+)/m.exec(part)?.[1] ?? "",
        rejected: port === "0",
        direction: (/^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(part)?.[1] ?? "sendrecv") as Direction,
        rids: [],
        ssrcs: [...part.matchAll(/^a=ssrc:(\d+) /gm)].map(([, ssrc]) => Number(ssrc)),
      };
    }),
  };
}

/** What one end calls sending is receiving for the other. */
export function mirrored(direction: Direction): Direction {
  return direction === "sendonly" ? "recvonly" : direction === "recvonly" ? "sendonly" : direction;
}

/** What both ends want. */
export function common(a: Direction, b: Direction): Direction {
  const sends = isSending(a) && isSending(b);
  const receives = isReceiving(a) && isReceiving(b);
  return sends ? (receives ? "sendrecv" : "sendonly") : receives ? "recvonly" : "inactive";
}

export function isSending(direction: Direction | null): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

export function isReceiving(direction: Direction | null): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}
