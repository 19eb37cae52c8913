/** Waits for media to move, by looking: browsers have no event for it. */

/** Milliseconds between two looks. */
const interval = 20;

/** Resolves true once bytes of the sender have left, false if `given-up` says so first. A muted sender only needs a connection. */
export async function flowing(
  connection: RTCPeerConnection,
  sender: RTCRtpSender,
  options: { readonly muted: () => boolean; readonly givenUp: () => boolean },
): Promise<boolean> {
  while (!options.givenUp()) {
    if (connection.connectionState === "connected") {
      if (options.muted()) return true;
      for (const report of (await sender.getStats()).values()) {
        if (report.type === "outbound-rtp" && report.bytesSent > 0) return true;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  return false;
}

/** Calls back once, when the first picture of the track was decoded. Shows it to nobody. */
export function onFirstFrame(track: MediaStreamTrack, seen: () => void): void {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  const done = () => {
    video.srcObject = null;
    seen();
  };
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(done);
  else (video as HTMLVideoElement).onloadeddata = done;
  video.srcObject = new MediaStream([track]);
  // A page that may not play yet shows no picture either; then the first frame stays unmarked.
  video.play().catch(() => {});
}
