/** RTP header extensions that the SFU reads or passes on, and the ids it gives them when it offers first. */
import type { HeaderExtension } from "./description.ts";

export const extensionUris = {
  /** RFC 6464: passed on, so that subscribers see who speaks without decoding. */
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  /** RFC 9143: read, to find the m-line of a stream that no SSRC line announced. */
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  /** 3GPP TS 26.114 §7.4.5: passed on; without it phones send their video upright at a cost. */
  videoOrientation: "urn:3gpp:video-orientation",
} as const;

/** Chrome's own numbers: a session that pushes and pulls then needs no second numbering. */
const preferredIds: Readonly<Record<string, number>> = {
  [extensionUris.audioLevel]: 1,
  [extensionUris.mid]: 4,
  [extensionUris.videoOrientation]: 13,
};

const known: ReadonlySet<string> = new Set(Object.values(extensionUris));

/** The extensions of a publisher's offer that we accept. */
export function acceptedExtensions(offered: readonly HeaderExtension[]): HeaderExtension[] {
  // Ids above 14 would need the two-byte form towards us; browsers do not use them for these.
  return offered.filter((extension) => known.has(extension.uri) && extension.id <= 14);
}

/** Extensions that we may send to a subscriber, by kind. */
export function sentExtensions(kind: "audio" | "video"): readonly string[] {
  return kind === "audio" ? [extensionUris.audioLevel] : [extensionUris.videoOrientation];
}

export function preferredExtensionId(uri: string): number {
  return preferredIds[uri] ?? 14;
}

export function extensionId(extensions: readonly HeaderExtension[], uri: string): number | undefined {
  return extensions.find((extension) => extension.uri === uri)?.id;
}
