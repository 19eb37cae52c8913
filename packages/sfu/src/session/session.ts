/**
 * One session: the negotiation of one PeerConnection. It answers offers, makes offers, and says what each leads to; it
 * opens no transport and forwards no packet.
 *
 * At most one offer of ours is outstanding. While it is, everything else that negotiates is refused.
 */
import {
  type CloseTracksRequest,
  type CloseTracksResponse,
  type Refusal,
  type Result,
  refusal,
  type SessionStateResponse,
  type TrackObject,
  type TrackResult,
} from "@satsuma/protocol";
import type { LayerLimits } from "../forward/layer.ts";
import type { Publication } from "../forward/publication.ts";
import type { AnnouncedStream, Description, MediaSection } from "../sdp/description.ts";
import { answerOffer, noWishes, type Terms, type Wishes } from "./answer.ts";
import { type Consequences, consequencesOf, type FindPublication } from "./consequences.ts";
import { failedItem, noPayloadType, notFound, unpublishedItem } from "./items.ts";
import { acceptAnswer, offerChannels, offerInvitation, offerPull } from "./offer.ts";
import { findTrack, type Placed, place, redirect } from "./redirect.ts";
import { closed, describe, describeAnswer, isOpen, publishedName, type Section } from "./section.ts";
import { statesOf } from "./states.ts";
import { newStream } from "./streams.ts";

/** What a step of the session gives back: m-lines for a description if one is due, a result per item, and what follows. */
export interface Step {
  readonly media: readonly MediaSection[] | undefined;
  readonly results: readonly TrackResult[];
  readonly consequences: Consequences;
}

export interface SessionOptions {
  readonly id: string;
  readonly limits: LayerLimits;
  /** Uniform in 0 … 2³²−1. */
  readonly random32: () => number;
  /** A name for a track that its publisher gave none. */
  readonly newName: () => string;
}

export class Session {
  readonly id: string;
  readonly #terms: Terms;
  readonly #random32: () => number;
  #sections: readonly Section[] = [];
  #offering = false;
  /** The mid under which we have offered data channels, until the answer. */
  #channelsOffered: string | undefined;
  /** Every mid the peer may still know, so that none is used twice. */
  readonly #mids = new Set<string>();

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#random32 = options.random32;
    this.#terms = {
      session: options.id,
      limits: options.limits,
      newName: options.newName,
      newStream: (source) => this.#newStream(source),
      random16: () => options.random32() & 0xffff,
    };
  }

  /** True while an offer of ours waits for its answer. */
  get offering(): boolean {
    return this.#offering;
  }

  /** Whether both sides have agreed on data channels. */
  get hasChannels(): boolean {
    return this.#sections.some(
      ({ kind, rejected, mid }) => kind === "application" && !rejected && mid !== this.#channelsOffered,
    );
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  published(trackName: string): Publication | undefined {
    for (const { inbound } of this.#sections) {
      if (inbound.state === "publishing" && inbound.publication.trackName === trackName) return inbound.publication;
    }
    return undefined;
  }

  /** Publishes tracks on an offer of the peer; `discover` takes every other new one that sends, too. */
  push(offer: Description, tracks: readonly TrackObject[], discover: boolean): Result<Step> {
    const publish = new Map<string, { trackName: string; bidirectional: boolean }>();
    for (const { mid, trackName, bidirectionalMediaStream } of tracks) {
      if (mid === undefined || trackName === undefined) return missing("a local track needs mid and trackName");
      if (publish.has(mid))
        return { ok: false, refusal: refusal("invalid_params", "Two tracks of the request name the same mid.") };
      publish.set(mid, { trackName, bidirectional: bidirectionalMediaStream ?? false });
    }
    const before = new Set(this.#sections.flatMap((section) => this.#publishedOn(section)?.mid ?? []));
    return this.#answer(offer, { publish, discover, pull: [] }, (unpublished) => {
      const named = tracks.map(({ mid = "", trackName }): TrackResult => {
        const why = unpublished.get(mid);
        return why === undefined ? { mid, trackName } : unpublishedItem(trackName, why);
      });
      const found = this.#sections.flatMap((section) => this.#publishedOn(section) ?? []);
      return [...named, ...found.filter(({ mid }) => discover && !publish.has(mid) && !before.has(mid))];
    });
  }

  /** Offers to receive tracks of the peer. */
  invite(tracks: readonly TrackObject[]): Result<Step> {
    return this.#offer((sections, track) => {
      const { trackName, kind, bidirectionalMediaStream } = track;
      if (trackName === undefined || kind === undefined)
        return failedItem(track, "invalid_params", "A track that the server invites needs trackName and kind.");
      const taken = sections.some(({ inbound }) => inbound.state !== "closed" && publishedName(inbound) === trackName);
      if (taken) return unpublishedItem(trackName, "name-taken");
      const mid = this.#newMid();
      const stream = bidirectionalMediaStream ? this.#newStream() : undefined;
      const offered = offerInvitation(sections, mid, { kind, trackName, stream });
      return offered === undefined ? noPayloadType(track) : { sections: offered, result: { mid, trackName } };
    }, tracks);
  }

  /**
   * Sends tracks of others: on a new m-line that is offered, or on the one that an item's `mid` names. Tracks that are
   * not there fail one by one; without any new m-line there is no offer.
   */
  pull(tracks: readonly TrackObject[], find: FindPublication): Result<Step> {
    return this.#offer(
      (sections, track) => {
        const publication = findTrack(track, find);
        if (publication === undefined) return notFound(track);
        if (track.mid !== undefined && track.mid !== "")
          return place(sections, track, track.mid, publication, this.#terms);
        const mid = this.#newMid();
        const stream = this.#newStream({ sessionId: publication.session });
        const { sessionId, trackName } = track;
        const offered = offerPull(sections, mid, publication, stream, track.simulcast);
        return offered === undefined
          ? noPayloadType(track)
          : { sections: offered, result: { sessionId, trackName, mid } };
      },
      tracks,
      find,
    );
  }

  /** Sends tracks of others on the receiving m-lines of an offer of the peer, as WHEP clients want it. */
  pullInto(offer: Description, tracks: readonly TrackObject[], find: FindPublication): Result<Step> {
    const found = tracks.map((track) => findTrack(track, find));
    const pull = found.filter((publication) => publication !== undefined);
    return this.#answer(
      offer,
      { publish: new Map(), discover: false, pull },
      (_, pulled) => {
        const mids = new Map(pull.map((publication, index) => [publication, pulled[index]]));
        return tracks.map((track, index) => {
          const publication = found[index];
          if (publication === undefined) return notFound(track);
          const mid = mids.get(publication);
          if (mid === undefined)
            return failedItem(
              track,
              "unsupported_codec_error",
              "No free m-line of the offer receives this track's codec.",
            );
          this.#prefer(mid, track);
          return { sessionId: track.sessionId, trackName: track.trackName, mid };
        });
      },
      find,
    );
  }

  /** Changes what a receiving m-line gets: another source, or other simulcast wishes. Allowed while an offer is outstanding. */
  update(tracks: readonly TrackObject[], find: FindPublication): Step {
    const before = this.#sections;
    const { sections, results, connected } = redirect(before, tracks, find, this.#terms);
    this.#sections = sections;
    const consequences = consequencesOf(before, sections, find);
    return { media: undefined, results, consequences: { ...consequences, redirected: connected } };
  }

  /** Offers data channels; gives the m-lines of the offer. */
  offerChannels(): Result<readonly MediaSection[]> {
    const busy = this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    this.#channelsOffered = this.#newMid();
    this.#take(offerChannels(this.#sections, this.#channelsOffered), () => undefined);
    this.#offering = true;
    return { ok: true, value: this.#sections.map(describe) };
  }

  /** Takes the answer to our offer. Results are of those m-lines that the peer did not take. */
  renegotiate(answer: Description, find: FindPublication): Result<Step> {
    if (!this.#offering) return noOffer;
    const accepted = acceptAnswer(this.#sections, answer, this.#terms);
    if (!accepted.ok) return accepted;
    this.#offering = false;
    this.#channelsOffered = undefined;
    const results = accepted.value.refused.map((mid): TrackResult => {
      return failedItem(
        { mid },
        "unsupported_codec_error",
        "The answer does not take this m-line: the peer lacks its codec, or does not want it.",
      );
    });
    return { ok: true, value: { media: undefined, results, consequences: this.#take(accepted.value.sections, find) } };
  }

  /** Closes by mid. With an offer it is negotiated, and `media` answers it; otherwise only the flow stops. */
  close(
    request: CloseTracksRequest,
    offer: Description | undefined,
  ): Result<Omit<Step, "results"> & { readonly results: NonNullable<CloseTracksResponse["tracks"]> }> {
    const busy = request.force ? undefined : this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    const closing = new Set(request.tracks.map((track) => track.mid));
    const open = new Set(this.#sections.filter(isOpen).map((section) => section.mid));
    let sections = this.#sections.map((section) => (closing.has(section.mid) ? closed(section) : section));
    if (offer !== undefined) {
      const answered = answerOffer(sections, offer, noWishes, this.#terms);
      if (!answered.ok) return answered;
      sections = [...answered.value.sections];
    }
    const consequences = this.#take(sections, () => undefined);
    const results = request.tracks.map(({ mid }) =>
      open.has(mid)
        ? { mid }
        : { mid, errorCode: "close_track_error", errorDescription: "Track doesn't exist or was already closed." },
    );
    return { ok: true, value: { media: offer && this.#answerTo(offer), results, consequences } };
  }

  /** Ends one published track, since nothing comes on it; its m-line stays. */
  endPublication(publication: Publication): Consequences {
    const { trackName } = publication;
    const sections = this.#sections.map((section): Section => {
      const { inbound } = section;
      const here = inbound.state === "publishing" && inbound.publication === publication;
      return here ? { ...section, inbound: { state: "closed", trackName } } : section;
    });
    return this.#take(sections, () => undefined);
  }

  /** Ends every track. The session takes no further call. */
  end(): Consequences {
    this.#offering = false;
    return this.#take([], () => undefined);
  }

  state(find: FindPublication): SessionStateResponse {
    return { tracks: this.#sections.flatMap((section) => statesOf(section, find)) };
  }

  #answer(
    offer: Description,
    wishes: Wishes,
    results: (
      unpublished: ReadonlyMap<string, "no-codec" | "not-sending" | "name-taken">,
      pulled: readonly (string | undefined)[],
    ) => TrackResult[],
    find: FindPublication = () => undefined,
  ): Result<Step> {
    const busy = this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    const answered = answerOffer(this.#sections, offer, wishes, this.#terms);
    if (!answered.ok) return answered;
    const { sections, unpublished, pulled } = answered.value;
    const consequences = this.#take(sections, find);
    return { ok: true, value: { media: this.#answerTo(offer), results: results(unpublished, pulled), consequences } };
  }

  #offer(
    step: (sections: readonly Section[], track: TrackObject) => TrackResult | Placed,
    tracks: readonly TrackObject[],
    find: FindPublication = () => undefined,
  ): Result<Step> {
    const busy = this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    const mids = new Set(this.#mids);
    let sections = this.#sections;
    const results = tracks.map((track): TrackResult => {
      const placed = step(sections, track);
      if (!("sections" in placed)) return placed;
      sections = placed.sections;
      return placed.result;
    });
    const consequences = this.#take(sections, find);
    // Only new m-lines have to be offered; what goes onto existing ones needs no word.
    this.#offering = sections.some((section) => !mids.has(section.mid));
    return { ok: true, value: { media: this.#offering ? sections.map(describe) : undefined, results, consequences } };
  }

  #prefer(mid: string, track: TrackObject): void {
    const outbound = this.#sections.find((section) => section.mid === mid)?.outbound;
    if (outbound?.state === "sending" && track.simulcast !== undefined)
      outbound.subscription.preference = track.simulcast;
  }

  #take(sections: readonly Section[], find: FindPublication): Consequences {
    const consequences = consequencesOf(this.#sections, sections, find);
    this.#sections = sections;
    for (const section of sections) this.#mids.add(section.mid);
    return consequences;
  }

  #answerTo(offer: Description): MediaSection[] {
    return this.#sections.map((section, index) => describeAnswer(section, offer.media[index]));
  }

  #publishedOn(section: Section): { mid: string; trackName: string } | undefined {
    const { inbound, mid } = section;
    return inbound.state === "publishing" ? { mid, trackName: inbound.publication.trackName } : undefined;
  }

  /** Small integers as at Calls, never one that the session has seen. */
  #newMid(): string {
    let next = this.#mids.size;
    while (this.#mids.has(String(next))) next += 1;
    this.#mids.add(String(next));
    return String(next);
  }

  /** One MediaStream and one cname per publisher: browsers keep what shares them in step. */
  #newStream(source?: { sessionId: string }): AnnouncedStream {
    return newStream(source?.sessionId ?? this.id, this.#sections, this.#random32);
  }

  #busy(): Refusal | undefined {
    if (!this.#offering) return undefined;
    return refusal(
      "invalid_session_description",
      "An offer of the server waits for its answer; send that to renegotiate first.",
    );
  }
}

const noOffer = {
  ok: false,
  refusal: refusal("invalid_session_description", "There is no offer that waits for an answer."),
} as const;

function missing(what: string): Result<never> {
  return { ok: false, refusal: refusal("decoding_error", `Body JSON validation error: ${what}`) };
}
