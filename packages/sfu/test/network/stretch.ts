/** One stream of a publisher as a subscriber is sent it, from a keyframe on. */
import { ahead, type Rtp } from "./bytes.ts";
import { type Mark, type PictureCodec, readPicture } from "./mark.ts";
import { must } from "./must.ts";
import type { Arrival, Register } from "./register.ts";
import type { Line } from "./terms.ts";

/** ms for which the SFU keeps a packet (`repairWindow` of its limits). */
const window = 1_000;

export interface Sent {
  readonly number: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly mark: Mark;
  readonly pictureId: number;
  /** Whether it filled a place that was kept for it. */
  readonly fills: boolean;
  /** ms, when the SFU could send it. */
  readonly at: number;
}

export class Stretch {
  readonly track: number;
  readonly stream: number;
  /** What times of capture, as timestamps of the publisher's world, are moved by. */
  readonly timestampShift: number;
  readonly #baseShift: number;
  readonly #codec: PictureCodec | undefined;
  readonly #source: ReturnType<Register["of"]>;
  readonly first: number;
  readonly #begun: Arrival;
  /** Whether it began with a keyframe so late that some of what follows it is no longer kept. */
  readonly stale: boolean;
  /** Units of which anything was sent. */
  readonly #units = new Set<number>();
  /** Numbers by those of the source. */
  readonly #numbers = new Map<number, number>();
  /** The packet with the highest number, and the newest of those that filled no place that was kept. */
  last: Sent;
  newest: Sent;

  constructor(
    line: Line,
    source: ReturnType<Register["of"]>,
    number: number,
    packet: Rtp,
    mark: Mark,
    arrival: Arrival,
  ) {
    this.#codec = line.kind === "audio" ? undefined : (line.codec as PictureCodec);
    this.#source = source;
    this.track = mark.track;
    this.stream = mark.stream;
    this.first = number;
    this.#begun = arrival;
    this.timestampShift = this.#shiftOf(packet, mark);
    this.#baseShift = this.#tl0Of(packet) - mark.base;
    this.last = this.#sent(number, packet, mark, arrival);
    this.newest = this.last;
    this.stale = [...source.packets].some(([sequence, other]) => sequence > mark.sequence && this.#forgotten(other));
  }

  /** ms, when its first packet came. */
  get begunAt(): number {
    return this.#begun.at;
  }

  /** Whether a number that is not new can be of it. */
  holds(mark: Mark, number: number): boolean {
    return this.#isOf(mark) && number > this.first && number < this.last.number;
  }

  /** Why a packet with a new number does not go on from the last one; undefined when it does. */
  goesOn(number: number, packet: Rtp, mark: Mark, arrival: Arrival): string | undefined {
    const { last } = this;
    if (!this.#isOf(mark)) return "another stream";
    if (mark.sequence <= last.mark.sequence) return `${mark.sequence} comes after ${last.mark.sequence}`;
    if (this.#shiftOf(packet, mark) !== this.timestampShift) return "the timestamp leaves its stretch";
    const place = Math.max(arrival.place, this.#begun.place);
    let missing = 0;
    for (let sequence = last.mark.sequence + 1; sequence < mark.sequence; sequence += 1) {
      const other = this.#source.packets.get(sequence);
      if (other === undefined || other.place > place || this.#forgotten(other)) missing += 1;
      else if (!this.#source.spare.has(sequence)) return `${sequence}, which everybody needs, is left out`;
    }
    const kept = number - last.number - 1;
    if (kept !== missing) return `${kept} numbers are kept for ${missing} packets that have not come`;
    return this.#broken(packet, mark, arrival, missing);
  }

  /** What the numbers of pictures, the marker and what the packet needs of others say against it. */
  #broken(packet: Rtp, mark: Mark, arrival: Arrival, missing: number): string | undefined {
    if (this.#codec === undefined) return undefined;
    if ((this.#tl0Of(packet) - mark.base - this.#baseShift) % 256 !== 0) return "TL0PICIDX leaves its stretch";
    const { last, newest } = this;
    const place = Math.max(arrival.place, this.#begun.place);
    const expected = mark.frame - newest.mark.frame - (this.#codec === "VP8" ? this.#leftOut(mark.frame, place) : 0);
    const pictures = this.picturesTo(packet) ?? 0;
    const fills = this.#fills(arrival);
    // What fills a place may be of a picture that was left out otherwise, which nothing needs; but a keyframe is of none, and
    // one that came late may begin the stream anew where nothing was to go out for a while.
    const begins = mark.key && mark.first && mark.spatial === 0;
    if (this.stale || (fills && !begins)) return undefined;
    if (pictures !== expected) return `picture ids go on by ${pictures} instead of ${expected}`;
    if (fills || last.fills) return undefined;
    if (missing === 0 && last.marker !== mark.frame > last.mark.frame)
      return "the marker is not where the picture ends";
    for (const distance of mark.needs) {
      const unit = mark.unit - distance;
      const came = this.#source.units.get(unit);
      if (came !== undefined && came.place <= place && !this.#units.has(unit)) {
        return `unit ${mark.unit} is sent without ${unit}, which it needs`;
      }
    }
    return undefined;
  }

  /** Takes a packet that goes on from the last; gives how many were left out before it. */
  advance(number: number, packet: Rtp, mark: Mark, arrival: Arrival): number {
    const leftOut = mark.sequence - this.last.mark.sequence - (number - this.last.number);
    this.last = this.#sent(number, packet, mark, arrival);
    if (!this.last.fills) this.newest = this.last;
    return leftOut;
  }

  /** Takes a packet that came late. */
  fill(number: number, packet: Rtp, mark: Mark, arrival: Arrival): void {
    must(this.#shiftOf(packet, mark) === this.timestampShift, `[N5] the timestamp of ${number} leaves its stretch`);
    const before = this.#neighbour(mark.sequence, -1);
    const after = this.#neighbour(mark.sequence, 1);
    must(before < number && number < after, `[N1] number ${number} is not between ${before} and ${after}`);
    this.#sent(number, packet, mark, arrival);
  }

  /** By how much a picture id is ahead of the newest; undefined where there is none. */
  picturesTo(packet: Rtp): number | undefined {
    if (this.#codec === undefined) return undefined;
    return ahead(this.newest.pictureId, readPicture(packet.payload, this.#codec).pictureId, 15);
  }

  /** Pictures after the newest that had come and were not sent. */
  #leftOut(before: number, place: number): number {
    let count = 0;
    for (let frame = this.newest.mark.frame + 1; frame < before; frame += 1) {
      const arrival = this.#source.frames.get(frame);
      if (arrival !== undefined && arrival.place <= place && !this.#fills(arrival)) count += 1;
    }
    return count;
  }

  /** Packets that came before the stretch began go out in their order, even if they were late. */
  #fills({ late, place }: Arrival): boolean {
    return late && place > this.#begun.place;
  }

  /** Whether it was no longer kept when the stretch began. */
  #forgotten({ at }: Arrival): boolean {
    return this.#begun.at - at > window;
  }

  #neighbour(sequence: number, step: 1 | -1): number {
    for (let next = sequence + step; Math.abs(next - sequence) < 600; next += step) {
      const number = this.#numbers.get(next);
      if (number !== undefined) return number;
    }
    return step * Number.POSITIVE_INFINITY;
  }

  #sent(number: number, packet: Rtp, mark: Mark, arrival: Arrival): Sent {
    this.#units.add(mark.unit);
    this.#numbers.set(mark.sequence, number);
    const pictureId = this.#codec === undefined ? 0 : readPicture(packet.payload, this.#codec).pictureId;
    const { timestamp, marker } = packet;
    const at = Math.max(arrival.at, this.#begun.at);
    return { number, timestamp, marker, mark, pictureId, fills: this.#fills(arrival), at };
  }

  #isOf(mark: Mark): boolean {
    return mark.track === this.track && mark.stream === this.stream;
  }

  #shiftOf(packet: Rtp, mark: Mark): number {
    const ticks = Math.round((mark.captured * (this.#codec === undefined ? 48_000 : 90_000)) / 1_000);
    return (((packet.timestamp - ticks) % 2 ** 32) + 2 ** 32) % 2 ** 32;
  }

  #tl0Of(packet: Rtp): number {
    return this.#codec === undefined ? 0 : readPicture(packet.payload, this.#codec).tl0;
  }
}
