/** What one session sends us and what we send it: its tracks by mid, its streams by SSRC, its subscriptions by ours. */

import { Arrivals } from "../congestion/arrivals.ts";
import { reporterSsrc } from "../rtcp/write.ts";
import { findExtension, type RtpHeader, textExtension, uint16 } from "../rtp/header.ts";
import type { Downlink } from "./downlink.ts";
import type { Layer } from "./layer.ts";
import type { Publication } from "./publication.ts";
import type { Subscription } from "./subscription.ts";

export interface Stream {
  readonly publication: Publication;
  readonly layer: Layer;
}

export class Port {
  readonly downlink: Downlink;
  readonly publications = new Map<string, Publication>();
  readonly pulls = new Map<number, { readonly subscription: Subscription; readonly source: Publication }>();
  /** Whether its transport can send. Until then its subscriptions wait, or they would miss their keyframe. */
  connected = false;
  readonly #streams = new Map<number, Stream>();
  readonly #midIds = new Set<number>();
  /** When its packets came, once it publishes something that is told of. */
  #arrivals: Arrivals | undefined;
  #transportId = 0;
  readonly #mostStreams: number;

  constructor(downlink: Downlink, mostStreams: number) {
    this.downlink = downlink;
    this.#mostStreams = mostStreams;
  }

  publish(publication: Publication): void {
    this.publications.set(publication.mid, publication);
    if (publication.midId !== undefined) this.#midIds.add(publication.midId);
    if (publication.transportId > 0) {
      this.#transportId = publication.transportId;
      this.#arrivals ??= new Arrivals(reporterSsrc);
    }
    // Layers are told apart by rid alone; SSRC lines of simulcast are not read.
    const whole = publication.layers.get("");
    for (const ssrc of publication.announcedSsrcs) {
      if (whole === undefined || this.#streams.size >= this.#mostStreams) break;
      this.#streams.set(ssrc, { publication, layer: whole });
    }
  }

  unpublish(publication: Publication): void {
    this.publications.delete(publication.mid);
    for (const [ssrc, stream] of this.#streams) if (stream.publication === publication) this.#streams.delete(ssrc);
  }

  /** Notes when a packet came, if its publisher is to be told; gives when that is due. */
  arrived(packet: Uint8Array, header: RtpHeader, now: number): number | undefined {
    if (this.#arrivals === undefined) return undefined;
    const found = findExtension(packet, header, this.#transportId);
    if (found?.length === 2) this.#arrivals.received(uint16(packet, found.offset), header.ssrc, packet.length, now);
    return this.#arrivals.nextDeadline();
  }

  /** Tells the publisher what came, if that is due; gives when it is next. */
  feedBack(now: number): number | undefined {
    for (const feedback of this.#arrivals?.take(now) ?? []) this.downlink.control(feedback);
    return this.#arrivals?.nextDeadline();
  }

  /** The stream of an SSRC that is known already. */
  stream(ssrc: number): Stream | undefined {
    return this.#streams.get(ssrc);
  }

  /** The stream that a packet belongs to. One of an SSRC that no SDP named is found by its mid, and remembered. */
  streamOf(packet: Uint8Array, header: RtpHeader): Stream | undefined {
    const known = this.#streams.get(header.ssrc);
    if (known?.publication.takes(header.payloadType)) return known;
    // Another m-line may have taken the SSRC over; only a packet that names its mid can say so.
    if (known === undefined && this.#streams.size >= this.#mostStreams) return undefined;
    for (const id of this.#midIds) {
      const mid = textExtension(packet, header, id);
      const publication = mid === undefined ? undefined : this.publications.get(mid);
      if (!publication?.takes(header.payloadType)) continue;
      const layer = publication.layerOf(packet, header);
      if (layer === undefined) return undefined;
      const stream = { publication, layer };
      this.#streams.set(header.ssrc, stream);
      return stream;
    }
    return undefined;
  }
}
