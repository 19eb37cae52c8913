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
  /** Frames that were decoded, and those that had to be thrown away. */
  decoded = 0;
  thrown = 0;
  /** When the last frame was decoded, and of which stream it was. */
  decodedAt: number | undefined;
  stream: number | undefined;
  /** When the last packet of whatever kind came. */
  heardAt: number | undefined;
  received = 0;
  highest = 0;
  readonly #numbers = new Unwrapper(16);
  readonly #waiting = new Map<number, Mark>();
  readonly #holes = new Map<number, Hole>();
  /** The next number to decode. */
  #next: number | undefined;
  /** First number that came. */
  first = 0;
  #last: { readonly track: number; readonly stream: number; readonly frame: number } | undefined;
  /** Whether the frame that is being put together began at its beginning and has no hole. */
  #whole = false;
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
        this.#whole = false;
        this.#stuck = this.video;
      } else {
        this.#waiting.delete(this.#next);
        this.#assemble(mark, now);
      }
      this.#next += 1;
    }
  }

  #assemble(mark: Mark, now: number): void {
    if (mark.first) this.#whole = true;
    if (!mark.last) return;
    const { key, track, stream, frame } = mark;
    const last = this.#last;
    const follows = last?.track === track && last.stream === stream && last.frame === frame - 1;
    if (this.#whole && (key || !this.video || (follows && !this.#stuck))) {
      this.decoded += 1;
      this.decodedAt = now;
      this.stream = stream;
      this.#last = { track, stream, frame };
      this.#stuck = false;
    } else {
      this.thrown += 1;
      this.#stuck = true;
    }
    this.#whole = false;
  }
}
