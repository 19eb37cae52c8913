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
import type { Publication } from "../forward/publication.ts";
import type { Subscription } from "../forward/subscription.ts";
import type { Description, MediaSection } from "../sdp/description.ts";
import { answerOffer } from "./answer.ts";
import { acceptAnswer, offerPull } from "./offer.ts";
import { addressOf, describe, describeAnswer, type Section } from "./section.ts";

/** What a negotiation brought into being or ended, for the media path to follow. */
export interface Consequences {
  readonly published: readonly Publication[];
  readonly unpublished: readonly Publication[];
  readonly subscribed: readonly { readonly subscription: Subscription; readonly source: Publication | undefined }[];
  readonly unsubscribed: readonly Subscription[];
}

/** Looks up a publication of the same app. */
export type FindPublication = (sessionId: string, trackName: string) => Publication | undefined;

export interface SessionOptions {
  readonly id: string;
  readonly keyframeInterval: number;
  /** Uniform in 0 … 2³²−1. */
  readonly random32: () => number;
}

export class Session {
  readonly id: string;
  readonly #options: SessionOptions;
  #sections: readonly Section[] = [];
  #offering = false;
  /** Every mid the peer may still know, so that none is used twice. */
  readonly #mids = new Set<string>();

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** True while an offer of ours waits for its answer. */
  get offering(): boolean {
    return this.#offering;
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  /** Publishes tracks on an offer of the peer; gives the answer's m-lines. */
  push(
    offer: Description,
    tracks: readonly TrackObject[],
  ): Result<{
    readonly media: readonly MediaSection[];
    readonly results: readonly TrackResult[];
    readonly consequences: Consequences;
  }> {
    const busy = this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    const answered = answerOffer(this.#sections, offer, tracks, {
      session: this.id,
      keyframeInterval: this.#options.keyframeInterval,
    });
    if (!answered.ok) return answered;
    const consequences = this.#take(answered.value.sections, () => undefined);
    const media = this.#sections.map((section, index) => describeAnswer(section, offer.media[index]));
    return { ok: true, value: { media, results: answered.value.results, consequences } };
  }

  /** Offers tracks of others. Tracks that are not there fail one by one; without any success there is no offer. */
  pull(
    tracks: readonly TrackObject[],
    find: FindPublication,
  ): Result<{ readonly media: readonly MediaSection[] | undefined; readonly results: readonly TrackResult[] }> {
    const busy = this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    let sections = this.#sections;
    const results = tracks.map((track): TrackResult => {
      const { sessionId, trackName } = track;
      const publication = sessionId === undefined || trackName === undefined ? undefined : find(sessionId, trackName);
      if (publication === undefined) return { sessionId, trackName, ...trackNotFound };
      const offered = offerPull(sections, this.#mids, publication, this.#options.random32());
      if (offered === undefined) return { sessionId, trackName, ...noPayloadType };
      sections = offered.sections;
      this.#mids.add(offered.mid);
      return { sessionId, trackName, mid: offered.mid };
    });
    if (sections === this.#sections) return { ok: true, value: { media: undefined, results } };
    this.#sections = sections;
    this.#offering = true;
    return { ok: true, value: { media: sections.map(describe), results } };
  }

  /** Takes the answer to our offer. */
  renegotiate(answer: Description, find: FindPublication): Result<Consequences> {
    if (!this.#offering) {
      return {
        ok: false,
        refusal: refusal("invalid_session_description", "There is no offer that waits for an answer."),
      };
    }
    const random16 = () => this.#options.random32() & 0xffff;
    const accepted = acceptAnswer(this.id, this.#sections, answer, random16);
    if (!accepted.ok) return accepted;
    this.#offering = false;
    return { ok: true, value: this.#take(accepted.value, find) };
  }

  /** Closes by mid. With an offer it is negotiated, and `media` answers it; otherwise only the flow stops. */
  close(
    request: CloseTracksRequest,
    offer: Description | undefined,
  ): Result<{
    readonly media: readonly MediaSection[] | undefined;
    readonly results: NonNullable<CloseTracksResponse["tracks"]>;
    readonly consequences: Consequences;
  }> {
    const busy = request.force ? undefined : this.#busy();
    if (busy !== undefined) return { ok: false, refusal: busy };
    const closing = new Set(request.tracks.map((track) => track.mid));
    const open = new Set(this.#sections.filter(isOpen).map((section) => section.mid));
    let sections = this.#sections.map((section): Section => {
      if (!closing.has(section.mid) || !isOpen(section)) return section;
      return { ...section, use: { use: "closed", last: addressOf(section.use, this.id) } };
    });
    if (offer !== undefined) {
      const answered = answerOffer(sections, offer, [], {
        session: this.id,
        keyframeInterval: this.#options.keyframeInterval,
      });
      if (!answered.ok) return answered;
      sections = [...answered.value.sections];
    }
    const consequences = this.#take(sections, () => undefined);
    const results = request.tracks.map(({ mid }) =>
      open.has(mid)
        ? { mid }
        : { mid, errorCode: "close_track_error", errorDescription: "Track doesn't exist or was already closed." },
    );
    const media = offer && this.#sections.map((section, index) => describeAnswer(section, offer.media[index]));
    return { ok: true, value: { media, results, consequences } };
  }

  /** Ends every track. The session takes no further call. */
  end(): Consequences {
    this.#offering = false;
    return this.#take([], () => undefined);
  }

  state(find: FindPublication): SessionStateResponse {
    const tracks = this.#sections.flatMap((section): NonNullable<SessionStateResponse["tracks"]> => {
      const address = addressOf(section.use, this.id);
      if (address === undefined) return [];
      const location = address.sessionId === this.id && section.use.use !== "pull" ? "local" : "remote";
      const there = location === "local" || find(address.sessionId, address.trackName) !== undefined;
      const status =
        section.use.use === "closed" || !there ? "inactive" : section.use.use === "offered" ? "initializing" : "active";
      const sessionId = location === "remote" ? address.sessionId : undefined;
      return [{ location, mid: section.mid, trackName: address.trackName, sessionId, status }];
    });
    return { tracks };
  }

  #take(sections: readonly Section[], find: FindPublication): Consequences {
    const before = uses(this.#sections);
    const after = uses(sections);
    this.#sections = sections;
    for (const section of sections) this.#mids.add(section.mid);
    return {
      published: [...after.publications].filter((publication) => !before.publications.has(publication)),
      unpublished: [...before.publications].filter((publication) => !after.publications.has(publication)),
      subscribed: [...after.subscriptions]
        .filter(([subscription]) => !before.subscriptions.has(subscription))
        .map(([subscription, source]) => ({ subscription, source: find(source.sessionId, source.trackName) })),
      unsubscribed: [...before.subscriptions.keys()].filter((subscription) => !after.subscriptions.has(subscription)),
    };
  }

  #busy(): Refusal | undefined {
    if (!this.#offering) return undefined;
    return refusal(
      "invalid_session_description",
      "An offer of the server waits for its answer; send that to renegotiate first.",
    );
  }
}

const trackNotFound = {
  errorCode: "not_found_track_error",
  errorDescription: "The track was not found at its publisher. Check that its publisher is connected and sends it.",
};

const noPayloadType = {
  errorCode: "invalid_params",
  errorDescription: "This session has no payload type left for the format of the track.",
};

function isOpen(section: Section): boolean {
  return section.use.use === "push" || section.use.use === "pull" || section.use.use === "offered";
}

function uses(sections: readonly Section[]) {
  const publications = new Set<Publication>();
  const subscriptions = new Map<Subscription, { sessionId: string; trackName: string }>();
  for (const { use } of sections) {
    if (use.use === "push") publications.add(use.publication);
    if (use.use === "pull") subscriptions.set(use.subscription, use.source);
  }
  return { publications, subscriptions };
}
