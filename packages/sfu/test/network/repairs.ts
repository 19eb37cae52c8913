/** What a subscriber asked for again, and what it was sent again: each packet once for each request. */
import { ahead, type Rtp } from "./bytes.ts";
import { type Mark, readMark } from "./mark.ts";
import { must } from "./must.ts";
import type { Line } from "./terms.ts";

export interface Owed {
  readonly mark: Mark;
  /** ms, when the SFU received it. */
  readonly receivedAt: number;
  /** When it was asked for again and not answered yet. */
  asked: number | undefined;
  answeredAt: number | undefined;
  answers: number;
}

/** ms from its arrival in which a packet can be asked for again (`repairWindow` of the SFU's limits). */
const window = 1_000;
/** Numbers behind the newest that are still known: fewer than the SFU keeps, for what it holds back. */
const known = { audio: 40, video: 400 } as const;
/** Answers that one packet is worth. */
const mostAnswers = 6;

export class Repairs {
  readonly #line: Line;
  readonly #patience: number;
  readonly #sent = new Map<number, Owed>();
  /** Requests by number: a packet can be asked for before it is sent, when it was late. */
  readonly #requests = new Map<number, number>();
  readonly #asked = new Set<number>();
  #sequence: number | undefined;
  answered = 0;

  constructor(line: Line, patience: number) {
    this.#line = line;
    this.#patience = patience;
  }

  get(number: number): Owed | undefined {
    return this.#sent.get(number);
  }

  /** A packet was sent for the first time; one of so long ago is forgotten. */
  add(number: number, owed: Owed, forgotten: number): void {
    this.#sent.set(number, owed);
    this.#sent.delete(forgotten);
  }

  asked(sequences: readonly number[], highest: number, pause: number, now: number): void {
    for (const sequence of sequences) {
      const number = highest + ahead(highest & 0xffff, sequence, 16);
      const requests = (this.#requests.get(number) ?? 0) + 1;
      this.#requests.set(number, requests);
      const owed = this.#sent.get(number);
      if (owed === undefined) continue;
      if (now - owed.receivedAt > window || highest - number > known[this.#line.kind === "audio" ? "audio" : "video"])
        continue;
      if (requests > mostAnswers || (owed.answeredAt !== undefined && now - owed.answeredAt < pause)) continue;
      owed.asked ??= now;
      this.#asked.add(number);
    }
  }

  /** `since` is the number with which the newest stretch began, and `sentAt` when anything of the stream was sent last. */
  settle(since: number, sentAt: number, now: number): void {
    for (const number of this.#asked) {
      const asked = this.#sent.get(number)?.asked;
      // Who is sent less for lack of room is not sent again what was before: a lesser layer has begun, or none is sent.
      if (asked === undefined || (this.#patience > 0 && number < since)) this.#asked.delete(number);
      // What was held back by pacing still leaves after the stream has stopped.
      else if (this.#patience === 0 || sentAt > asked + this.#patience)
        must(now - asked <= this.#patience, `[N6] number ${number} was asked for at ${asked} and never came again`);
    }
  }

  /** RFC 4588 §4: the number of the packet that is repeated comes before its payload. */
  repeated(packet: Rtp, highest: number | undefined, now: number): void {
    const expected = this.#sequence === undefined ? packet.sequence : (this.#sequence + 1) & 0xffff;
    must(packet.sequence === expected, "[N1] retransmissions are numbered without a gap");
    must(packet.payloadType === this.#line.repairType, "retransmissions have the payload type that was agreed");
    this.#sequence = packet.sequence;
    // Padding alone, which probes for bandwidth.
    if (packet.payload.length === 0) return;
    const [high = 0, low = 0] = packet.payload;
    if (highest === undefined) throw new Error("[N6] nothing is repeated before anything was sent");
    const number = highest + ahead(highest & 0xffff, (high << 8) | low, 16);
    const owed = this.#sent.get(number);
    if (owed === undefined) throw new Error(`[N6] number ${number} is repeated and was never sent`);
    must(
      readMark(packet.payload.subarray(2))?.id === owed.mark.id,
      `[N6] number ${number} is repeated with another packet`,
    );
    this.answer(number, owed, now);
  }

  answer(number: number, owed: Owed, now: number): void {
    owed.answers += 1;
    const requests = this.#requests.get(number) ?? 0;
    must(owed.answers <= requests, `[N6] number ${number} is repeated ${owed.answers} times for ${requests} requests`);
    this.answered += 1;
    owed.asked = undefined;
    owed.answeredAt = now;
    this.#asked.delete(number);
  }
}
