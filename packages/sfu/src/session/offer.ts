/** Sections that pull or invite tracks, offered to a peer; and the peer's answer to them. Nothing is changed here either. */
import { type Result, refusal, type Simulcast } from "@satsuma/protocol";
import { Publication } from "../forward/publication.ts";
import {
  invitedForPublishing,
  isRedundancy,
  isRetransmission,
  mediaCodec,
  offeredForPulling,
  preferredPayloadType,
  retransmissionOf,
  sameFormat,
} from "../sdp/codecs.ts";
import type { AnnouncedStream, Codec, Description, MediaSection } from "../sdp/description.ts";
import { numberExtensions, offeredUris } from "../sdp/extensions.ts";
import { dataChannels, type Terms } from "./answer.ts";
import { newSubscription } from "./outgoing.ts";
import { type Inbound, type Outbound, receives, type Section, sends } from "./section.ts";

/** The sections with one that offers `publication`; undefined without a payload type for it. */
export function offerPull(
  sections: readonly Section[],
  mid: string,
  publication: Publication,
  stream: AnnouncedStream,
  simulcast: Simulcast | undefined,
) {
  const { kind } = publication;
  const codecs = numberCodecs(
    offeredForPulling(publication.codec, publication.redundantPayloadType !== undefined),
    payloadTypes(sections),
  );
  if (codecs.length === 0) return undefined;
  const source = { sessionId: publication.session, trackName: publication.trackName };
  return place(sections, {
    mid,
    kind,
    rejected: false,
    codecs,
    extensions: numberExtensions(offeredUris(kind, { sends: true, receives: false }), extensionsOf(sections)),
    rids: [],
    inbound: { state: "none" },
    outbound: { state: "offered", source, stream, simulcast },
  });
}

/** The sections with one that offers to receive a track; with a stream, also to send on the same m-line later. */
export function offerInvitation(
  sections: readonly Section[],
  mid: string,
  invited: {
    readonly kind: "audio" | "video";
    readonly trackName: string;
    readonly stream: AnnouncedStream | undefined;
  },
) {
  const { kind, trackName, stream } = invited;
  const codecs = numberCodecs(invitedForPublishing(kind), payloadTypes(sections));
  if (codecs.length === 0) return undefined;
  return place(sections, {
    mid,
    kind,
    rejected: false,
    codecs,
    extensions: numberExtensions(
      offeredUris(kind, { sends: stream !== undefined, receives: true }),
      extensionsOf(sections),
    ),
    rids: [],
    inbound: { state: "invited", trackName },
    outbound: stream === undefined ? { state: "none" } : { state: "reserved", stream },
  });
}

/** The sections with the m-line of data channels. */
export function offerChannels(sections: readonly Section[], mid: string): readonly Section[] {
  return place(sections, dataChannels(mid));
}

export interface Accepted {
  readonly sections: readonly Section[];
  /** Mids of our offer that the peer did not take. */
  readonly refused: readonly string[];
}

/** The sections after the peer answered. */
export function acceptAnswer(sections: readonly Section[], answer: Description, terms: Terms): Result<Accepted> {
  if (answer.media.length !== sections.length) return refuse("The answer does not have the m-lines of the offer.");
  const next: Section[] = [];
  const refused: string[] = [];
  for (const [index, section] of sections.entries()) {
    const media = answer.media[index];
    if (media?.mid !== section.mid || media.kind !== section.kind)
      return refuse("The answer's m-lines are not those of the offer.");
    const accepted = acceptSection(section, media, terms);
    if (accepted === "refused") refused.push(section.mid);
    next.push(accepted === "refused" ? declined(section, media) : accepted);
  }
  return { ok: true, value: { sections: next, refused } };
}

function acceptSection(section: Section, media: MediaSection, terms: Terms): Section | "refused" {
  const { inbound, outbound } = section;
  if (section.kind === "application") return { ...section, rejected: section.rejected || media.rejected };
  if (inbound.state !== "invited" && outbound.state !== "offered") return section;
  const codec = mediaCodec(
    media.codecs.filter((candidate) => section.codecs.some((own) => sameFormat(own, candidate))),
  );
  if (media.rejected || codec === undefined || media.kind === "application") return "refused";
  const extensions = media.extensions;
  if (outbound.state === "offered") {
    if (!receives(media.direction)) return "refused";
    const { source, stream } = outbound;
    const subscription = newSubscription(stream, codec, media.codecs, extensions, terms);
    subscription.preference = outbound.simulcast;
    const sending: Outbound = { state: "sending", source, stream, subscription };
    return { ...section, codecs: agreed(section.codecs, codec), extensions, outbound: sending };
  }
  if (inbound.state !== "invited" || !sends(media.direction)) return "refused";
  const publication = new Publication({
    session: terms.session,
    trackName: inbound.trackName,
    kind: media.kind,
    mid: media.mid,
    codec,
    repairPayloadType: retransmissionOf(codec, media.codecs)?.payloadType,
    extensions,
    announcedSsrcs: media.ssrcs,
    rids: [],
    limits: terms.limits,
  });
  const publishing: Inbound = { state: "publishing", publication };
  const keepsSending = outbound.state === "reserved" && receives(media.direction);
  return {
    ...section,
    codecs: agreed(section.codecs, codec),
    extensions,
    inbound: publishing,
    outbound: keepsSending ? outbound : { state: "none" },
  };
}

function declined(section: Section, media: MediaSection): Section {
  const { inbound, outbound } = section;
  return {
    ...section,
    rejected: media.rejected,
    inbound: inbound.state === "invited" ? { state: "closed", trackName: inbound.trackName } : inbound,
    outbound: outbound.state === "offered" ? { state: "closed", source: outbound.source } : { state: "none" },
  };
}

/** Of what we offered, the codec that was taken and its retransmissions, under the payload types of the answer. */
function agreed(offered: readonly Codec[], taken: Codec): Codec[] {
  const own = offered.find((codec) => sameFormat(codec, taken));
  const number = own?.payloadType ?? taken.payloadType;
  const again = offered.filter(
    ({ parameters }) => parameters === `apt=${number}` || parameters === `${number}/${number}`,
  );
  return [{ ...taken, feedback: own?.feedback ?? [] }, ...again];
}

/**
 * At the end, or in place of a rejected m-line of the same kind, but never before the first that is in use: the bundle
 * hangs on that, and Chromium (156) answers with the bundle on what comes before it, which restarts ICE and DTLS.
 */
function place(sections: readonly Section[], section: Section): readonly Section[] {
  const anchor = sections.findIndex((other) => !other.rejected);
  const free = sections.findIndex((other, index) => index > anchor && other.rejected && other.kind === section.kind);
  return free === -1 ? [...sections, section] : sections.map((other, index) => (index === free ? section : other));
}

function payloadTypes(sections: readonly Section[]): Map<number, Codec> {
  return new Map(sections.flatMap((section) => section.codecs.map((codec) => [codec.payloadType, codec])));
}

function extensionsOf(sections: readonly Section[]) {
  return sections.flatMap((section) => section.extensions);
}

/** Codecs of an offer of ours under payload types that are free in the bundle, each retransmission behind its codec. */
function numberCodecs(codecs: readonly Codec[], taken: Map<number, Codec>): Codec[] {
  const numbers = new Map<number, number>();
  return codecs.flatMap((codec) => {
    // What repeats another codec names its number: retransmission once, redundancy twice.
    const of = /^(?:apt=(\d+)|(\d+)\/\2)$/.exec(codec.parameters)?.slice(1).find(Boolean);
    const target = of === undefined ? undefined : numbers.get(Number(of));
    if (of !== undefined && target === undefined) return [];
    const parameters = target === undefined ? codec.parameters : codec.parameters.replaceAll(String(of), `${target}`);
    const payloadType = freePayloadType(taken, { ...codec, parameters });
    if (payloadType === undefined) return [];
    numbers.set(codec.payloadType, payloadType);
    taken.set(payloadType, { ...codec, parameters });
    return [{ ...codec, payloadType, parameters }];
  });
}

/** One payload type means one format in the whole bundle (RFC 9143 §9.2): reuse it, or take a free one. */
function freePayloadType(taken: ReadonlyMap<number, Codec>, codec: Codec): number | undefined {
  for (const [payloadType, other] of taken) {
    if (sameFormat(other, codec) && other.parameters === codec.parameters) return payloadType;
  }
  const preferred = isRetransmission(codec) || isRedundancy(codec) ? codec.payloadType : preferredPayloadType(codec);
  if (!taken.has(preferred)) return preferred;
  // The dynamic range, from above, where browsers put the least; then the range that RFC 5761 §4 leaves free below it.
  for (let candidate = 127; candidate >= 96; candidate -= 1) if (!taken.has(candidate)) return candidate;
  for (let candidate = 63; candidate >= 35; candidate -= 1) if (!taken.has(candidate)) return candidate;
  return undefined;
}

function refuse(message: string): Result<never> {
  return { ok: false, refusal: refusal("invalid_session_description", message) };
}
