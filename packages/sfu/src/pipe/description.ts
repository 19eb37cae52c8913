/** A track as it is told to a server that pulls it: what a publication there is made of. */

import type { LayerLimits } from "../forward/layer.ts";
import { Publication } from "../forward/publication.ts";
import type { Codec, HeaderExtension } from "../sdp/description.ts";
import { passedOn } from "../sdp/extensions.ts";
import type { Address } from "./line.ts";

export interface TrackDescription {
  readonly kind: "audio" | "video";
  readonly mid: string;
  readonly codec: Codec;
  readonly redundantPayloadType?: number | undefined;
  /** Those that its packets still have behind their first server. */
  readonly extensions: readonly HeaderExtension[];
  /** Rids of its layers in the order that numbers them; empty without simulcast. */
  readonly rids: readonly string[];
}

export function describeTrack(publication: Publication): TrackDescription {
  const { kind, mid, codec, redundantPayloadType, extensions } = publication;
  return {
    kind,
    mid,
    codec,
    redundantPayloadType,
    extensions: extensions.filter(({ uri }) => passedOn(kind).includes(uri)),
    rids: publication.simulcast ? [...publication.layers.keys()] : [],
  };
}

/** The publication of a track that comes from another server. Nothing is lost on that way, so nothing comes twice either. */
export function publicationOf(track: TrackDescription, { session, name }: Address, limits: LayerLimits): Publication {
  return new Publication({
    ...track,
    session,
    trackName: name,
    // A track comes from one m-line of its publisher, and several servers number theirs alike.
    mid: `${track.mid}/${name}`,
    repairPayloadType: undefined,
    announcedSsrcs: [],
    limits,
  });
}
