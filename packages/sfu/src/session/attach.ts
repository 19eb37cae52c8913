/**
 * Sending on an m-line that is there already: the sending half of a bidirectional one, or another source for a track
 * that is being received. Needs no negotiation, since neither SSRC nor codec change.
 */
import type { TrackObject } from "@satsuma/protocol";
import type { Publication } from "../forward/publication.ts";
import { sameFormat } from "../sdp/codecs.ts";
import type { Terms } from "./answer.ts";
import { newSubscription } from "./outgoing.ts";
import { publishedName, type Section } from "./section.ts";

export type Unattached = "no-such-mid" | "not-sending" | "other-codec";

/** The sections with `publication` sent on the one that `mid` names: a real mid, or `#` and the name of a track published on it. */
export function attach(
  sections: readonly Section[],
  mid: string,
  publication: Publication,
  wish: TrackObject,
  terms: Terms,
): readonly Section[] | Unattached {
  const index = sections.findIndex((section) =>
    mid.startsWith("#") ? publishedName(section.inbound) === mid.slice(1) : section.mid === mid,
  );
  const section = sections[index];
  if (section === undefined || section.rejected) return "no-such-mid";
  const { outbound } = section;
  if (outbound.state !== "reserved" && outbound.state !== "sending") return "not-sending";
  const codec = section.codecs.find((candidate) => sameFormat(candidate, publication.codec));
  if (codec === undefined) return "other-codec";
  const { stream } = outbound;
  const subscription =
    outbound.state === "sending"
      ? outbound.subscription
      : newSubscription(stream, codec, section.codecs, section.extensions, terms);
  if (wish.simulcast !== undefined) subscription.preference = wish.simulcast;
  const source = { sessionId: publication.session, trackName: publication.trackName };
  const sending: Section = { ...section, outbound: { state: "sending", source, stream, subscription } };
  return sections.map((other, at) => (at === index ? sending : other));
}
