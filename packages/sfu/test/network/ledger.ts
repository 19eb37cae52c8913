/**
 * What must hold for every packet that the SFU sends to one subscriber on one stream, before any network touches it.
 *
 * Numbers of a stream are looked at in stretches: a stretch is one stream of a publisher, passed on with its numbers moved
 * by a fixed step. A hole inside a stretch is a packet that the SFU has not received; between two stretches there is none.
 */
import { ahead, type Rtp, Unwrapper } from "./bytes.ts";
import { type Mark, readMark, readPicture } from "./mark.ts";
import type { Line } from "./terms.ts";

/** What each number of the source is moved by. */
interface Shifts {
  readonly sequence: number;
  readonly timestamp: number;
  readonly picture: number;
  readonly tl0: number;
}

interface Stretch {
  readonly track: number;
  readonly stream: number;
  readonly shifts: Shifts;
  readonly first: number;
  /** The newest packet. */
  last: { readonly number: number; readonly timestamp: number; readonly mark: Mark; readonly pictureId: number };
}

interface Sent {
  readonly id: number;
  readonly at: number;
  /** When it was asked for again and not answered yet. */
  asked: number | undefined;
  answeredAt: number | undefined;
}

/** ms in which a packet can be asked for again, at the least; RFC 4588 leaves it to the sender. */
const repairWindow = 400;
/** ms after an answer in which the same request may be taken for an echo of the first. */
const repairPause = 250;
/** ms within which a request must be answered: pacing may hold it back. */
const repairPatience = 100;
/** Packets that are remembered. */
const memory = 4_000;

/** ms by which the timestamps of two stretches may differ from the time between their frames: what the frames were under way. */
const timestampTolerance = 400;

export class Ledger {
  readonly line: Line;
  /** The track that was pulled last. */
  track: number;
  readonly #arrived: (id: number) => boolean;
  readonly #strict: boolean;
  readonly #stretches: Stretch[] = [];
  readonly #numbers = new Unwrapper(16);
  readonly #sent = new Map<number, Sent>();
  #highest: number | undefined;
  #repairSequence: number | undefined;
  readonly #asked = new Set<number>();
  readonly counts = { packets: 0, answered: 0, unasked: 0, refused: 0, stretches: 0 };

  /**
   * `arrived` says whether a packet has come in by now. What is asked for comes again if `strict`; otherwise the way there
   * may be too narrow for it.
   */
  constructor(line: Line, track: number, arrived: (id: number) => boolean, strict: boolean) {
    this.#strict = strict;
    this.line = line;
    this.track = track;
    this.#arrived = arrived;
  }

  sent(packet: Rtp, now: number): void {
    if (packet.ssrc === this.line.repairSsrc) this.#repaired(packet, now);
    else this.#media(packet, now);
  }

  /** The subscriber's request has come to the SFU. */
  asked(sequences: readonly number[], now: number): void {
    for (const sequence of sequences) {
      if (this.#highest === undefined) return;
      const number = this.#highest + ahead(this.#highest & 0xffff, sequence, 16);
      const sent = this.#sent.get(number);
      if (sent === undefined || now - sent.at > repairWindow) continue;
      if (sent.answeredAt !== undefined && now - sent.answeredAt < repairPause) continue;
      sent.asked ??= now;
      this.#asked.add(number);
    }
  }

  /** Nothing that was asked for is owed longer than it may be. */
  settle(now: number): void {
    for (const number of this.#asked) {
      const asked = this.#sent.get(number)?.asked;
      if (asked === undefined) this.#asked.delete(number);
      else if (!this.#strict && now - asked > repairPatience) this.#giveUp(number);
      else must(now - asked <= repairPatience, `number ${number} was asked for at ${asked} and never came again`);
    }
  }

  /** ms on the clock of the world at which the frame of a timestamp was captured, by the newest stretch. */
  capturedAt(timestamp: number): number | undefined {
    const current = this.#stretches.at(-1);
    // Right after another source was pulled, the newest stretch is still that of the one before.
    if (current?.track !== this.track) return undefined;
    return (ahead(current.shifts.timestamp, timestamp, 32) * 1_000) / this.#ticks(1_000);
  }

  #giveUp(number: number): void {
    this.#asked.delete(number);
    this.counts.refused += 1;
  }

  /** The subscriber has let go of it, or the source is gone: nothing is owed any more. */
  forgive(): void {
    this.#asked.clear();
  }

  #media(packet: Rtp, now: number): void {
    must(packet.payloadType === this.line.payloadType, "media has the payload type that was agreed");
    const number = this.#numbers.unwrap(packet.sequence);
    const mark = readMark(packet.payload);
    if (mark === undefined) {
      must(packet.payload.length === 0, "what is sent was published, or is padding");
      must(this.#highest === undefined || number === this.#highest + 1, "padding takes the next number");
      this.#highest = number;
      return;
    }
    this.counts.packets += 1;
    must(this.#arrived(mark.id), "nothing is sent before it has come");
    must(mark.track === this.track, `track ${mark.track} is sent where ${this.track} was pulled`);
    const before = this.#sent.get(number);
    if (before !== undefined) {
      must(before.id === mark.id, `number ${number} is given to two packets`);
      must(this.line.repairType === undefined, `number ${number} is sent twice on the stream itself`);
      this.#answer(number, before, now);
      return;
    }
    this.#place(number, packet, mark);
    this.#sent.set(number, { id: mark.id, at: now, asked: undefined, answeredAt: undefined });
    this.#sent.delete(number - memory);
    this.#highest = Math.max(this.#highest ?? number, number);
  }

  /** RFC 4588 §4: the number of the packet that is repeated comes before its payload. */
  #repaired(packet: Rtp, now: number): void {
    const expected = this.#repairSequence === undefined ? packet.sequence : (this.#repairSequence + 1) & 0xffff;
    must(packet.sequence === expected, "retransmissions are numbered without a gap");
    must(packet.payloadType === this.line.repairType, "retransmissions have the payload type that was agreed");
    this.#repairSequence = packet.sequence;
    // Padding alone, which probes for bandwidth.
    if (packet.payload.length === 0) return;
    const [high = 0, low = 0] = packet.payload;
    must(this.#highest !== undefined, "nothing is repeated before anything was sent");
    const number = (this.#highest ?? 0) + ahead((this.#highest ?? 0) & 0xffff, (high << 8) | low, 16);
    const sent = this.#sent.get(number);
    must(sent !== undefined, `number ${number} is repeated and was never sent`);
    must(readMark(packet.payload.subarray(2))?.id === sent?.id, `number ${number} is repeated with another packet`);
    if (sent !== undefined) this.#answer(number, sent, now);
  }

  #answer(number: number, sent: Sent, now: number): void {
    if (sent.asked === undefined) this.counts.unasked += 1;
    else this.counts.answered += 1;
    sent.asked = undefined;
    sent.answeredAt = now;
    this.#asked.delete(number);
  }

  #place(number: number, packet: Rtp, mark: Mark): void {
    const { pictureId, tl0 } = this.line.kind === "video" ? readPicture(packet.payload) : { pictureId: 0, tl0: 0 };
    const last = { number, timestamp: packet.timestamp, mark, pictureId };
    const shifts: Shifts = {
      sequence: number - mark.sequence,
      timestamp: modulo(packet.timestamp - this.#ticks(mark.captured), 2 ** 32),
      picture: this.line.kind === "video" ? modulo(pictureId - mark.frame, 2 ** 15) : 0,
      tl0: this.line.kind === "video" ? modulo(tl0 - mark.frame, 2 ** 8) : 0,
    };
    const current = this.#stretches.at(-1);
    const own = this.#stretches.findLast(
      ({ track, stream, shifts: { sequence } }) =>
        track === mark.track && stream === mark.stream && sequence === shifts.sequence,
    );
    // By chance a stream can come back with the shift that it had before.
    if (own === undefined || (own !== current && number > own.last.number)) {
      this.#begin({ track: mark.track, stream: mark.stream, shifts, first: number, last }, current);
      return;
    }
    must(number >= own.first, `number ${number} is from before its stretch, which begins at ${own.first}`);
    must(own.shifts.timestamp === shifts.timestamp, `the timestamp of ${number} leaves its stretch`);
    must(own.shifts.picture === shifts.picture, `the picture id of ${number} leaves its stretch`);
    must(own.shifts.tl0 === shifts.tl0, `TL0PICIDX of ${number} leaves its stretch`);
    if (number > own.last.number) own.last = last;
  }

  #begin(next: Stretch, current: Stretch | undefined): void {
    const { first, last } = next;
    if (this.line.kind === "video")
      must(last.mark.key && last.mark.first, `the stretch at ${first} begins with a keyframe`);
    if (current !== undefined) {
      must(
        this.#highest === undefined || first === this.#highest + 1,
        `the stretch at ${first} follows ${this.#highest}`,
      );
      const ticks = ahead(current.last.timestamp, last.timestamp, 32);
      const passed = this.#ticks(last.mark.captured - current.last.mark.captured);
      must(ticks > 0, `timestamps go on at ${first}`);
      const off = Math.abs(ticks - passed);
      must(off <= this.#ticks(timestampTolerance), `timestamps go on with the time at ${first}: ${ticks} in ${passed}`);
      const pictures = ahead(current.last.pictureId, last.pictureId, 15);
      must(this.line.kind === "audio" || pictures === 1, `picture ids go on at ${first}: ${pictures} more`);
    }
    this.counts.stretches += 1;
    this.#stretches.push(next);
  }

  #ticks(milliseconds: number): number {
    return Math.round((milliseconds * (this.line.kind === "audio" ? 48_000 : 90_000)) / 1_000);
  }
}

class BrokenError extends Error {}

export function must(kept: boolean, what: string): void {
  if (!kept) throw new BrokenError(what);
}

function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}
