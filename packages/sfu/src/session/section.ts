/**
 * One m-line of a session and what it is used for. The order of a session's sections is the order of its m-lines and
 * never changes; a rejected one may be taken over by another mid (RFC 9429 §5.2.2).
 */
import type { Publication } from "../forward/publication.ts";
import type { Subscription } from "../forward/subscription.ts";
import type { AnnouncedStream, Codec, HeaderExtension, MediaSection } from "../sdp/description.ts";

/** Names a publication among the sessions of one app. */
export interface TrackAddress {
  readonly sessionId: string;
  readonly trackName: string;
}

export type Use =
  /** The peer has this m-line, and nobody asked for anything on it yet. */
  | { readonly use: "idle" }
  | { readonly use: "push"; readonly publication: Publication }
  /** Offered to the peer, whose answer is still to come. */
  | { readonly use: "offered"; readonly source: TrackAddress; readonly stream: AnnouncedStream }
  | {
      readonly use: "pull";
      readonly source: TrackAddress;
      readonly stream: AnnouncedStream;
      readonly subscription: Subscription;
    }
  /** Closed by mid, or refused by the peer: the m-line stays as inactive until the peer stops it. */
  | { readonly use: "closed"; readonly last: TrackAddress | undefined };

export interface Section {
  readonly mid: string;
  readonly kind: MediaSection["kind"];
  readonly rejected: boolean;
  readonly codecs: readonly Codec[];
  readonly extensions: readonly HeaderExtension[];
  readonly use: Use;
}

/** The section as our next offer states it. */
export function describe(section: Section): MediaSection {
  return {
    mid: section.mid,
    kind: section.kind,
    rejected: section.rejected,
    direction: direction(section.use),
    codecs: section.codecs,
    extensions: section.extensions,
    ssrcs: [],
    ...((section.use.use === "pull" || section.use.use === "offered") && { stream: section.use.stream }),
  };
}

/** The section as it answers an offer: it can only send where the peer receives, and the other way round (RFC 9429 §5.3.1). */
export function describeAnswer(section: Section, offered: MediaSection | undefined): MediaSection {
  const own = describe(section);
  const peer = offered?.direction ?? "inactive";
  const sends = own.direction === "sendonly" && (peer === "sendrecv" || peer === "recvonly");
  const receives = own.direction === "recvonly" && (peer === "sendrecv" || peer === "sendonly");
  return { ...own, direction: sends || receives ? own.direction : "inactive" };
}

/** The track that a section publishes, receives or last had; undefined for one that never had any. */
export function addressOf(use: Use, session: string): TrackAddress | undefined {
  switch (use.use) {
    case "push":
      return { sessionId: session, trackName: use.publication.trackName };
    case "pull":
    case "offered":
      return use.source;
    case "closed":
      return use.last;
    case "idle":
      return undefined;
  }
}

function direction(use: Use): MediaSection["direction"] {
  switch (use.use) {
    case "push":
      return "recvonly";
    case "pull":
    case "offered":
      return "sendonly";
    case "idle":
    case "closed":
      return "inactive";
  }
}
