/**
 * What must hold for every packet that the SFU sends to one subscriber on one stream, before any network touches it. The
 * rules have numbers, which are in docs/decisions/0015-impairment.md.
 *
 * Packets are looked at in stretches: a stretch is one stream of a publisher, from a keyframe on. A hole in its numbers is
 * a packet that the SFU has not received; a packet that was left out leaves none, and only one that nothing needs may be.
 */
import { ahead, type Rtp, Unwrapper } from "./bytes.ts";
import { type Mark, readMark } from "./mark.ts";
import { must } from "./must.ts";
import type { Arrival, Register } from "./register.ts";
import { type Owed, Repairs } from "./repairs.ts";
import { type Sent, Stretch } from "./stretch.ts";
import type { Line } from "./terms.ts";

/** Packets that are remembered: more than the SFU keeps numbers of. */
const memory = 1_000;

/** ms by which the timestamps of two stretches may differ from the time between them. */
const timestampTolerance = 5;

export class Ledger {
  readonly line: Line;
  /** The track that was pulled last, the one before it, and when that was left. */
  #track: number;
  #left: number | undefined;
  #leftAt = 0;
  readonly #register: Register;
  readonly #patience: number;
  readonly #stretches: Stretch[] = [];
  readonly #numbers = new Unwrapper(16);
  readonly #repairs: Repairs;
  #highest: number | undefined;
  #sentAt = 0;
  /** The number of the newest keyframe: the stream may have begun anew with it, without a sign of that in its numbers. */
  #keyframe = 0;
  readonly counts = { packets: 0, stretches: 0, thinned: 0 };

  /** `patience` is the ms for which the SFU may hold a packet back. */
  constructor(line: Line, track: number, register: Register, patience: number) {
    this.line = line;
    this.#track = track;
    this.#register = register;
    this.#patience = patience;
    this.#repairs = new Repairs(line, patience);
  }

  /** Another track was pulled on the same line. */
  turn(track: number, now: number): void {
    if (track === this.#track) return;
    this.#left = this.#track;
    this.#leftAt = now;
    this.#track = track;
  }

  get answered(): number {
    return this.#repairs.answered;
  }

  sent(packet: Rtp, now: number): void {
    if (packet.ssrc === this.line.repairSsrc) this.#repairs.repeated(packet, this.#highest, now);
    else this.#media(packet, now);
  }

  /** The subscriber's request has come to the SFU, which may take requests within `pause` ms of an answer for echoes of it. */
  asked(sequences: readonly number[], pause: number, now: number): void {
    if (this.#highest !== undefined) this.#repairs.asked(sequences, this.#highest, pause, now);
  }

  /** [N6] Nothing that was asked for is owed longer than it may be. */
  settle(now: number): void {
    this.#repairs.settle(Math.max(this.#keyframe, this.#stretches.at(-1)?.first ?? 0), this.#sentAt, now);
  }

  /** ms on the clock of the world at which the frame of a timestamp was captured, by the newest stretch. */
  capturedAt(timestamp: number): number | undefined {
    const current = this.#stretches.at(-1);
    // Right after another source was pulled, the newest stretch is still that of the one before.
    if (current?.track !== this.#track) return undefined;
    return (ahead(current.timestampShift, timestamp, 32) * 1_000) / this.#ticks(1_000);
  }

  #media(packet: Rtp, now: number): void {
    must(packet.payloadType === this.line.payloadType, "media has the payload type that was agreed");
    const number = this.#numbers.unwrap(packet.sequence);
    const mark = readMark(packet.payload);
    if (mark === undefined) throw new Error("[N2] what is sent was published");
    this.counts.packets += 1;
    this.#sentAt = now;
    const arrival = this.#register.of(mark).packets.get(mark.sequence);
    if (arrival === undefined) throw new Error(`[N2] number ${number} is sent before its packet has come`);
    // What pacing held back still leaves, or its numbers would be missed.
    const held = mark.track === this.#left && arrival.at <= this.#leftAt && now - arrival.at <= this.#patience;
    must(mark.track === this.#track || held, `track ${mark.track} is sent where ${this.#track} was pulled`);
    const before = this.#repairs.get(number);
    if (before !== undefined) {
      must(before.mark.id === mark.id, `[N1] number ${number} is given to two packets`);
      must(this.line.repairType === undefined, `[N1] number ${number} is sent twice on the stream itself`);
      this.#repairs.answer(number, before, now);
      return;
    }
    const stretch = this.#place(number, packet, mark, arrival);
    if (mark.key && mark.first && mark.spatial === 0) this.#keyframe = Math.max(this.#keyframe, number);
    // What came before the keyframe that the stretch waited for goes out after it.
    const waited = now - Math.max(arrival.at, stretch.begunAt);
    must(waited <= this.#patience, `[N3] number ${number} was kept for ${waited} ms`);
    const owed: Owed = { mark, receivedAt: arrival.at, asked: undefined, answeredAt: undefined, answers: 0 };
    this.#repairs.add(number, owed, number - memory);
    this.#highest = Math.max(this.#highest ?? number, number);
  }

  #place(number: number, packet: Rtp, mark: Mark, arrival: Arrival): Stretch {
    const current = this.#stretches.at(-1);
    if (this.#highest !== undefined && number < this.#highest) {
      const own = this.#stretches.findLast((stretch) => stretch.holds(mark, number));
      if (own === undefined) throw new Error(`[N1] number ${number} fills a place that was not kept for it`);
      own.fill(number, packet, mark, arrival);
      return own;
    }
    if (current !== undefined) {
      const broken = current.goesOn(number, packet, mark, arrival);
      if (broken === undefined) {
        this.counts.thinned += current.advance(number, packet, mark, arrival);
        return current;
      }
      const begins = this.line.kind === "audio" || (mark.key && mark.first && mark.spatial === 0);
      must(begins, `[N1] number ${number}: ${broken}, and no keyframe begins`);
      this.#follows(current, number, packet, mark, arrival);
    } else if (this.line.kind === "video") {
      must(mark.key && mark.first && mark.spatial === 0, "[N4] a stream begins with a keyframe");
    }
    const next = new Stretch(this.line, this.#register.of(mark), number, packet, mark, arrival);
    this.#stretches.push(next);
    this.counts.stretches += 1;
    return next;
  }

  /** Numbers go on from one stretch to the next as if they were one. */
  #follows(current: Stretch, number: number, packet: Rtp, mark: Mark, arrival: Arrival): void {
    must(number === current.last.number + 1, `[N1] the stretch at ${number} follows ${current.last.number}`);
    const off = Math.min(...[current.newest, current.last].map((last) => this.#offFrom(last, packet, mark, arrival)));
    must(off <= this.#ticks(timestampTolerance), `[N5] timestamps go on with the time at ${number}, but for ${off}`);
    const pictures = current.picturesTo(packet);
    must(
      pictures === undefined || pictures === 1 || current.stale,
      `[N5] picture ids go on at ${number}: ${pictures} more`,
    );
  }

  /** Ticks by which a timestamp is not where the time that has passed puts it. */
  #offFrom(last: Sent, packet: Rtp, mark: Mark, arrival: Arrival): number {
    const ticks = ahead(last.timestamp, packet.timestamp, 32);
    if (ticks <= 0) return Number.POSITIVE_INFINITY;
    // By the publisher's own clock where it has told of that, by ours otherwise.
    const passed = [mark.captured - last.mark.captured, arrival.at - last.at];
    return Math.min(...passed.map((time) => Math.abs(ticks - Math.max(1, this.#ticks(time)))));
  }

  #ticks(milliseconds: number): number {
    return Math.round((milliseconds * (this.line.kind === "audio" ? 48_000 : 90_000)) / 1_000);
  }
}
