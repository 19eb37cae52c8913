import { expect, test } from "vitest";
import { type Extensible, offerNames } from "./extensions.ts";

const mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
const rid = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const timing = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing";

function transceiver(directions: Readonly<Record<string, RTCRtpTransceiverDirection>>) {
  const told: unknown[] = [];
  const extensible: Extensible = {
    getHeaderExtensionsToNegotiate: () => Object.entries(directions).map(([uri, direction]) => ({ uri, direction })),
    setHeaderExtensionsToNegotiate: (extensions) => void told.push(extensions),
  };
  return { extensible, told };
}

test("a camera after a received picture offers names for its layers again, and nothing else that was left out", () => {
  const { extensible, told } = transceiver({ [timing]: "stopped", [mid]: "stopped", [rid]: "stopped" });
  offerNames(extensible);
  expect(told).toEqual([
    [
      { uri: timing, direction: "stopped" },
      { uri: mid, direction: "sendrecv" },
      { uri: rid, direction: "sendrecv" },
    ],
  ]);
});

test("what offers them by itself is left alone, and so is a browser that has no say in it", () => {
  const { extensible, told } = transceiver({ [timing]: "stopped", [mid]: "sendrecv" });
  offerNames(extensible);
  offerNames({});
  expect(told).toEqual([]);
});
