/**
 * A peer's offer → the sections that answer it. Nothing is changed here: the session takes the new sections as a whole
 * or, when the offer is refused, not at all.
 */
import { type Result, refusal } from "@satsuma/protocol";
import type { LayerLimits } from "../forward/layer.ts";
import { Publication } from "../forward/publication.ts";
import {
  acceptedForPublishing,
  acceptedForPulling,
  mediaCodec,
  redundancyOf,
  retransmissionOf,
} from "../sdp/codecs.ts";
import type { AnnouncedStream, Description, MediaSection } from "../sdp/description.ts";
import { acceptedExtensions, acceptedForSending } from "../sdp/extensions.ts";
import { newSubscription } from "./outgoing.ts";
import { closed, type Inbound, isOpen, type Outbound, receives, type Section, sends } from "./section.ts";

/** What the peer asks for along with its offer. */
export interface Wishes {
  /** Names for m-lines that send, by mid. */
  readonly publish: ReadonlyMap<string, { readonly trackName: string; readonly bidirectional: boolean }>;
  /** Publish every other new m-line that sends, too. */
  readonly discover: boolean;
  /** Publications to send on m-lines that receive, each on the first free one of its kind. */
  readonly pull: readonly Publication[];
}

export const noWishes: Wishes = { publish: new Map(), discover: false, pull: [] };

export interface Answered {
  readonly sections: readonly Section[];
  /** Why m-lines that were to be published are not. */
  readonly unpublished: ReadonlyMap<string, "no-codec" | "not-sending" | "name-taken">;
  /** The mid that each of `pull` is sent on, in its order; undefined for those that found none. */
  readonly pulled: readonly (string | undefined)[];
}

/** What a session adds to an answer: its names and numbers. */
export interface Terms {
  readonly session: string;
  readonly limits: LayerLimits;
  readonly newName: () => string;
  readonly newStream: (source?: { sessionId: string }) => AnnouncedStream;
  readonly random16: () => number;
}

export function answerOffer(
  current: readonly Section[],
  offer: Description,
  wishes: Wishes,
  terms: Terms,
): Result<Answered> {
  if (offer.media.length < current.length) return refuse("The offer has fewer m-lines than were negotiated before.");
  for (const mid of wishes.publish.keys()) {
    if (!offer.media.some((media) => media.mid === mid))
      return refuse("The offer has no m-line with the mid of a track.");
  }
  // A name is free again as soon as this offer stops the m-line that had it.
  const names = new Set<string>();
  for (const [index, { inbound }] of current.entries()) {
    if (inbound.state === "publishing" && offer.media[index]?.rejected === false) {
      names.add(inbound.publication.trackName);
    }
  }
  const waiting = new Map(wishes.pull.entries());
  const pulled: (string | undefined)[] = wishes.pull.map(() => undefined);
  const unpublished = new Map<string, "no-codec" | "not-sending" | "name-taken">();
  const sections: Section[] = [];
  for (const [index, media] of offer.media.entries()) {
    const before = current[index];
    if (before !== undefined && before.mid !== media.mid && !before.rejected) {
      return refuse(`The m-line of mid "${before.mid}" was given to another mid while in use.`);
    }
    const known = before?.mid === media.mid ? before : undefined;
    if (known !== undefined && known.kind !== media.kind)
      return refuse(`The m-line of mid "${known.mid}" changed its kind.`);
    if (media.rejected || media.kind === "application") {
      const second = sections.some((section) => section.kind === "application" && !section.rejected);
      sections.push(media.rejected || second ? rest(known, media) : dataChannels(media.mid));
      continue;
    }
    const wish = wishes.publish.get(media.mid) ?? discovered(wishes, known, media, terms);
    let section = known !== undefined && isOpen(known) ? known : idle(known, media);
    if (wish !== undefined) {
      const published = publish(section, media, wish, names, terms);
      if (typeof published === "string") unpublished.set(media.mid, published);
      else section = published;
    }
    for (const [wanted, publication] of waiting) {
      const sending = send(section, media, publication, terms);
      if (sending === undefined) continue;
      section = sending;
      pulled[wanted] = media.mid;
      waiting.delete(wanted);
      break;
    }
    sections.push(section);
  }
  return { ok: true, value: { sections, unpublished, pulled } };
}

function publish(
  section: Section,
  media: MediaSection,
  wish: { readonly trackName: string; readonly bidirectional: boolean },
  names: Set<string>,
  terms: Terms,
): Section | "no-codec" | "not-sending" | "name-taken" {
  if (section.inbound.state === "publishing" && section.inbound.publication.trackName === wish.trackName)
    return section;
  if (section.inbound.state === "publishing" || names.has(wish.trackName)) return "name-taken";
  if (!sends(media.direction)) return "not-sending";
  const codecs = media.kind === "application" ? [] : acceptedForPublishing(media.codecs, media.kind);
  const codec = mediaCodec(codecs);
  if (codec === undefined || media.kind === "application") return "no-codec";
  names.add(wish.trackName);
  const extensions = acceptedExtensions(media.extensions, media.kind);
  const publication = new Publication({
    session: terms.session,
    trackName: wish.trackName,
    kind: media.kind,
    mid: media.mid,
    codec,
    repairPayloadType: retransmissionOf(codec, codecs)?.payloadType,
    redundantPayloadType: redundancyOf(codec, codecs)?.payloadType,
    extensions,
    announcedSsrcs: media.ssrcs,
    rids: media.rids,
    limits: terms.limits,
  });
  const inbound: Inbound = { state: "publishing", publication };
  const both = wish.bidirectional && receives(media.direction) && section.outbound.state === "none";
  const outbound: Outbound = both ? { state: "reserved", stream: terms.newStream() } : section.outbound;
  return { ...section, rejected: false, codecs, extensions, rids: media.rids, inbound, outbound };
}

/** The section with `publication` on its sending half, or undefined if it cannot take it. */
function send(section: Section, media: MediaSection, publication: Publication, terms: Terms): Section | undefined {
  const free = section.outbound.state === "none" || section.outbound.state === "closed";
  if (!free || media.kind !== publication.kind || !receives(media.direction)) return undefined;
  const codecs = acceptedForPulling(media.codecs, publication.codec);
  const codec = mediaCodec(codecs);
  if (codec === undefined) return undefined;
  const source = { sessionId: publication.session, trackName: publication.trackName };
  const stream = terms.newStream(source);
  const extensions = acceptedForSending(media.extensions, media.kind);
  const subscription = newSubscription(stream, codec, codecs, extensions, terms);
  const outbound: Outbound = { state: "sending", source, stream, subscription };
  const publishing = section.inbound.state === "publishing";
  return { ...section, rejected: false, codecs: publishing ? section.codecs : codecs, extensions, outbound };
}

function discovered(wishes: Wishes, known: Section | undefined, media: MediaSection, terms: Terms) {
  const fresh = known === undefined || !isOpen(known);
  return wishes.discover && fresh && sends(media.direction)
    ? { trackName: terms.newName(), bidirectional: false }
    : undefined;
}

/**
 * An m-line without use still has to name a format of the offer, any one. It is not refused even when we forward none of
 * them: with the first m-line of the bundle refused, Chrome (156) cannot apply the answer.
 */
function idle(known: Section | undefined, media: MediaSection): Section {
  const accepted = media.kind === "application" ? [] : acceptedForPublishing(media.codecs, media.kind);
  const codecs = accepted.length > 0 ? accepted : media.codecs.slice(0, 1).map((codec) => ({ ...codec, feedback: [] }));
  const ended = known && closed(known);
  return {
    mid: media.mid,
    kind: media.kind,
    rejected: codecs.length === 0,
    codecs,
    extensions: media.kind === "application" ? [] : acceptedExtensions(media.extensions, media.kind),
    rids: [],
    inbound: ended?.inbound ?? { state: "none" },
    outbound: ended?.outbound ?? { state: "none" },
  };
}

function rest(known: Section | undefined, media: MediaSection): Section {
  return { ...idle(known, media), rejected: true };
}

/** The m-line of all data channels of a session; there is one at the most. */
export function dataChannels(mid: string): Section {
  return {
    mid,
    kind: "application",
    rejected: false,
    codecs: [],
    extensions: [],
    rids: [],
    inbound: { state: "none" },
    outbound: { state: "none" },
  };
}

function refuse(message: string): Result<never> {
  return { ok: false, refusal: refusal("invalid_session_description", message) };
}
