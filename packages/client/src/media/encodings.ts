/**
 * How a picture is encoded for sending: its simulcast layers, and what a step down or an idle layer makes of them.
 *
 * A rid stands for a size, not for a rank, so that a receiver can ask for what its tile needs without knowing the camera:
 * `a` is above 400 pixels high, `b` about 360, `c` about 180. A small camera has no `a`, and who asks for it is given `b`.
 * They sort as ASCII from best to worst, as the Calls API wants them. Pure: wishes in, parameters out.
 */
import type { Step } from "../quality/steps.ts";

export interface Encoding {
  readonly rid: string;
  readonly active: boolean;
  /** bits/s. */
  readonly maxBitrate: number;
  /** What the picture is divided by in both directions. */
  readonly scaleResolutionDownBy: number;
  readonly maxFramerate?: number;
}

/** Layers from best to worst: pixels of height, and bits/s at which another bit is hardly seen with VP8 at 30 frames. */
const layers = [
  { rid: "a", least: 400, height: undefined, bitrate: 1_700_000 },
  { rid: "b", least: 200, height: 360, bitrate: 500_000 },
  { rid: "c", least: 0, height: 180, bitrate: 150_000 },
] as const;

/** The layer that fills a view of this many device pixels, and no larger one. */
export function ridFor(viewHeight: number): string {
  return layers.find(({ least }) => viewHeight > least)?.rid ?? leastRid;
}

/** The layer for a picture that is out of sight, and may come back. */
export const leastRid = "c";

/** `height` is that of the camera's picture in pixels. */
export function cameraEncodings(height: number, step: Step): Encoding[] {
  const offered = layers.filter(({ least, rid }) => height > least || rid === leastRid);
  return offered.map(({ rid, height: wanted, bitrate, least }) => {
    const tooLarge = step.height !== undefined && least >= step.height && rid !== leastRid;
    return {
      rid,
      active: step.video && !tooLarge,
      maxBitrate: bitrate,
      scaleResolutionDownBy: wanted === undefined ? 1 : Math.max(1, height / wanted),
      ...(step.frameRate === undefined ? {} : { maxFramerate: step.frameRate }),
    };
  });
}

/**
 * Without the layers that nobody watches. The least one is sent even so: media servers end a track that sends nothing for
 * half a minute, and whoever comes sees something at once.
 */
export function rested(
  encodings: readonly RTCRtpEncodingParameters[],
  idle: ReadonlySet<string>,
): readonly RTCRtpEncodingParameters[] {
  if (idle.size === 0) return encodings;
  return encodings.map((encoding) => {
    const rests = encoding.rid !== undefined && encoding.rid !== leastRid && idle.has(encoding.rid);
    return rests ? { ...encoding, active: false } : encoding;
  });
}

/** Takes `wanted` over into the parameters that a sender has; undefined if nothing differs. */
export function applied(
  current: RTCRtpSendParameters,
  wanted: readonly RTCRtpEncodingParameters[],
): RTCRtpSendParameters | undefined {
  let differs = false;
  const encodings = current.encodings.map((encoding) => {
    const wish = wanted.find(({ rid }) => rid === encoding.rid);
    if (wish === undefined) return encoding;
    const { active = true, maxFramerate, maxBitrate = encoding.maxBitrate } = wish;
    const same =
      encoding.active === active && encoding.maxFramerate === maxFramerate && encoding.maxBitrate === maxBitrate;
    if (same) return encoding;
    differs = true;
    const { maxFramerate: _, ...rest } = encoding;
    return {
      ...rest,
      active,
      ...(maxFramerate === undefined ? {} : { maxFramerate }),
      ...(maxBitrate === undefined ? {} : { maxBitrate }),
    };
  });
  return differs ? { ...current, encodings } : undefined;
}
