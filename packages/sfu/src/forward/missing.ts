/**
 * Packets of one incoming stream that should have come by now, and when its publisher is asked for them again.
 *
 * A gap is first taken for packets that overtook each other. What does not come soon after is asked for, again when the
 * answer should have come, and given up when it is too old to be of use.
 */
import { sequenceDistance } from "../rtp/sequence.ts";
import type { AnswerTime } from "./answer-time.ts";

/** ms that a packet may be overtaken by others. */
const tolerance = 10;
/** How often a packet is asked for at the most. */
const mostTries = 10;
/** ms after which a lost packet is of no more use: receivers have gone on without its picture, or wait for another. */
const patience = 1_000;
/** More at once than this is an outage; a keyframe mends it sooner than its packets. */
const mostMissing = 256;
/** ms between two requests for a packet, however soon it is answered. */
const shortestPause = 20;

interface Gap {
  readonly sequence: number;
  readonly since: number;
  askedAt: number;
  tries: number;
}

export class Missing {
  readonly #answerTime: AnswerTime;
  #gaps: Gap[] = [];

  constructor(answerTime: AnswerTime) {
    this.#answerTime = answerTime;
  }

  get size(): number {
    return this.#gaps.length;
  }

  /** `count` packets from `first` on were not there when the next came. True when these are too many to ask for. */
  skipped(first: number, count: number, now: number): boolean {
    if (this.#gaps.length + count > mostMissing) {
      this.#gaps = [];
      return true;
    }
    for (let index = 0; index < count; index += 1) {
      const sequence = (first + index) & 0xffff;
      this.#gaps.push({ sequence, since: now, askedAt: now + tolerance, tries: 0 });
    }
    return false;
  }

  /** The packet came after all. */
  came(sequence: number, now: number): void {
    if (this.#gaps.length === 0) return;
    const at = this.#gaps.findIndex((gap) => gap.sequence === sequence);
    const [gap] = at === -1 ? [] : this.#gaps.splice(at, 1);
    if (gap === undefined || gap.tries === 0) return;
    if (gap.tries === 1) this.#answerTime.sample(now - gap.askedAt);
    else this.#answerTime.doubt(now);
  }

  /** What is to be asked for now, in ascending order. `lost` tells that something was given up. */
  due(now: number): { readonly sequences: number[]; readonly lost: boolean } {
    const before = this.#gaps.length;
    this.#gaps = this.#gaps.filter((gap) => now < gap.since + patience && gap.tries < mostTries);
    const sequences: number[] = [];
    for (const gap of this.#gaps) {
      if (now < this.#askAt(gap)) continue;
      gap.askedAt = now;
      gap.tries += 1;
      sequences.push(gap.sequence);
    }
    return { sequences: sequences.sort((a, b) => sequenceDistance(b, a)), lost: this.#gaps.length < before };
  }

  nextDeadline(): number | undefined {
    let next: number | undefined;
    for (const gap of this.#gaps) {
      const at = Math.min(this.#askAt(gap), gap.since + patience);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** Before the first try `askedAt` is when that is due. */
  #askAt({ askedAt, tries }: Gap): number {
    return tries === 0 ? askedAt : askedAt + Math.max(shortestPause, this.#answerTime.wait);
  }
}
