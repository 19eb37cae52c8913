/** What a room sends of one's own devices: which tracks, muted or not, in which layers. Pure. */
import type { LocalView } from "./devices/local.ts";
import { cameraEncodings } from "./media/encodings.ts";
import type { Outgoing } from "./media/link.ts";
import type { Step } from "./quality/steps.ts";

export interface SendingOptions {
  /** Whether a device is already among what is sent. */
  readonly sends: (id: string) => boolean;
  readonly step: Step;
  /** Rids of the camera's layers that nobody receives. */
  readonly idle: ReadonlySet<string>;
}

/** A camera that does not say how large its picture is has the size that was asked for. */
const usualHeight = 720;

/** A device once captured stays published, muted while it is off, or while the step leaves sound alone. */
export function outgoingOf({ microphone, camera }: LocalView, { sends, step, idle }: SendingOptions): Outgoing[] {
  const outgoing: Outgoing[] = [];
  if (microphone.track || sends("microphone")) {
    const { track, on } = microphone;
    outgoing.push({ id: "microphone", source: "microphone", kind: "audio", track, muted: !on, encodings: [] });
  }
  if (camera.track || sends("camera")) {
    const shown = camera.on && step.video;
    const track = shown ? camera.track : undefined;
    const encodings = cameraEncodings(camera.track?.getSettings().height ?? usualHeight, { step, idle });
    outgoing.push({ id: "camera", source: "camera", kind: "video", track, muted: !shown, encodings });
  }
  return outgoing;
}
