/** Getting tracks from devices: one question to the person where possible, each failure by its device. */
import { type DeviceErrorCode, deviceErrorCode } from "./errors.ts";
import { permissionStatus } from "./permissions.ts";

export type CaptureKind = "microphone" | "camera";

export interface CaptureSettings {
  /** Pixels and frames per second to aim for; the device may give less. */
  readonly camera: { readonly width: number; readonly height: number; readonly frameRate: number };
  /** What the browser does to the sound before it is sent. All of it suits speech; music wants none. */
  readonly microphone: {
    readonly echoCancellation: boolean;
    readonly noiseSuppression: boolean;
    readonly autoGainControl: boolean;
  };
}

export const defaultCapture: CaptureSettings = {
  camera: { width: 1280, height: 720, frameRate: 30 },
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

/** What to change of the settings; what is left out stays as it is. */
export interface CaptureChange {
  readonly camera?: Partial<CaptureSettings["camera"]>;
  readonly microphone?: Partial<CaptureSettings["microphone"]>;
}

export type Captured =
  | { readonly kind: CaptureKind; readonly track: MediaStreamTrack }
  | { readonly kind: CaptureKind; readonly error: DeviceErrorCode };

/** Device ids to prefer; one that is not there is ignored. */
export type Preferred = Partial<Record<CaptureKind, string | undefined>>;

export async function capture(
  kinds: readonly CaptureKind[],
  preferred: Preferred,
  settings: CaptureSettings,
): Promise<Captured[]> {
  if (!navigator.mediaDevices?.getUserMedia) return kinds.map((kind) => ({ kind, error: "insecure" }));
  try {
    return await request(kinds, preferred, settings);
  } catch (thrown) {
    if (kinds.length === 1) return [await refused(kinds[0] as CaptureKind, thrown)];
    const verdicts = await Promise.all(kinds.map(async (kind) => ({ kind, permission: await permissionOf(kind) })));
    const isRefusal = thrown instanceof Error && thrown.name === "NotAllowedError";
    // Asked for both, refused for one: try those that can work, and do not ask the person a second time.
    const settled: Captured[] = [];
    for (const { kind, permission } of verdicts) {
      if (isRefusal && permission !== "granted") settled.push({ kind, error: deviceErrorCode(thrown, permission) });
      else settled.push(...(await capture([kind], preferred, settings)));
    }
    return settled;
  }
}

async function permissionOf(kind: CaptureKind): Promise<PermissionState | undefined> {
  return (await permissionStatus(kind))?.state;
}

/** A device that was chosen once may be unplugged today; then any other is better than none. */
async function request(
  kinds: readonly CaptureKind[],
  preferred: Preferred,
  settings: CaptureSettings,
): Promise<Captured[]> {
  try {
    return await open(kinds, preferred, settings);
  } catch (thrown) {
    const chosen = kinds.some((kind) => preferred[kind] !== undefined);
    const gone = thrown instanceof Error && ["OverconstrainedError", "NotFoundError"].includes(thrown.name);
    if (chosen && gone) return open(kinds, {}, settings);
    throw thrown;
  }
}

async function open(
  kinds: readonly CaptureKind[],
  preferred: Preferred,
  settings: CaptureSettings,
): Promise<Captured[]> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: kinds.includes("microphone") && { ...from(preferred.microphone), ...constraintsOf("microphone", settings) },
    video: kinds.includes("camera") && { ...from(preferred.camera), ...constraintsOf("camera", settings) },
  });
  return stream.getTracks().map((track) => ({ kind: track.kind === "audio" ? "microphone" : "camera", track }));
}

/** Changes a track that is in use. False where the browser cannot, and the device has to be opened anew. */
export async function adjust(kind: CaptureKind, track: MediaStreamTrack, settings: CaptureSettings): Promise<boolean> {
  try {
    await track.applyConstraints(constraintsOf(kind, settings));
  } catch {
    return false;
  }
  if (kind === "camera") return true;
  // Browsers take a wish for other processing of sound, and not all of them fulfil it.
  const { echoCancellation, noiseSuppression, autoGainControl } = track.getSettings();
  const { microphone } = settings;
  return (
    Boolean(echoCancellation) === microphone.echoCancellation &&
    noiseSuppression === microphone.noiseSuppression &&
    autoGainControl === microphone.autoGainControl
  );
}

function constraintsOf(kind: CaptureKind, { camera, microphone }: CaptureSettings): MediaTrackConstraints {
  if (kind === "microphone") return { ...microphone };
  const { width, height, frameRate } = camera;
  return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate } };
}

/** `exact`, since Chromium (156) gives the default microphone for an `ideal` one. */
function from(device: string | undefined): MediaTrackConstraints {
  return device === undefined ? {} : { deviceId: { exact: device } };
}

async function refused(kind: CaptureKind, thrown: unknown): Promise<Captured> {
  return { kind, error: deviceErrorCode(thrown, await permissionOf(kind)) };
}
