/**
 * The descriptions of the generator's peers: like a browser's to the media server, and one catch-all line to libdatachannel,
 * which is given ICE and DTLS parameters only (docs/decisions/0001-media-engine.md).
 */

export interface Parameters {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: string;
  readonly setup: string;
  /** Values of `a=candidate:` lines. */
  readonly candidates: readonly string[];
}

export const mediaSsrc = 0x5a75_0001;
const retransmissionSsrc = 0x5a75_0002;

export const extensionUris = {
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  sendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  transportSequence: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
} as const;

/** Chrome's numbers. */
const extensions = [`2 ${extensionUris.sendTime}`, `3 ${extensionUris.transportSequence}`, `4 ${extensionUris.mid}`];

export function parametersOf(sdp: string): Parameters {
  const value = (name: string) => new RegExp(`^a=${name}:(.*)$`, "m").exec(sdp)?.[1]?.trim() ?? "";
  return {
    iceUfrag: value("ice-ufrag"),
    icePwd: value("ice-pwd"),
    fingerprint: value("fingerprint"),
    setup: value("setup"),
    candidates: [...new Set([...sdp.matchAll(/^a=candidate:(.*)$/gm)].map(([, found = ""]) => found.trim()))],
  };
}

/** What libdatachannel is told of the other side. */
export function privateDescription(peer: Parameters): string {
  return lines([
    ...head,
    "a=group:BUNDLE 0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
    ...transportLines(peer),
  ]);
}

/** A camera as Chrome offers it: VP8 with retransmission, feedback and the extensions that a media server reads. */
export function publisherOffer(local: Parameters): string {
  return lines([
    ...head,
    "a=group:BUNDLE 0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendonly",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:96 VP8/90000",
    ...["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"].map((feedback) => `a=rtcp-fb:96 ${feedback}`),
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    ...extensions.map((extension) => `a=extmap:${extension}`),
    "a=msid:camera camera",
    `a=ssrc-group:FID ${mediaSsrc} ${retransmissionSsrc}`,
    `a=ssrc:${mediaSsrc} cname:generator`,
    `a=ssrc:${retransmissionSsrc} cname:generator`,
    ...transportLines(local),
  ]);
}

/** Takes everything that was offered, for receiving. */
export function receiverAnswer(offer: string, local: Parameters): string {
  const [session = "", ...media] = offer.split(/^(?=m=)/m);
  const group = /^a=group:.*$/m.exec(session)?.[0];
  return lines([
    ...head,
    ...(group === undefined ? [] : [group.trim()]),
    ...media.flatMap((section) => [
      ...section
        .split(/\r?\n/)
        .filter((line) => /^(m=|c=|a=(mid|rtpmap|fmtp|rtcp-fb|extmap|rtcp-mux|rtcp-rsize|sctp-port))/.test(line)),
      ...(section.startsWith("m=application") ? [] : ["a=recvonly"]),
      ...transportLines(local),
    ]),
  ]);
}

/** A description as of somebody who knows no transport-wide feedback. */
export function withoutFeedback(sdp: string): string {
  return sdp
    .split("\r\n")
    .filter((line) => !line.endsWith(extensionUris.transportSequence) && !/^a=rtcp-fb:\S+ transport-cc/.test(line))
    .join("\r\n");
}

/** Ids of the extensions that a description has agreed to. */
export function extensionIds(sdp: string): ReadonlyMap<string, number> {
  const found = [...sdp.matchAll(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/gm)];
  return new Map(found.map(([, id, uri = ""]) => [uri, Number(id)]));
}

/** The payload type of the media in a description's first line, which is not the one of its retransmissions. */
export function payloadTypeOf(sdp: string): number {
  return Number(/^a=rtpmap:(\d+) VP8\//im.exec(sdp)?.[1] ?? 96);
}

const head = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"];

function transportLines({ iceUfrag, icePwd, fingerprint, setup, candidates }: Parameters): string[] {
  return [
    `a=ice-ufrag:${iceUfrag}`,
    `a=ice-pwd:${icePwd}`,
    `a=fingerprint:${fingerprint}`,
    `a=setup:${setup}`,
    ...candidates.map((candidate) => `a=candidate:${candidate}`),
  ];
}

function lines(all: readonly string[]): string {
  return `${all.join("\r\n")}\r\n`;
}
