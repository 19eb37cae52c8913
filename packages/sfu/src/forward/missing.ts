/**
 * Packets of one incoming stream that should have come by now, and when its publisher is asked for them again.
 *
 * A gap is first taken for packets that overtook each other. What does not come soon after is asked for, again after
 * every round trip, and given up when it is too old to be of use.
 */
import { sequenceDistance } from "../rtp/sequence.ts";

/** ms that a packet may be overtaken by others. */
const tolerance = 10;
/** How often a packet is asked for at the most. */
const mostTries = 10;
/** ms after which a lost packet is of no more use: receivers have gone on without its picture, or wait for another. */
const patience = 1_000;
/** More at once than this is an outage; a keyframe mends it sooner than its packets. */
const mostMissing = 256;
/** ms between two requests for a packet, whatever the round trip. */
const shortestPause = 20;

interface Gap {
  readonly sequence: number;
  readonly since: number;
  askedAt: number;
  tries: number;
}

export class Missing {
  #gaps: Gap[] = [];

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

  /** The packet came after all. Gives the ms since it was asked for, if it was exactly once: a round trip. */
  came(sequence: number, now: number): number | undefined {
    if (this.#gaps.length === 0) return undefined;
    const at = this.#gaps.findIndex((gap) => gap.sequence === sequence);
    const [gap] = at === -1 ? [] : this.#gaps.splice(at, 1);
    return gap?.tries === 1 ? now - gap.askedAt : undefined;
  }

  /**
   * What is to be asked for now, in ascending order, when an answer takes `roundTrip` ms. `lost` tells that something
   * was given up.
   */
  due(now: number, roundTrip: number): { readonly sequences: number[]; readonly lost: boolean } {
    const before = this.#gaps.length;
    this.#gaps = this.#gaps.filter((gap) => now < gap.since + patience && gap.tries < mostTries);
    const sequences: number[] = [];
    for (const gap of this.#gaps) {
      if (now < this.#askAt(gap, roundTrip)) continue;
      gap.askedAt = now;
      gap.tries += 1;
      sequences.push(gap.sequence);
    }
    return { sequences: sequences.sort((a, b) => sequenceDistance(b, a)), lost: this.#gaps.length < before };
  }

  nextDeadline(roundTrip: number): number | undefined {
    let next: number | undefined;
    for (const gap of this.#gaps) {
      const at = Math.min(this.#askAt(gap, roundTrip), gap.since + patience);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** Before the first try `askedAt` is when that is due. */
  #askAt({ askedAt, tries }: Gap, roundTrip: number): number {
    return tries === 0 ? askedAt : askedAt + Math.max(shortestPause, roundTrip);
  }
}
