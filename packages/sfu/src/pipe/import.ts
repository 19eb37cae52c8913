/**
 * A track of another server as this one has it: a publication whose packets come over a line.
 *
 * It bears the id of its publisher's session, which is no session here. Of what is asked of its publisher only keyframes
 * are passed on, since the line loses nothing: what its first server did not get, that server asks for.
 */
import type { Layer, LayerLimits } from "../forward/layer.ts";
import type { Publication } from "../forward/publication.ts";
import { readRtcp } from "../rtcp/read.ts";
import { readRtpHeader } from "../rtp/header.ts";
import { publicationOf, type TrackDescription } from "./description.ts";
import { type FrameHead, kinds } from "./frame.ts";
import { type Address, type Line, nothing } from "./line.ts";

export class Import {
  readonly publication: Publication;
  readonly #line: Line;
  readonly #stream: number;
  readonly #layers: readonly Layer[];

  constructor(track: TrackDescription, address: Address, line: Line, stream: number, limits: LayerLimits) {
    this.publication = publicationOf(track, address, limits);
    this.#line = line;
    this.#stream = stream;
    this.#layers = [...this.publication.layers.values()];
  }

  heard({ kind, layer: number }: FrameHead, body: Uint8Array, now: number): void {
    const layer = this.#layers[number];
    if (layer === undefined) return;
    if (kind === kinds.packet) {
      const header = readRtpHeader(body);
      if (header !== undefined) this.publication.received(layer, body, header, now);
    } else {
      for (const report of readRtcp(body)) {
        if (report.report === "sender") this.publication.senderReported(layer, report, now);
      }
    }
  }

  /** Only these layers are watched here. */
  want(rids: readonly string[]): void {
    const layers = this.#layers.flatMap(({ rid }, number) => (rids.includes(rid) ? [number] : []));
    this.#line.send({ kind: kinds.want, stream: this.#stream, layer: 0 }, Uint8Array.from(layers));
  }

  /** An RTCP packet for the publisher. False when it is about another track. */
  ask(packet: Uint8Array): void {
    for (const report of readRtcp(packet)) {
      if (report.report !== "keyframe-request") continue;
      const layer = this.#layers.findIndex(({ ssrc }) => ssrc === report.mediaSsrc);
      if (layer >= 0) this.#line.send({ kind: kinds.keyframe, stream: this.#stream, layer }, nothing);
    }
  }
}
