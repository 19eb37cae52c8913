/**
 * Which codecs are forwarded, and how they are matched between a publisher's m-line and a subscriber's.
 *
 * Nothing is transcoded: a subscriber gets what the publisher sends or nothing. A publication therefore has one codec,
 * the publisher's first choice among those that we forward.
 */
import type { Codec } from "./description.ts";

/** Chrome's number for redundant audio. */
const redundancyPayloadType = 63;
/** Of all video (RFC 3551 §5). */
export const videoClock = 90_000;

interface Forwarded {
  readonly kind: "audio" | "video";
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
  /** In offers that we make first: Chrome's numbers, which spare it a remapping. Retransmission takes the next one. */
  readonly payloadType: number;
  /** What we ask for when the choice is ours: what every browser that knows the codec can send. */
  readonly parameters: string;
}

/** In the order in which we offer them. Opus and VP8 first: every browser has them. */
const forwarded: readonly Forwarded[] = [
  {
    kind: "audio",
    name: "opus",
    clockRate: 48_000,
    channels: 2,
    payloadType: 111,
    parameters: "minptime=10;useinbandfec=1",
  },
  { kind: "audio", name: "PCMU", clockRate: 8_000, channels: 1, payloadType: 0, parameters: "" },
  { kind: "audio", name: "PCMA", clockRate: 8_000, channels: 1, payloadType: 8, parameters: "" },
  { kind: "video", name: "VP8", clockRate: videoClock, channels: 1, payloadType: 96, parameters: "" },
  { kind: "video", name: "VP9", clockRate: videoClock, channels: 1, payloadType: 98, parameters: "profile-id=0" },
  {
    kind: "video",
    name: "H264",
    clockRate: videoClock,
    channels: 1,
    payloadType: 103,
    parameters: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  },
  {
    kind: "video",
    name: "AV1",
    clockRate: videoClock,
    channels: 1,
    payloadType: 45,
    parameters: "level-idx=5;profile=0;tier=0",
  },
  {
    kind: "video",
    name: "H265",
    clockRate: videoClock,
    channels: 1,
    payloadType: 49,
    parameters: "level-id=93;profile-id=1;tier-flag=0;tx-mode=SRST",
  },
];

/** Transport-wide feedback, as an rtcp-fb line names it. */
export const transportFeedback = "transport-cc";

/** What we ask of a publisher and tell it: keyframes, lost packets, and our bandwidth estimate. */
const publisherFeedback: readonly string[] = ["goog-remb", transportFeedback, "ccm fir", "nack", "nack pli"];
/** What a subscriber may ask of us and tell us. */
const subscriberFeedback: readonly string[] = ["ccm fir", "nack", "nack pli", transportFeedback];

/** The codec of an offered m-line that we take, with its retransmission format: the first that we forward. */
export function acceptedForPublishing(offered: readonly Codec[], kind: "audio" | "video"): Codec[] {
  const codec = offered.find((candidate) => isForwarded(candidate, kind));
  if (codec === undefined) return [];
  const feedback = codec.feedback.filter((value) => publisherFeedback.includes(value));
  const redundancy = redundancyOf(codec, offered);
  // Who puts it first wants to send it; a browser by default has it behind.
  const redundant = redundancy !== undefined && offered.indexOf(redundancy) < offered.indexOf(codec);
  return [...(redundant ? [{ ...redundancy, feedback: [] }] : []), ...withRepair({ ...codec, feedback }, offered)];
}

/** Everything that we forward, for an offer that asks the peer to publish. */
export function invitedForPublishing(kind: "audio" | "video"): Codec[] {
  return forwarded
    .filter((entry) => entry.kind === kind)
    .flatMap(({ payloadType, name, clockRate, channels, parameters }): Codec[] => {
      const codec = { payloadType, name, clockRate, channels, parameters, feedback: [] };
      if (kind === "audio") return [{ ...codec, feedback: [transportFeedback] }];
      const retransmission = { ...codec, payloadType: payloadType + 1, name: "rtx", parameters: `apt=${payloadType}` };
      return [{ ...codec, feedback: publisherFeedback }, retransmission];
    });
}

/**
 * The codec of a publication as we offer it to a subscriber: video with its retransmissions, and sound with its redundancy if
 * the publisher sends that.
 */
export function offeredForPulling(codec: Codec, redundant = false): Codec[] {
  const payloadType = preferredPayloadType(codec);
  if (codec.clockRate !== videoClock) {
    const redundancy = { ...codec, name: "red", payloadType: redundancyPayloadType, feedback: [] };
    const parameters = `${payloadType}/${payloadType}`;
    return [
      { ...codec, payloadType, feedback: [transportFeedback] },
      ...(redundant ? [{ ...redundancy, parameters }] : []),
    ];
  }
  const retransmission = { name: "rtx", clockRate: codec.clockRate, channels: 1, feedback: [] };
  return [
    { ...codec, payloadType, feedback: subscriberFeedback },
    { ...retransmission, payloadType: payloadType + 1, parameters: `apt=${payloadType}` },
  ];
}

/** The offered codec in which a subscriber can take a publication, as we answer it, with its retransmissions. */
export function acceptedForPulling(offered: readonly Codec[], wanted: Codec): Codec[] {
  const codec = offered.find((candidate) => sameFormat(candidate, wanted));
  if (codec === undefined) return [];
  const feedback = codec.feedback.filter((value) => subscriberFeedback.includes(value));
  const redundancy = redundancyOf(codec, offered);
  const redundant = redundancy === undefined ? [] : [{ ...redundancy, feedback: [] }];
  return [...withRepair({ ...codec, feedback }, offered), ...redundant];
}

/** The format that carries a codec twice (RFC 2198 §5: its parameters are the payload types of its blocks), if the m-line has one. */
export function redundancyOf(codec: Codec, codecs: readonly Codec[]): Codec | undefined {
  const blocks = `${codec.payloadType}/${codec.payloadType}`;
  return codecs.find((other) => isRedundancy(other) && other.parameters === blocks);
}

export function isRedundancy(codec: Codec): boolean {
  return codec.name.toLowerCase() === "red";
}

/** The retransmission format of a codec among those of its m-line (RFC 4588 §8.6). */
export function retransmissionOf(codec: Codec, codecs: readonly Codec[]): Codec | undefined {
  return codecs.find((other) => isRetransmission(other) && aptOf(other) === codec.payloadType);
}

function withRepair(codec: Codec, offered: readonly Codec[]): Codec[] {
  const retransmission = retransmissionOf(codec, offered);
  return [codec, ...(retransmission === undefined ? [] : [{ ...retransmission, feedback: [] }])];
}

/** The payload type we would like for a codec. */
export function preferredPayloadType(codec: Codec): number {
  return forwarded.find((entry) => sameName(entry, codec))?.payloadType ?? 96;
}

/** The codec of an m-line that carries media, as opposed to what repeats it. */
export function mediaCodec(codecs: readonly Codec[]): Codec | undefined {
  return codecs.find((codec) => !isRetransmission(codec) && !isRedundancy(codec));
}

export function isRetransmission(codec: Codec): boolean {
  return codec.name.toLowerCase() === "rtx";
}

/** Whether a decoder of one can decode the other, whatever their payload types. */
export function sameFormat(a: Codec, b: Codec): boolean {
  return sameName(a, b) && profile(a) === profile(b);
}

function isForwarded(codec: Codec, kind: "audio" | "video"): boolean {
  return forwarded.some((entry) => entry.kind === kind && sameName(entry, codec));
}

interface NamedFormat {
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
}

function sameName(a: NamedFormat, b: NamedFormat): boolean {
  return a.name.toLowerCase() === b.name.toLowerCase() && a.clockRate === b.clockRate && a.channels === b.channels;
}

/** What must agree beyond the name. Levels need not: they bound size and rate, not the syntax. */
function profile(codec: Codec): string {
  switch (codec.name.toLowerCase()) {
    case "h264":
      // RFC 6184 §8.1: the first byte of profile-level-id is the profile, 42 (baseline) by default.
      return `${parameter(codec, "packetization-mode") ?? "0"}/${(parameter(codec, "profile-level-id") ?? "42").slice(0, 2).toLowerCase()}`;
    case "vp9":
      return parameter(codec, "profile-id") ?? "0";
    case "av1":
      return parameter(codec, "profile") ?? "0";
    case "h265":
      return parameter(codec, "profile-id") ?? "1";
    default:
      return "";
  }
}

function aptOf(codec: Codec): number | undefined {
  const apt = parameter(codec, "apt");
  return apt === undefined ? undefined : Number(apt);
}

function parameter(codec: Codec, name: string): string | undefined {
  for (const pair of codec.parameters.split(";")) {
    const [key = "", value = ""] = pair.split("=");
    if (key.trim().toLowerCase() === name) return value.trim();
  }
  return undefined;
}
