/**
 * The description that only libdatachannel sees: one catch-all media line and the peer's ICE and DTLS parameters.
 *
 * The codec on the line is a dummy. It must be exactly one line: with two, libdatachannel sorts packets by declared SSRC
 * and drops simulcast.
 */
import type { PeerParameters } from "@satsuma/sfu";

export function writePrivateDescription(peer: PeerParameters): string {
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    ...(peer.iceLite ? ["a=ice-lite"] : []),
    `a=fingerprint:${peer.fingerprint.algorithm} ${peer.fingerprint.value}`,
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
    `a=ice-ufrag:${peer.iceUfrag}`,
    `a=ice-pwd:${peer.icePwd}`,
    `a=setup:${peer.setup}`,
    // Known addresses are knocked at once. Without them libdatachannel (node-datachannel 0.33) first waits for the peer and then for its own
    // pacing, which was seen to cost 70 to 110 ms of every join.
    ...peer.candidates.map((candidate) => `a=candidate:${candidate}`),
    "",
  ].join("\r\n");
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

function attribute(sdp: string, name: string): string {
  const value = new RegExp(`^a=${name}:(.*)$`, "m").exec(sdp)?.[1]?.trim();
  if (value === undefined) throw new Error(`libdatachannel described itself without a=${name}`);
  return value;
}
