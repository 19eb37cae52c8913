/**
 * One m-line of a session: what the peer sends on it and what we send on it, each with a life of its own.
 *
 * The order of a session's sections is the order of its m-lines and never changes; a rejected one may be taken over by
 * another mid (RFC 9429 §5.2.2).
 */
import type { Simulcast } from "@satsuma/protocol";
import type { Publication } from "../forward/publication.ts";
import type { Subscription } from "../forward/subscription.ts";
import type { AnnouncedStream, Codec, Direction, HeaderExtension, MediaSection } from "../sdp/description.ts";

/** Names a publication among the sessions of one app. */
export interface TrackAddress {
  readonly sessionId: string;
  readonly trackName: string;
}

export type Inbound =
  | { readonly state: "none" }
  /** We offered to receive a track of this name; the peer's answer is still to come. */
  | { readonly state: "invited"; readonly trackName: string }
  | { readonly state: "publishing"; readonly publication: Publication }
  | { readonly state: "closed"; readonly trackName: string };

export type Outbound =
  | { readonly state: "none" }
  /** Announced to the peer, with nothing to send yet. */
  | { readonly state: "reserved"; readonly stream: AnnouncedStream }
  /** Offered to the peer, whose answer is still to come. */
  | {
      readonly state: "offered";
      readonly source: TrackAddress;
      readonly stream: AnnouncedStream;
      readonly simulcast: Simulcast | undefined;
    }
  | {
      readonly state: "sending";
      readonly source: TrackAddress;
      readonly stream: AnnouncedStream;
      readonly subscription: Subscription;
    }
  | { readonly state: "closed"; readonly source: TrackAddress };

export interface Section {
  readonly mid: string;
  readonly kind: MediaSection["kind"];
  readonly rejected: boolean;
  readonly codecs: readonly Codec[];
  readonly extensions: readonly HeaderExtension[];
  /** Rids that we receive on it. */
  readonly rids: readonly string[];
  readonly inbound: Inbound;
  readonly outbound: Outbound;
}

/** The section as our next offer states it. */
export function describe(section: Section): MediaSection {
  const { mid, kind, rejected, codecs, extensions, rids, outbound } = section;
  const stream = outbound.state === "none" || outbound.state === "closed" ? undefined : outbound.stream;
  return { mid, kind, rejected, codecs, extensions, rids, ssrcs: [], direction: ownDirection(section), stream };
}

/** The section as it answers an offer: it can only send where the peer receives, and the other way round (RFC 9429 §5.3.1). */
export function describeAnswer(section: Section, offered: MediaSection | undefined): MediaSection {
  const own = describe(section);
  const peer = offered?.direction ?? "inactive";
  return {
    ...own,
    direction: direction(sends(own.direction) && receives(peer), receives(own.direction) && sends(peer)),
  };
}

export function sends(value: Direction): boolean {
  return value === "sendrecv" || value === "sendonly";
}

export function receives(value: Direction): boolean {
  return value === "sendrecv" || value === "recvonly";
}

/** The track that a section publishes or last published. */
export function publishedName(inbound: Inbound): string | undefined {
  switch (inbound.state) {
    case "publishing":
      return inbound.publication.trackName;
    case "invited":
    case "closed":
      return inbound.trackName;
    case "none":
      return undefined;
  }
}

/** The track that a section receives or last received. */
export function pulledAddress(outbound: Outbound): TrackAddress | undefined {
  return outbound.state === "none" || outbound.state === "reserved" ? undefined : outbound.source;
}

/** The tracks that are sent, or offered to be. */
export function pulledBy(sections: readonly Section[]): TrackAddress[] {
  return sections.flatMap(({ outbound }) =>
    outbound.state === "sending" || outbound.state === "offered" ? [outbound.source] : [],
  );
}

/** Whether anything flows or is about to. */
export function isOpen(section: Section): boolean {
  const { inbound, outbound } = section;
  return isLive(inbound.state) || isLive(outbound.state);
}

/** The section with both directions ended. */
export function closed(section: Section): Section {
  const trackName = publishedName(section.inbound);
  const source = pulledAddress(section.outbound);
  return {
    ...section,
    inbound: trackName === undefined ? { state: "none" } : { state: "closed", trackName },
    outbound: source === undefined ? { state: "none" } : { state: "closed", source },
  };
}

function isLive(state: Inbound["state"] | Outbound["state"]): boolean {
  return state !== "none" && state !== "closed";
}

function ownDirection({ inbound, outbound }: Section): Direction {
  return direction(isLive(outbound.state), isLive(inbound.state));
}

function direction(sending: boolean, receiving: boolean): Direction {
  if (sending) return receiving ? "sendrecv" : "sendonly";
  return receiving ? "recvonly" : "inactive";
}
