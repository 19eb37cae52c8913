/** RTP header extensions that the SFU reads or passes on, and the ids it gives them when it offers first. */
import type { HeaderExtension } from "./description.ts";

export const extensionUris = {
  /** RFC 6464: passed on, so that subscribers see who speaks without decoding. */
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  /** RFC 9143: read, to find the m-line of a stream that no SSRC line announced. */
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  /** RFC 8852: read, to tell simulcast layers apart. */
  rid: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  /** RFC 8852: read, to tell the retransmissions of simulcast layers apart. */
  repairedRid: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  /** 3GPP TS 26.114 §7.4.5: passed on; without it phones send their video upright at a cost. */
  videoOrientation: "urn:3gpp:video-orientation",
  /** Passed on: how long a receiver may buffer, which screen sharing uses. */
  playoutDelay: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  /** Passed on: whether a picture is a screen, which decoders smooth differently. */
  contentType: "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
  /** Passed on: when a picture was taken, for sound and picture across servers. */
  captureTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
  /** Read and passed on, for AV1: which layer a frame is of (AV1 RTP payload, appendix A). */
  dependencyDescriptor: "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
  /** Read, and told to its publisher; written by us for a subscriber, whose feedback then tells what arrived when. */
  transportSequence: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
} as const;

/** Chrome's own numbers: a session that pushes and pulls then needs no second numbering. */
const preferredIds: Readonly<Record<string, number>> = {
  [extensionUris.audioLevel]: 1,
  [extensionUris.transportSequence]: 3,
  [extensionUris.mid]: 4,
  [extensionUris.playoutDelay]: 5,
  [extensionUris.contentType]: 6,
  [extensionUris.captureTime]: 9,
  [extensionUris.rid]: 10,
  [extensionUris.repairedRid]: 11,
  [extensionUris.dependencyDescriptor]: 12,
  [extensionUris.videoOrientation]: 13,
};

const received: Readonly<Record<"audio" | "video", readonly string[]>> = {
  audio: [extensionUris.audioLevel, extensionUris.mid, extensionUris.captureTime, extensionUris.transportSequence],
  video: [
    extensionUris.transportSequence,
    extensionUris.mid,
    extensionUris.rid,
    extensionUris.repairedRid,
    extensionUris.videoOrientation,
    extensionUris.playoutDelay,
    extensionUris.contentType,
    extensionUris.captureTime,
    extensionUris.dependencyDescriptor,
  ],
};

const copied: Readonly<Record<"audio" | "video", readonly string[]>> = {
  audio: [extensionUris.audioLevel, extensionUris.captureTime],
  video: [
    extensionUris.videoOrientation,
    extensionUris.playoutDelay,
    extensionUris.contentType,
    extensionUris.captureTime,
    extensionUris.dependencyDescriptor,
  ],
};

/** The one-byte form of RFC 8285 §4.2, the only one that we write, has ids up to 14. */
const highestId = 14;

/** The extensions of a publisher's offer that we accept. */
export function acceptedExtensions(offered: readonly HeaderExtension[], kind: "audio" | "video"): HeaderExtension[] {
  return offered.filter((extension) => received[kind].includes(extension.uri) && extension.id <= highestId);
}

/** The extensions of a subscriber's offer that we send. */
export function acceptedForSending(offered: readonly HeaderExtension[], kind: "audio" | "video"): HeaderExtension[] {
  return offered.filter((extension) => sent(kind).includes(extension.uri) && extension.id <= highestId);
}

/** Which extensions an m-line of ours offers, before they get ids. */
export function offeredUris(kind: "audio" | "video", directions: { sends: boolean; receives: boolean }): string[] {
  const wanted = new Set<string>();
  if (directions.receives) for (const uri of received[kind]) wanted.add(uri);
  if (directions.sends) for (const uri of sent(kind)) wanted.add(uri);
  return [...wanted];
}

/** Ids for `uris`: one id means one extension in the whole bundle (RFC 9143 §9.2), so known ones keep theirs. */
export function numberExtensions(uris: readonly string[], known: readonly HeaderExtension[]): HeaderExtension[] {
  const taken = new Map(known.map((extension) => [extension.id, extension.uri]));
  return uris.flatMap((uri) => {
    const old = [...taken].find(([, other]) => other === uri)?.[0];
    const id = old ?? freeId(preferredIds[uri] ?? highestId, taken);
    if (id === undefined) return [];
    taken.set(id, uri);
    return [{ id, uri }];
  });
}

export function extensionId(extensions: readonly HeaderExtension[], uri: string): number | undefined {
  return extensions.find((extension) => extension.uri === uri)?.id;
}

/** What a subscriber gets as its publisher wrote it. */
export function passedOn(kind: "audio" | "video"): readonly string[] {
  return copied[kind];
}

/** What a subscriber's m-line may carry: what is passed on, and what we write. */
function sent(kind: "audio" | "video"): readonly string[] {
  return [extensionUris.transportSequence, ...copied[kind]];
}

function freeId(preferred: number, taken: ReadonlyMap<number, string>): number | undefined {
  if (!taken.has(preferred)) return preferred;
  for (let id = highestId; id >= 1; id -= 1) if (!taken.has(id)) return id;
  return undefined;
}
