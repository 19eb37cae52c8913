/** Which packets of publishers have come to the SFU, and in which order: what it can know when it sends something on. */
import type { Mark } from "./mark.ts";

/** When a packet came first, and how many others had come before. */
export interface Arrival {
  readonly at: number;
  readonly place: number;
  /** Whether others that follow it had come before. */
  readonly late: boolean;
}

interface Stream {
  readonly packets: Map<number, Arrival>;
  /** Frames and units by the first of their packets that came. */
  readonly frames: Map<number, Arrival>;
  readonly units: Map<number, Arrival>;
  /** Sequences whose packets may be left out: those of higher layers. */
  readonly spare: Set<number>;
  newest: number;
}

export class Register {
  readonly #streams = new Map<number, Stream>();
  #places = 0;

  arrived(mark: Mark, now: number): void {
    const { sequence, frame, unit } = mark;
    const stream = this.of(mark);
    if (stream.packets.has(sequence)) return;
    this.#places += 1;
    const arrival = { at: now, place: this.#places, late: sequence < stream.newest };
    stream.newest = Math.max(stream.newest, sequence);
    stream.packets.set(sequence, arrival);
    if (!stream.frames.has(frame)) stream.frames.set(frame, arrival);
    if (!stream.units.has(unit)) stream.units.set(unit, arrival);
    if (mark.spatial > 0 || mark.temporal > 0) stream.spare.add(sequence);
  }

  of({ track, stream }: { readonly track: number; readonly stream: number }): Stream {
    const key = track * 0x10000 + stream;
    let found = this.#streams.get(key);
    if (found === undefined) {
      found = { packets: new Map(), frames: new Map(), units: new Map(), spare: new Set(), newest: -1 };
      this.#streams.set(key, found);
    }
    return found;
  }
}
