/**
 * Which frames of a layered stream go out to one subscriber: up to a spatial and a temporal layer, lowered at once and
 * raised only where a decoder can follow.
 */
import { type Frame, mostLayers, pointBit } from "../rtp/frame.ts";
import { type Aim, all } from "./quality.ts";

export class Thinning {
  /** Highest layers that are to go out, and that do now. */
  #wantedSpatial = all;
  #wantedTemporal = all;
  #spatial = all;
  #temporal = all;
  /** Highest spatial layer that came. */
  #highest = 0;
  #picture = -1;
  /** A picture told that the temporal layers above may begin with the next one. */
  #opened = false;
  #begins = false;
  #lacks = false;

  /** Whether a spatial layer is wanted that does not go out: only a keyframe brings it for sure. */
  get waits(): boolean {
    return this.#spatial < Math.min(this.#wantedSpatial, this.#highest);
  }

  /** Whether the frame that `passes` was asked about last showed for the first time that one is. */
  get lacks(): boolean {
    return this.#lacks;
  }

  /** The highest spatial layer that goes out now. */
  get spatial(): number {
    return this.#spatial;
  }

  /** Whether the frame that `passes` was asked about last began a picture. */
  get begins(): boolean {
    return this.#begins;
  }

  aim({ spatial, temporal }: Aim): void {
    this.#wantedSpatial = spatial;
    this.#wantedTemporal = temporal;
  }

  /** The stream begins anew, at a keyframe. */
  restart(): void {
    this.#spatial = this.#wantedSpatial;
    this.#temporal = this.#wantedTemporal;
    this.#picture = -1;
    this.#opened = false;
    this.#highest = 0;
  }

  /** Whether the next packet goes out; `picture` is the timestamp that all packets of one picture share. */
  passes(frame: Frame, picture: number): boolean {
    if (picture === this.#picture && frame.spatial <= this.#highest) {
      this.#begins = false;
      this.#lacks = false;
      return frame.spatial <= this.#spatial && frame.temporal <= this.#temporal;
    }
    const waited = this.waits;
    if (frame.spatial > this.#highest) this.#highest = frame.spatial;
    this.#begins = picture !== this.#picture;
    if (this.#begins) {
      this.#picture = picture;
      this.#turn(frame);
    }
    this.#lacks = !waited && this.waits;
    return frame.spatial <= this.#spatial && frame.temporal <= this.#temporal;
  }

  #turn(frame: Frame): void {
    const spatial = this.#wantedSpatial;
    const temporal = this.#wantedTemporal;
    // Only at its beginning, since the marker tells where a picture ends: decoders take no more of one that has ended.
    if (spatial < this.#spatial || (frame.independent && frame.spatial === 0)) this.#spatial = spatial;
    if (temporal < this.#temporal) this.#temporal = temporal;
    if (temporal > this.#temporal) {
      if (frame.keyframe || this.#opened) this.#temporal = temporal;
      else if (frame.syncs && frame.temporal > this.#temporal && frame.temporal <= temporal) {
        this.#temporal = frame.temporal;
      }
    }
    this.#opened = frame.opens && frame.temporal <= this.#temporal;
    this.#switch(frame);
  }

  /** Where a frame tells which operating points it begins, the wanted one is taken as a whole. */
  #switch(frame: Frame): void {
    const spatial = this.#wantedSpatial;
    const temporal = this.#wantedTemporal;
    if (frame.switchable === 0 || (spatial <= this.#spatial && temporal <= this.#temporal)) return;
    for (let to = Math.min(spatial, mostLayers - 1); to >= this.#spatial; to -= 1) {
      for (let at = Math.min(temporal, mostLayers - 1); at >= frame.temporal; at -= 1) {
        if ((frame.switchable & pointBit(to, at)) === 0) continue;
        this.#spatial = to;
        this.#temporal = at;
        return;
      }
    }
  }
}
