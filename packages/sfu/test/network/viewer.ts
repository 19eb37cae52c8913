/**
 * A simulated subscriber of one stream: puts packets in order, asks again for those that are missing, decodes frames as a
 * decoder would, and asks for a keyframe when it cannot go on.
 */
import { type Rtp, Unwrapper } from "./bytes.ts";
import { keyframeRequest, nack } from "./control.ts";
import { type Mark, readMark } from "./mark.ts";
import type { Line } from "./terms.ts";

/** ms between two requests for one packet, and how often it is asked for. */
const askInterval = 60;
const mostAsks = 8;
/** ms that a decoder waits for a packet before it goes on without. */
const holePatience = 400;
/** ms between two requests for a keyframe. */
const keyInterval = 300;
/** Units that what follows may need: two turns of any structure. */
const unitsKept = 64;
/** ms that packets may come out of order before one counts as missing. */
const reorderPatience = 10;

interface Hole {
  readonly since: number;
  askedAt: number | undefined;
  asks: number;
}

export class Feed {
  readonly line: Line;
  /** The track that it should show. */
  track: number;
  /** Pictures that were decoded, and parts of them that had to be thrown away. */
  decoded = 0;
  thrown = 0;
  /** When the last picture was decoded, and of which stream it was. */
  decodedAt: number | undefined;
  stream: number | undefined;
  /** When the last packet of whatever kind came. */
  heardAt: number | undefined;
  received = 0;
  highest = 0;
  /** When a spatial and temporal layer was decoded last, by `spatial * 4 + temporal`. */
  readonly layersAt = new Map<number, number>();
  readonly #numbers = new Unwrapper(16);
  readonly #waiting = new Map<number, Mark>();
  readonly #holes = new Map<number, Hole>();
  /** The next number to decode. */
  #next: number | undefined;
  /** First number that came. */
  first = 0;
  /** What was decoded of the stream that is shown, which is all that what follows may need. */
  #shown: { readonly track: number; readonly stream: number } | undefined;
  readonly #units = new Set<number>();
  /** The unit that is being put together, if it began at its beginning and has no hole. */
  #whole: number | undefined;
  #keyAskedAt: number | undefined;
  /** Since when nothing can be decoded without a keyframe. */
  #stuck = true;

  constructor(line: Line, track: number) {
    this.line = line;
    this.track = track;
  }

  get video(): boolean {
    return this.line.kind === "video";
  }

  /** A packet of the stream or of its retransmission. */
  heard(packet: Rtp, now: number): void {
    this.heardAt = now;
    this.received += 1;
    const repaired = packet.ssrc === this.line.repairSsrc;
    const { payload } = packet;
    const sequence = repaired ? ((payload[0] ?? 0) << 8) | (payload[1] ?? 0) : packet.sequence;
    const mark = readMark(repaired ? payload.subarray(2) : payload);
    if (mark === undefined || (repaired && this.#next === undefined)) return;
    const number = this.#numbers.unwrap(sequence);
    if (this.#next === undefined) {
      this.#next = number;
      this.first = number;
      this.highest = number - 1;
    }
    for (let missing = this.highest + 1; missing < number; missing += 1) {
      this.#holes.set(missing, { since: now, askedAt: undefined, asks: 0 });
    }
    this.highest = Math.max(this.highest, number);
    this.#holes.delete(number);
    if (number >= this.#next) this.#waiting.set(number, mark);
    this.#decode(now);
  }

  nextDeadline(): number | undefined {
    let next: number | undefined;
    for (const hole of this.#holes.values()) {
      const at = Math.min(this.#dueAt(hole), hole.since + holePatience);
      if (next === undefined || at < next) next = at;
    }
    const keyAt = this.#keyDueAt();
    return keyAt !== undefined && (next === undefined || keyAt < next) ? keyAt : next;
  }

  /** Reports that are due. */
  wake(now: number): Uint8Array[] {
    const { ssrc } = this.line;
    const wanted: number[] = [];
    for (const [number, hole] of this.#holes) {
      if (now >= hole.since + holePatience) {
        this.#holes.delete(number);
      } else if (this.#dueAt(hole) <= now) {
        hole.askedAt = now;
        hole.asks += 1;
        wanted.push(number & 0xffff);
      }
    }
    this.#decode(now);
    const keyAt = this.#keyDueAt();
    const needsKey = keyAt !== undefined && keyAt <= now;
    if (needsKey) this.#keyAskedAt = now;
    if (ssrc === undefined) return [];
    return [...(wanted.length > 0 ? [nack(ssrc, wanted)] : []), ...(needsKey ? [keyframeRequest(ssrc)] : [])];
  }

  /** When a packet is asked for again; never where that was not agreed. */
  #dueAt({ since, askedAt, asks }: Hole): number {
    if (!this.line.feedback.has("nack") || asks >= mostAsks) return Number.POSITIVE_INFINITY;
    return askedAt === undefined ? since + reorderPatience : askedAt + askInterval;
  }

  #keyDueAt(): number | undefined {
    if (!this.#stuck || !this.video || this.#next === undefined) return undefined;
    return (this.#keyAskedAt ?? Number.NEGATIVE_INFINITY) + keyInterval;
  }

  #decode(now: number): void {
    if (this.#next === undefined) return;
    while (this.#next <= this.highest) {
      const mark = this.#waiting.get(this.#next);
      if (mark === undefined) {
        if (this.#holes.has(this.#next)) return;
        this.#whole = undefined;
        this.#stuck = this.video;
      } else {
        this.#waiting.delete(this.#next);
        this.#assemble(mark, now);
      }
      this.#next += 1;
    }
  }

  #assemble(mark: Mark, now: number): void {
    const { unit, track, stream, spatial } = mark;
    if (mark.first) this.#whole = unit;
    else if (this.#whole !== unit) this.#whole = undefined;
    // Of a picture that was left out, a packet that was late may come all the same: it is no picture, and nothing needs it.
    if (!mark.last || this.#whole !== unit) return;
    this.#whole = undefined;
    const same = this.#shown?.track === track && this.#shown.stream === stream;
    if (!same && (mark.key || !this.video) && spatial === 0) {
      this.#shown = { track, stream };
      this.#units.clear();
    } else if (!same || mark.needs.some((distance) => !this.#units.has(unit - distance))) {
      this.thrown += 1;
      this.#stuck = true;
      return;
    }
    this.#units.add(unit);
    this.#units.delete(unit - unitsKept);
    if (mark.key && spatial === 0) this.#stuck = false;
    this.layersAt.set(spatial * 4 + mark.temporal, now);
    if (spatial > 0) return;
    this.decoded += 1;
    this.decodedAt = now;
    this.stream = stream;
  }
}
