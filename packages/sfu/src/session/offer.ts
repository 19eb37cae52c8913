/** Sections that pull tracks, offered to a peer; and the peer's answer to them. Like answers, nothing is changed here. */
import { type Result, refusal } from "@satsuma/protocol";
import type { Publication } from "../forward/publication.ts";
import { Subscription } from "../forward/subscription.ts";
import { isRetransmission, mediaCodec, offeredForPulling, preferredPayloadType, sameFormat } from "../sdp/codecs.ts";
import type { Codec, Description, HeaderExtension, MediaSection } from "../sdp/description.ts";
import { extensionId, extensionUris, preferredExtensionId, sentExtensions } from "../sdp/extensions.ts";
import type { Section } from "./section.ts";

/** A section that offers `publication`, placed at the end or in place of a rejected one; undefined without a payload type for it. */
export function offerPull(
  sections: readonly Section[],
  mids: ReadonlySet<string>,
  publication: Publication,
  ssrc: number,
): { readonly sections: readonly Section[]; readonly mid: string } | undefined {
  const payloadType = payloadTypeFor(sections, publication.codec);
  if (payloadType === undefined) return undefined;
  const mid = freshMid(mids);
  const section: Section = {
    mid,
    kind: publication.kind,
    rejected: false,
    codecs: [offeredForPulling(publication.codec, payloadType)],
    extensions: extensionsFor(sections, publication.kind),
    use: {
      use: "offered",
      source: { sessionId: publication.session, trackName: publication.trackName },
      // One MediaStream and one cname per publisher: browsers keep what shares them in step.
      stream: { ssrc, cname: publication.session, streamId: publication.session, trackId: `track-${mid}-${ssrc}` },
    },
  };
  const free = sections.findIndex((other) => other.rejected && other.kind === section.kind);
  if (free === -1) return { sections: [...sections, section], mid };
  return { sections: sections.map((other, index) => (index === free ? section : other)), mid };
}

/** The sections after the peer answered; offered pulls that it accepted have a subscription. */
export function acceptAnswer(
  session: string,
  sections: readonly Section[],
  answer: Description,
  random16: () => number,
): Result<readonly Section[]> {
  if (answer.media.length !== sections.length) return refuse("The answer does not have the m-lines of the offer.");
  const next: Section[] = [];
  for (const [index, section] of sections.entries()) {
    const media = answer.media[index];
    if (media?.mid !== section.mid || media.kind !== section.kind)
      return refuse("The answer's m-lines are not those of the offer.");
    next.push(section.use.use === "offered" ? acceptPull(session, section, media, random16) : section);
  }
  return { ok: true, value: next };
}

function acceptPull(session: string, section: Section, media: MediaSection, random16: () => number): Section {
  if (section.use.use !== "offered") return section;
  const { source, stream } = section.use;
  const offered = mediaCodec(section.codecs);
  const codec = media.codecs.find((candidate) => offered !== undefined && sameFormat(candidate, offered));
  const receives = media.direction === "recvonly" || media.direction === "sendrecv";
  if (media.rejected || !receives || codec === undefined) {
    return { ...section, rejected: media.rejected, use: { use: "closed", last: source } };
  }
  const subscription = new Subscription({
    session,
    ssrc: stream.ssrc,
    payloadType: codec.payloadType,
    firstSequence: random16(),
    audioLevelId: extensionId(media.extensions, extensionUris.audioLevel),
    videoOrientationId: extensionId(media.extensions, extensionUris.videoOrientation),
  });
  const codecs = section.codecs.map((own) => ({ ...own, payloadType: codec.payloadType }));
  return { ...section, codecs, extensions: media.extensions, use: { use: "pull", source, stream, subscription } };
}

/** Small integers as at Calls, never one that the session has seen. */
function freshMid(mids: ReadonlySet<string>): string {
  let next = mids.size;
  while (mids.has(String(next))) next += 1;
  return String(next);
}

/** One payload type means one format in the whole bundle (RFC 9143 §9.2): reuse it, or take a free one. */
function payloadTypeFor(sections: readonly Section[], codec: Codec): number | undefined {
  const taken = new Map<number, Codec>();
  for (const section of sections) for (const other of section.codecs) taken.set(other.payloadType, other);
  for (const [payloadType, other] of taken) {
    if (!isRetransmission(other) && sameFormat(other, codec) && other.parameters === codec.parameters)
      return payloadType;
  }
  const preferred = preferredPayloadType(codec);
  if (!taken.has(preferred)) return preferred;
  // The dynamic range, from above, where browsers put the least; then the range that RFC 5761 §4 leaves free below it.
  for (let candidate = 127; candidate >= 96; candidate -= 1) if (!taken.has(candidate)) return candidate;
  for (let candidate = 63; candidate >= 35; candidate -= 1) if (!taken.has(candidate)) return candidate;
  return undefined;
}

/** One id means one extension in the whole bundle too. */
function extensionsFor(sections: readonly Section[], kind: "audio" | "video"): HeaderExtension[] {
  const taken = new Map<number, string>();
  for (const section of sections) for (const extension of section.extensions) taken.set(extension.id, extension.uri);
  return sentExtensions(kind).flatMap((uri) => {
    const known = [...taken].find(([, other]) => other === uri)?.[0];
    const free = [preferredExtensionId(uri), 14, 12, 11, 9, 8, 7, 6, 5].find((id) => !taken.has(id));
    const id = known ?? free;
    return id === undefined ? [] : [{ id, uri }];
  });
}

function refuse(message: string): Result<never> {
  return { ok: false, refusal: refusal("invalid_session_description", message) };
}
