/**
 * A peer's offer → the sections that answer it. Nothing is changed here: the session takes the new sections as a whole
 * or, when the offer is refused, not at all.
 */
import { type Result, refusal, type TrackObject, type TrackResult } from "@satsuma/protocol";
import { Publication } from "../forward/publication.ts";
import { acceptedForPublishing, mediaCodec } from "../sdp/codecs.ts";
import type { Description, MediaSection } from "../sdp/description.ts";
import { acceptedExtensions, extensionId, extensionUris } from "../sdp/extensions.ts";
import type { Section, Use } from "./section.ts";

export interface Answered {
  readonly sections: readonly Section[];
  /** One per requested track, in the order of the request. */
  readonly results: readonly TrackResult[];
}

export interface PublishingTerms {
  readonly session: string;
  readonly keyframeInterval: number;
}

/** `tracks` are the local tracks to publish, each named by the mid of an offered m-line. */
export function answerOffer(
  current: readonly Section[],
  offer: Description,
  tracks: readonly TrackObject[],
  terms: PublishingTerms,
): Result<Answered> {
  if (offer.media.length < current.length) return refuse("The offer has fewer m-lines than were negotiated before.");
  const requested = new Map<string, string>();
  for (const track of tracks) {
    if (track.mid === undefined || track.trackName === undefined) {
      return {
        ok: false,
        refusal: refusal("decoding_error", "Body JSON validation error: a local track needs mid and trackName"),
      };
    }
    if (!offer.media.some((media) => media.mid === track.mid))
      return refuse("The offer has no m-line with the mid of a track.");
    if (requested.has(track.mid))
      return { ok: false, refusal: refusal("invalid_params", "Two tracks of the request name the same mid.") };
    requested.set(track.mid, track.trackName);
  }
  // A name is free again as soon as this offer stops the m-line that had it.
  const used = new Set<string>();
  for (const [index, { use }] of current.entries()) {
    if (use.use === "push" && offer.media[index]?.rejected === false) used.add(use.publication.trackName);
  }

  const sections: Section[] = [];
  const failed = new Map<string, TrackResult>();
  for (const [index, media] of offer.media.entries()) {
    const before = current[index];
    const recycled = before !== undefined && before.mid !== media.mid;
    if (recycled && !before.rejected)
      return refuse(`The m-line of mid "${before.mid}" was given to another mid while in use.`);
    const known = recycled ? undefined : before;
    if (known !== undefined && known.kind !== media.kind)
      return refuse(`The m-line of mid "${known.mid}" changed its kind.`);
    const trackName = requested.get(media.mid);
    const obstacle = trackName === undefined ? undefined : obstacleTo(trackName, known, used);
    const section = answerSection(known, media, obstacle === undefined ? trackName : undefined, terms);
    if (obstacle !== undefined) failed.set(media.mid, { ...obstacle, trackName });
    else if (trackName !== undefined && section.use.use !== "push") {
      failed.set(media.mid, {
        ...refusedItem("invalid_params", "No codec of this m-line is forwarded by this server, or it does not send."),
        trackName,
      });
    }
    if (section.use.use === "push") used.add(section.use.publication.trackName);
    sections.push(section);
  }
  const results = tracks.map((track) => failed.get(track.mid ?? "") ?? { mid: track.mid, trackName: track.trackName });
  return { ok: true, value: { sections, results } };
}

/** Why a track may not be published on an m-line as far as names and uses go; the same name again on the same m-line may. */
function obstacleTo(trackName: string, known: Section | undefined, used: ReadonlySet<string>): TrackResult | undefined {
  if (known?.use.use === "push") {
    if (known.use.publication.trackName === trackName) return undefined;
    return refusedItem("repeated_local_track_error", "This m-line publishes a track of another name already.");
  }
  if (known?.use.use === "pull" || known?.use.use === "offered")
    return refusedItem("invalid_params", "This m-line receives a track; it cannot publish one too.");
  if (!used.has(trackName)) return undefined;
  return refusedItem("repeated_local_track_error", "This session publishes a track of that name already.");
}

function answerSection(
  known: Section | undefined,
  media: MediaSection,
  trackName: string | undefined,
  terms: PublishingTerms,
): Section {
  if (media.rejected || media.kind === "application") return { ...inactive(media), rejected: true };
  const free =
    known === undefined || known.use.use === "idle" || (known.use.use === "closed" && trackName !== undefined);
  // An m-line in use goes on as it was.
  if (!free) {
    const again = accepted(media);
    return known.use.use === "push" && again.codecs.length > 0 ? { ...known, ...again } : known;
  }
  if (trackName === undefined) return inactive(media);
  const { codecs, extensions } = accepted(media);
  const codec = mediaCodec(codecs);
  const sends = media.direction === "sendrecv" || media.direction === "sendonly";
  if (codec === undefined || !sends) return inactive(media);
  const publication = new Publication({
    ...terms,
    trackName,
    kind: media.kind,
    mid: media.mid,
    codec,
    midId: extensionId(extensions, extensionUris.mid),
    announcedSsrcs: media.ssrcs,
    audioLevelId: extensionId(extensions, extensionUris.audioLevel),
    videoOrientationId: extensionId(extensions, extensionUris.videoOrientation),
  });
  return { mid: media.mid, kind: media.kind, rejected: false, codecs, extensions, use: { use: "push", publication } };
}

function accepted(media: MediaSection): Pick<Section, "codecs" | "extensions"> {
  const codecs = media.kind === "application" ? [] : acceptedForPublishing(media.codecs, media.kind);
  return { codecs, extensions: acceptedExtensions(media.extensions) };
}

/**
 * An m-line without use still has to name a format of the offer, any one. It is not refused even when we forward none of
 * them: with the first m-line of the bundle refused, Chrome (156) cannot apply the answer.
 */
function inactive(media: MediaSection): Section {
  const { codecs, extensions } = accepted(media);
  const use: Use = { use: "idle" };
  const named = codecs.length > 0 ? codecs : media.codecs.slice(0, 1).map((codec) => ({ ...codec, feedback: [] }));
  return {
    mid: media.mid,
    kind: media.kind,
    rejected: media.rejected || named.length === 0,
    codecs: named,
    extensions,
    use,
  };
}

function refusedItem(code: "repeated_local_track_error" | "invalid_params", description: string): TrackResult {
  return { errorCode: code, errorDescription: description };
}

function refuse(message: string): Result<never> {
  return { ok: false, refusal: refusal("invalid_session_description", message) };
}
