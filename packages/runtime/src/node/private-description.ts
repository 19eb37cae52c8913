/**
 * The description that only libdatachannel sees: one catch-all media line and the peer's ICE and DTLS parameters.
 *
 * The codec on the line is a dummy. It must be exactly one line: with two, libdatachannel sorts packets by declared SSRC
 * and drops simulcast.
 */
import type { PeerParameters } from "@satsuma/sfu";

/** `application` is the mid of libdatachannel's own line for data channels, when it has made one. */
export function writePrivateDescription(peer: PeerParameters, application?: string): string {
  const transport = [`a=ice-ufrag:${peer.iceUfrag}`, `a=ice-pwd:${peer.icePwd}`, `a=setup:${peer.setup}`];
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    `a=group:BUNDLE 0${application === undefined ? "" : ` ${application}`}`,
    ...(peer.iceLite ? ["a=ice-lite"] : []),
    `a=fingerprint:${peer.fingerprint.algorithm} ${peer.fingerprint.value}`,
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
    ...transport,
    // Known addresses are knocked at once. Without them libdatachannel (node-datachannel 0.33) first waits for the peer
    // and then for its own pacing, which was seen to cost 70 to 110 ms of every join.
    ...peer.candidates.map((candidate) => `a=candidate:${candidate}`),
    ...(application === undefined ? [] : [...applicationLine(application), ...transport]),
    "",
  ].join("\r\n");
}

/** The mid of the line for data channels in a description of libdatachannel's. */
export function applicationMid(sdp: string): string | undefined {
  return /^m=application[\s\S]*?^a=mid:(\S+)/m.exec(sdp)?.[1];
}

/** Port and message size are what browsers use (RFC 8841 §5, §6). */
function applicationLine(mid: string): string[] {
  return [
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=sctp-port:5000",
    "a=max-message-size:262144",
  ];
}

/** Reads what libdatachannel says of itself. It always writes these lines; a missing one is a change in the library. */
export function readPrivateDescription(sdp: string): Omit<PeerParameters, "candidates"> {
  const [algorithm = "", value = ""] = attribute(sdp, "fingerprint").split(" ");
  const setup = attribute(sdp, "setup");
  if (setup !== "actpass" && setup !== "active" && setup !== "passive") {
    throw new Error(`libdatachannel described itself with an unknown setup: ${setup}`);
  }
  return {
    iceUfrag: attribute(sdp, "ice-ufrag"),
    icePwd: attribute(sdp, "ice-pwd"),
    iceLite: false,
    fingerprint: { algorithm, value },
    setup,
  };
}

/** The UDP port that libdatachannel listens on, of which it has one. */
export function portOf(sdp: string): number {
  const port = /^a=candidate:\S+ 1 UDP \d+ \S+ (\d+) typ host/im.exec(sdp)?.[1];
  if (port === undefined) throw new Error("libdatachannel described itself without an address.");
  return Number(port);
}

function attribute(sdp: string, name: string): string {
  const value = new RegExp(`^a=${name}:(.*)$`, "m").exec(sdp)?.[1]?.trim();
  if (value === undefined) throw new Error(`libdatachannel described itself without a=${name}`);
  return value;
}
