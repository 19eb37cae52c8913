/** What a room sends of one's own devices: which tracks, muted or not, in which layers. Pure. */
import type { LocalView } from "./devices/local.ts";
import type { Screen } from "./devices/screens.ts";
import { cameraEncodings } from "./media/encodings.ts";
import type { Outgoing } from "./media/link.ts";
import type { Step } from "./quality/steps.ts";

export interface SendingOptions {
  /** Whether a device is already among what is sent. */
  readonly sends: (id: string) => boolean;
  readonly step: Step;
}

/** A camera that does not say how large its picture is has the size that was asked for. */
const usualHeight = 720;

/** Bits enough for letters that scroll; half of a screen is of no use, so it has no smaller layers. */
const screenEncodings: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }];

/** A device once captured stays published, muted while it is off, or while the step leaves sound alone. */
export function outgoingOf(
  { microphone, camera }: LocalView,
  screens: readonly Screen[],
  { sends, step }: SendingOptions,
): Outgoing[] {
  const outgoing: Outgoing[] = [];
  if (microphone.track || sends("microphone")) {
    const { sent: track, on } = microphone;
    outgoing.push({ id: "microphone", source: "microphone", kind: "audio", track, muted: !on, encodings: [] });
  }
  if (camera.track || sends("camera")) {
    // A picture that waits for its effect is none yet: it is published when there is something to see.
    const shown = camera.on && camera.sent !== undefined && step.video;
    const track = shown ? camera.sent : undefined;
    const encodings = cameraEncodings(camera.track?.getSettings().height ?? usualHeight, step);
    outgoing.push({ id: "camera", source: "camera", kind: "video", track, muted: !shown, encodings });
  }
  for (const { id, video, audio } of screens) {
    outgoing.push({ id, source: "screen", kind: "video", track: video, muted: false, encodings: screenEncodings });
    if (!audio) continue;
    outgoing.push({
      id: `${id}-audio`,
      source: "screen-audio",
      kind: "audio",
      track: audio,
      muted: false,
      encodings: [],
    });
  }
  return outgoing;
}
