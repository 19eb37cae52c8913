/** GStreamer with WebRTC and its Python, for the tests that publish with an encoder that is no browser. */
import { ensurePackages } from "./debian.ts";

/** Debian's own Python: the one that has Debian's modules, whatever else is on the path. */
export const gstreamerPython = "/usr/bin/python3";

const modules =
  "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst, GstWebRTC; Gst.init(None)";
const elements = ["webrtcbin", "nicesrc", "dtlsenc", "srtpenc", "vp8enc", "opusenc", "rtpvp8pay", "videotestsrc"];

export function ensureGstreamer(): void {
  const complete = `${modules}; assert all(Gst.ElementFactory.find(name) for name in ${JSON.stringify(elements)})`;
  ensurePackages({
    purpose: "The WHIP tests",
    probe: [gstreamerPython, "-c", complete],
    packages: [
      "python3-gi",
      "gir1.2-gst-plugins-bad-1.0",
      "gstreamer1.0-plugins-base",
      "gstreamer1.0-plugins-good",
      "gstreamer1.0-plugins-bad",
      "gstreamer1.0-nice",
    ],
  });
}
