/**
 * Which codecs are forwarded, and how they are matched between a publisher's m-line and a subscriber's.
 *
 * Nothing is transcoded: a subscriber gets what the publisher sends or nothing.
 */
import type { Codec } from "./description.ts";

interface Supported {
  readonly kind: "audio" | "video";
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
  /** Payload type in offers that we make first: the number Chrome uses, which spares it a remapping. */
  readonly payloadType: number;
}

const supported: readonly Supported[] = [
  { kind: "audio", name: "opus", clockRate: 48_000, channels: 2, payloadType: 111 },
  { kind: "video", name: "VP8", clockRate: 90_000, channels: 1, payloadType: 96 },
];

/** Feedback that we act on towards a publisher: keyframe requests and our bandwidth estimate. */
const publisherFeedback = new Set(["nack pli", "ccm fir", "goog-remb"]);
/** Feedback that we act on from a subscriber. */
const subscriberFeedback: readonly string[] = ["nack pli", "ccm fir"];

/**
 * The codecs of an offered sending m-line that we take: every supported one with its retransmission format.
 *
 * Retransmission is accepted although we do not ask for any yet, because Chrome without it probes for bandwidth with
 * padding on the media stream itself, about 900 packets a second on the lowest layer (seen with Chromium 156).
 */
export function acceptedForPublishing(offered: readonly Codec[], kind: "audio" | "video"): Codec[] {
  const media = offered.filter((codec) => isSupported(codec, kind));
  const accepted: Codec[] = [];
  for (const codec of media) {
    accepted.push({ ...codec, feedback: codec.feedback.filter((feedback) => publisherFeedback.has(feedback)) });
    const retransmission = offered.find((other) => isRetransmission(other) && aptOf(other) === codec.payloadType);
    if (retransmission !== undefined) accepted.push({ ...retransmission, feedback: [] });
  }
  return accepted;
}

/** The codec of a publication as we offer it to a subscriber, under a payload type that is free in that session. */
export function offeredForPulling(codec: Codec, payloadType: number): Codec {
  const feedback = codec.clockRate === 90_000 ? subscriberFeedback : [];
  return { ...codec, payloadType, feedback };
}

/** The payload type we would like for a codec. */
export function preferredPayloadType(codec: Codec): number {
  return supported.find((entry) => matches(entry, codec))?.payloadType ?? 96;
}

/** The first codec of an m-line that carries media, which is what a publisher sends and a subscriber decodes. */
export function mediaCodec(codecs: readonly Codec[]): Codec | undefined {
  return codecs.find((codec) => !isRetransmission(codec));
}

export function isRetransmission(codec: Codec): boolean {
  return codec.name.toLowerCase() === "rtx";
}

/** Whether both name the same format, whatever their payload types. */
export function sameFormat(a: Codec, b: Codec): boolean {
  return a.name.toLowerCase() === b.name.toLowerCase() && a.clockRate === b.clockRate && a.channels === b.channels;
}

function isSupported(codec: Codec, kind: "audio" | "video"): boolean {
  return supported.some((entry) => entry.kind === kind && matches(entry, codec));
}

function matches(entry: Supported, codec: Codec): boolean {
  return (
    entry.name.toLowerCase() === codec.name.toLowerCase() &&
    entry.clockRate === codec.clockRate &&
    entry.channels === codec.channels
  );
}

function aptOf(codec: Codec): number | undefined {
  const apt = /(?:^|;)\s*apt=(\d+)/.exec(codec.parameters);
  return apt === null ? undefined : Number(apt[1]);
}
