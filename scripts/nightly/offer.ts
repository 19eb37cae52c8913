/** A small valid offer, so that most of a case's time goes to what is fuzzed. */
export function offerOf(lines: number): string {
  const media = Array.from({ length: lines }, (_, mid) => [
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=sendrecv",
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    "a=ice-ufrag:fuzz",
    "a=ice-pwd:fuzzfuzzfuzzfuzzfuzzfuzz",
    "a=setup:actpass",
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}`,
  ]);
  return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", ...media.flat(), ""].join("\r\n");
}
